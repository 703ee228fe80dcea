import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACCOUNTS } from '../../src/operations/accounts.ts';
import { AUTH } from '../../src/operations/auth.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { Backend, inParallel, PASSWORD, send } from './backend.ts';

const EMAIL = 'user@example.com';
const REQUESTS = 1_000;

let server: TestServer;
let backend: Backend;
let session: string;

beforeAll(async () => {
  server = await startTestServer();
  const { apiKey } = await server.createOrganization();
  backend = new Backend(server.httpAddress, apiKey);
  await backend.signUp(EMAIL);
  session = (await backend.login(EMAIL)).field('token');
});

afterAll(() => server[Symbol.asyncDispose]());

test.each([
  { origin: 'https://app.example' },
  { 'sec-fetch-site': 'none' },
  { 'sec-fetch-dest': 'document' },
  { cookie: 'session=1' },
])(`K3: ${REQUESTS} requests with %o are refused, though their credentials are right`, async (sign) => {
  const organizations = (await server.ports.storage.listOrganizations({ limit: 200, after: null })).length;
  const foobar = await backend.nonce(EMAIL);
  const fields = {
    api_key: backend.apiKey,
    identity: EMAIL,
    email: EMAIL,
    foobar,
    password: PASSWORD,
    newPassword: 'Another-Horse-8',
    sessionToken: session,
    fullname: 'Ada',
    disclaimed: 'true',
  };
  const headers = { ...sign, authorization: `Bearer ${server.adminToken}` };
  const ways = [AUTH, ACCOUNTS].flatMap(({ operations }) =>
    operations.flatMap(({ method, rest }) => {
      const { disclaimed: _, ...messageFields } = fields;
      const { typeName } = method.parent;
      const query = new URLSearchParams(fields);
      return [
        () => send(server.httpAddress, rest.path, { body: fields, headers: sign }),
        () => send(server.httpAddress, `${rest.path}?${query}`, { method: 'GET', headers: sign }),
        () => send(server.httpAddress, `/${typeName}/${method.name}`, { body: messageFields, headers: sign }),
      ];
    }),
  );
  ways.push(
    () => send(server.httpAddress, '/organizations', { method: 'GET', headers }),
    () => send(server.httpAddress, '/organizations', { body: { name: `From a browser ${foobar}` }, headers }),
    () => send(server.httpAddress, '/authflow.v1.OrganizationService/ListOrganizations', { body: {}, headers }),
  );
  const replies = await inParallel(REQUESTS, 16, async (index) => {
    const ask = ways[index % ways.length] ?? expect.fail();
    let reply = await ask();
    // A busy machine makes that of any test, by whatever name an entrance has for it: what is refused so was not done.
    while (reply.status === 429) {
      await setTimeout(50);
      reply = await ask();
    }
    return [reply.status, reply.text.includes('ORIGIN_REFUSED')];
  });
  expect(replies.filter(([status, named]) => status !== 401 || named !== true)).toEqual([]);
  // Nothing was done: the session lives, the nonce is unspent, and there is no organization more.
  expect((await backend.validate(EMAIL, session)).outcome).toBe('OK');
  expect((await backend.call('login', { foobar, email: EMAIL, password: PASSWORD })).outcome).toBe('OK');
  expect(await server.ports.storage.listOrganizations({ limit: 200, after: null })).toHaveLength(organizations);
});
