// Runs the fetch client where there is nothing but the web's globals: node --experimental-vm-modules edge-runtime.js
// URL API_KEY. Prints the modules that it loaded and what a round trip gave, as JSON.
import { readFileSync } from 'node:fs';
import { createContext, SourceTextModule } from 'node:vm';

const [url, apiKey] = process.argv.slice(2);
const { AbortController, AbortSignal, atob, btoa, clearTimeout, crypto, fetch, Headers, performance } = globalThis;
const { Request, Response, setTimeout, TextDecoder, TextEncoder, URL } = globalThis;
const webGlobals = {
  ...{ AbortController, AbortSignal, atob, btoa, clearTimeout, crypto, fetch, Headers, performance },
  ...{ Request, Response, setTimeout, TextDecoder, TextEncoder, URL },
};
const context = createContext({ ...webGlobals, url, apiKey }, { codeGeneration: { strings: false, wasm: false } });
const modules = new Map();

const program = new SourceTextModule(
  `import { AuthFlowError, AuthFlowFetchClient } from '@authflow/client/fetch';
  import { AuthFlowFake } from '@authflow/client/fake';
  import { requireSession } from '@authflow/client/web';
  const auth = new AuthFlowFetchClient({ url, apiKey });
  const [email, password] = ['ada@example.com', 'Analytical-1843'];
  await auth.signUp({ email, password, fullname: 'Ada Lovelace', disclaimed: true });
  const { token: sessionToken } = await auth.login({ email, password });
  const user = await auth.validate({ sessionToken, email });
  const change = await auth.changePassword({ sessionToken, email, newPassword: 'Difference-1822' });
  await auth.logout({ sessionToken, email });
  const error = await auth.validate({ sessionToken, email }).catch((reason) => reason);
  const mute = new AuthFlowFetchClient({ url, apiKey, deadlineMs: 50, fetch: () => new Promise(() => {}) });
  const late = await mute.validate({ sessionToken, email }).catch((reason) => reason);
  const guarded = requireSession(auth, { rememberMs: 1000 })((_, { user }) => Response.json(user));
  const headers = { authorization: 'Bearer ' + sessionToken };
  const reply = await guarded(new Request('http://localhost/me', { headers }));
  const fake = new AuthFlowFake();
  await fake.signUp({ email, password, fullname: 'Ada Lovelace', disclaimed: true });
  const faked = await fake.login({ email, password });
  const fakedUser = await fake.validate({ sessionToken: faked.token });
  await fake.enableTotp({ sessionToken: faked.token });
  await fake.confirmTotp({ sessionToken: faked.token, code: await fake.totpCode(email) });
  const { methods } = await fake.loginStep({ email, password });
  auth.close();
  export const outcome = [user.fullname, change.endedSessions, error instanceof AuthFlowError, error.reason, late.code,
    reply.status, fakedUser.email, methods.join()];`,
  { context, identifier: import.meta.url },
);
await program.link(load);
await program.evaluate();
console.log(JSON.stringify({ specifiers: [...modules.keys()], outcome: program.namespace.outcome }));

function load(specifier, { identifier }) {
  const own = specifier.startsWith('@authflow/');
  const address = own ? import.meta.resolve(specifier) : new URL(specifier, identifier).href;
  const known = modules.get(specifier);
  if (known !== undefined) {
    return known;
  }
  const module = new SourceTextModule(readFileSync(new URL(address), 'utf8'), { context, identifier: address });
  modules.set(specifier, module);
  return module;
}
