// Does everything that could print, and prints everything that there is: node tell-all.js GRPC HTTP API_KEY.
// The first line that it prints is what no other may hold, as JSON.
import { createServer } from 'node:http';
import { inspect } from 'node:util';
import { AuthFlowClient } from '@authflow/client';
import { requireSession } from '@authflow/client/express';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { totp } from './totp.ts';

const [address = '', url = '', apiKey = ''] = process.argv.slice(2);
const password = 'Analytical-1843';
const clients = [new AuthFlowClient({ address, apiKey }), new AuthFlowFetchClient({ url, apiKey })];
const unreachable = [
  new AuthFlowClient({ address: '127.0.0.1:1', apiKey }),
  new AuthFlowFetchClient({ url: 'http://127.0.0.1:1', apiKey }),
];
const secrets = [apiKey, password];
const seen = [];

for (const [index, client] of clients.entries()) {
  const email = `ada-${index}@example.com`;
  await client.signUp({ email, password, fullname: 'Ada Lovelace', disclaimed: true });
  const session = await client.login({ email, password });
  const sessionToken = session.token;
  secrets.push(sessionToken);
  seen.push(session, await client.validate({ sessionToken, email }));
  seen.push(...(await tellSecondFactor(client, { email, sessionToken })));
  await client.logout({ sessionToken, email });
  seen.push(client, await client.validate({ sessionToken, email }).catch((error) => error));
  seen.push(await client.login({ email, password: `${password}\ud800` }).catch((error) => error));
  seen.push(await client.validate({ sessionToken: `${sessionToken}\ud800`, email }).catch((error) => error));
  seen.push(await unreachable[index].login({ email, password, sessionToken }).catch((error) => error));
  const later = { signal: AbortSignal.timeout(1), deadlineMs: 50 };
  seen.push(await unreachable[index].validate({ sessionToken, email }, later).catch((error) => error));
  seen.push(await unreachable[index].validate({ sessionToken, email }).catch((error) => error));
  for (const validator of [client, unreachable[index]]) {
    const middleware = requireSession(validator, { rememberMs: 1_000, onError: (error) => seen.push(error) });
    seen.push(middleware, await answerTo(`Bearer ${sessionToken}`, middleware));
  }
}
for (const Client of [AuthFlowClient, AuthFlowFetchClient]) {
  for (const wrong of [`${apiKey}\n`, `${apiKey} `, `${apiKey}\u{1f511}`]) {
    try {
      new Client({ address, url, apiKey: wrong });
    } catch (error) {
      seen.push(error);
    }
  }
}

console.log(JSON.stringify(secrets));
for (const each of seen) {
  console.log(inspect(each, { depth: Number.POSITIVE_INFINITY, showHidden: true }));
  console.log(String(each), JSON.stringify(each), each.stack);
}
for (const client of [...clients, ...unreachable]) {
  client.close();
}

/** What the calls of second factors give; the secrets in it are noted. */
async function tellSecondFactor(client, { email, sessionToken }) {
  const setup = await client.enableTotp({ sessionToken });
  // A nonce is good for five minutes, told in whole seconds: tests put the server's clock forward.
  const now = (await client.fooBar({ identity: email })).expiresAt.getTime() - 5 * 60_000;
  const confirmed = await client.confirmTotp({ sessionToken, code: totp(setup.secret, now) });
  const step = await client.loginStep({ email, password });
  const error = await client.login({ email, password }).catch((reason) => reason);
  const { challenge } = step;
  const wrong = await client.verifyTotp({ challenge, code: '000000' }).catch((reason) => reason);
  secrets.push(challenge, error.challenge.challenge, setup.secret, setup.otpauthUrl, setup.qrCode);
  secrets.push(...confirmed.recoveryCodes);
  return [setup, confirmed, step, error, error.challenge, error.cause ?? error, wrong];
}

async function answerTo(authorization, middleware) {
  const server = createServer((request, response) => middleware(request, response, () => response.end('in')));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const reply = await fetch(`http://127.0.0.1:${server.address().port}`, { headers: { authorization } });
  const text = await reply.text();
  server.closeAllConnections();
  server.close();
  return text;
}
