import { isSendable } from './session-token.ts';

/** What is used of AsyncLocalStorage. */
interface Storage {
  run<T>(sessionToken: string, handler: () => T): T;
  getStore(): string | undefined;
}

type StorageClass = new () => Storage;

const storage = newStorage();

/**
 * Runs a handler in such a way that every login that it makes, later ones too, tells the server the session that its
 * request came with. Without a token, or where the runtime has no AsyncLocalStorage, it is just run.
 */
export function withPreviousSession<T>(sessionToken: string | null, handler: () => T): T {
  return sessionToken === null || storage === null ? handler() : storage.run(sessionToken, handler);
}

/**
 * The session that a login tells of: the one that was given, else that of the request whose handler this is; undefined
 * where there is none, or none that a request can carry. What a visitor sends must not fail a call.
 */
export function previousSession(given: string | undefined): string | undefined {
  const sessionToken = given ?? storage?.getStore();
  return isSendable(sessionToken) ? sessionToken : undefined;
}

/** Not by an import: runtimes of `fetch` alone have a global, or nothing. */
function newStorage(): Storage | null {
  const runtime: {
    readonly AsyncLocalStorage?: StorageClass;
    readonly process?: { readonly getBuiltinModule?: (id: string) => object | undefined };
  } = globalThis;
  const hooks: { readonly AsyncLocalStorage?: StorageClass } | undefined =
    runtime.process?.getBuiltinModule?.('node:async_hooks');
  const Class = runtime.AsyncLocalStorage ?? hooks?.AsyncLocalStorage;
  return Class === undefined ? null : new Class();
}
