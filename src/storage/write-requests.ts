import type { AuditOrigin } from '../domain/audit/audit-event.ts';
import { AuthError } from '../domain/errors.ts';
import type { AskedWrite } from './asked-write.ts';
import type { WriteName } from './operations.ts';

/** Who runs writes: a thread, another process, or a store itself. */
export interface Writer {
  write(name: WriteName, args: readonly unknown[], origin: AuditOrigin): Promise<unknown>;
  /** Refuses what comes from now on, and lets what was asked for before end. */
  close(): Promise<void>;
}

/** A write that is asked for, as it passes between threads or processes. */
export interface WriteRequest extends AskedWrite {
  readonly id: number;
}

/** What became of it: its outcome once it was committed, or why it was not. */
export type WriteReply =
  | { readonly id: number; readonly outcome: unknown }
  | { readonly id: number; readonly fault: WriteFault };

/** An error as it passes on, with what led to it. */
export interface WriteFault {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  readonly isUnavailable: boolean;
  readonly cause: WriteFault | undefined;
}

interface Pending {
  readonly resolve: (outcome: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The asking side: writes that wait for their reply. What one turn of the event loop asks for goes over at once. */
export class PendingWrites {
  readonly #send: (requests: readonly WriteRequest[]) => void;
  readonly #pending = new Map<number, Pending>();
  #unsent: WriteRequest[] = [];
  #lastId = 0;
  #onEmpty: (() => void) | null = null;

  constructor(send: (requests: readonly WriteRequest[]) => void) {
    this.#send = send;
  }

  get size(): number {
    return this.#pending.size;
  }

  ask(write: AskedWrite): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    if (this.#unsent.push({ id, ...write }) === 1) {
      setImmediate(() => this.flush());
    }
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
  }

  /** Sends what was asked for until now. */
  flush(): void {
    const requests = this.#unsent;
    this.#unsent = [];
    if (requests.length > 0) {
      this.#send(requests);
    }
  }

  receive(replies: readonly WriteReply[]): void {
    for (const reply of replies) {
      const pending = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      if ('fault' in reply) {
        pending?.reject(toError(reply.fault));
      } else {
        pending?.resolve(reply.outcome);
      }
    }
    this.#tellEmpty();
  }

  /** Nobody answers any more: rejects every write with what `errorOf` makes, and those that were not sent are not. */
  end(errorOf: () => unknown): void {
    this.#unsent = [];
    for (const { reject } of this.#pending.values()) {
      reject(errorOf());
    }
    this.#pending.clear();
    this.#tellEmpty();
  }

  /** Fulfilled when none waits. */
  async drained(): Promise<void> {
    this.flush();
    if (this.#pending.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
  }

  #tellEmpty(): void {
    if (this.#pending.size === 0) {
      this.#onEmpty?.();
    }
  }
}

/** The answering side: runs what comes, and says what became of it; replies of one moment go back at once. */
export function answerWrites(
  write: Writer['write'],
  say: (replies: readonly WriteReply[]) => void,
): (requests: readonly WriteRequest[]) => Promise<void> {
  let replies: WriteReply[] = [];

  async function answer({ id, name, args, origin }: WriteRequest): Promise<void> {
    try {
      reply({ id, outcome: await write(name, args, origin) });
    } catch (error) {
      reply({ id, fault: toFault(error) });
    }
  }

  function reply(made: WriteReply): void {
    if (replies.push(made) === 1) {
      queueMicrotask(() => {
        const together = replies;
        replies = [];
        say(together);
      });
    }
  }

  return async (requests) => {
    await Promise.all(requests.map(answer));
  };
}

function toFault(error: unknown): WriteFault {
  const { name, message, stack, cause } = error instanceof Error ? error : new Error(String(error));
  return {
    name,
    message,
    stack,
    code: error instanceof Error && 'code' in error ? String(error.code) : undefined,
    isUnavailable: error instanceof AuthError && error.reason === 'UNAVAILABLE',
    cause: cause === undefined ? undefined : toFault(cause),
  };
}

function toError({ isUnavailable, name, message, stack, code, cause }: WriteFault): Error {
  const options = cause === undefined ? {} : { cause: toError(cause) };
  if (isUnavailable) {
    return new AuthError('UNAVAILABLE', options);
  }
  return Object.assign(new Error(message, options), { name, stack, ...(code === undefined ? {} : { code }) });
}
