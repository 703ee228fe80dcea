import { expect, test } from 'vitest';
import { disableUser, verifyEmail } from '../support/asked.ts';
import type { TestServer } from '../support/running-server.ts';
import { Backend, hashesOf, send, serverOfTest } from './backend.ts';

const PATHS = ['/auth/forgot-password', '/auth/resend-verify-email'];

/** Names of one length: what is sealed is as long as what went in. */
const EMAILS = { known: 'known--@example.com', verified: 'proven-@example.com', disabled: 'locked-@example.com' };
const UNKNOWN = 'nobody-@example.com';

async function scene() {
  const server = await serverOfTest();
  const { orgId, apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  for (const email of Object.values(EMAILS)) {
    expect((await backend.signUp(email)).outcome).toBe('OK');
  }
  await disableUser(server.ports, { orgId, user: EMAILS.disabled });
  const { storage, mailTokens, clock } = server.ports;
  const { userId = '' } = (await storage.findUserByEmail(orgId, EMAILS.verified)) ?? {};
  const user = await storage.findUserCredentials(orgId, userId);
  if (user === null) {
    throw new Error('Nobody signed up.');
  }
  await verifyEmail(server.ports, { token: mailTokens.sign('verify_email', user, clock.now()).token });
  return { server, apiKey };
}

/** Every operation of the store that is asked for from now on, with how long its text is. */
function operationsOf({ ports: { storage } }: TestServer): string[] {
  const asked: string[] = [];
  // The sender looks for what waits all the time, and here finds nothing: what it would ask then is none of the caller's. Nor is what
  // the server does by its clock alone, which a slow machine lets into the midst of a call.
  Object.assign(storage, { listMailRequests: async () => [] });
  const ofOthers =
    /^(?:causedBy|origin|close|leaseMails|listMailRequests|answerMailRequest|countMails|hasDueMails|ping|read|list|sweep|recordSessionUses|addSigningKeyWhenDue)/;
  for (const [name, operation] of Object.entries({ ...storage })) {
    if (typeof operation === 'function' && !ofOthers.test(name)) {
      Object.assign(storage, {
        [name](this: unknown, ...args: unknown[]) {
          const size = (_: string, value: unknown) => (isBytes(value) ? value.data.length : value);
          asked.push(
            `${name} ${JSON.stringify(args, size).replaceAll(/"[\w+/=-]{40,}"|\d{10,}|(?<=,)(true|false)(?=]$)/g, '…')}`,
          );
          return Reflect.apply(operation as (...args: unknown[]) => unknown, this, args);
        },
      });
    }
  }
  return asked;
}

/** As a Buffer tells of itself. */
function isBytes(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
}

test('M2: a request for a mail is answered by the same bytes, and does the same, whoever has the address', async () => {
  const { server, apiKey } = await scene();
  const asked = operationsOf(server);
  const hashes = await hashesOf(server.httpAddress);
  for (const path of PATHS) {
    const told: object[] = [];
    for (const email of [UNKNOWN, ...Object.values(EMAILS)]) {
      asked.length = 0;
      const response = await fetch(`${server.httpAddress}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, api_key: apiKey, role: 'admin' }),
      });
      const headers = [...response.headers].filter(([name]) => name !== 'date');
      told.push({ status: response.status, headers, text: await response.text(), asked: [...asked] });
    }
    const steps = [expect.stringMatching(/^findApiKey/), expect.stringMatching(/^requestMail/)];
    expect(told[0]).toMatchObject({ status: 200, asked: steps });
    expect(told).toEqual(told.map(() => told[0]));
  }
  expect(await hashesOf(server.httpAddress)).toBe(hashes);
});

test('M2: beyond the requests that may wait, every address is told the same', async () => {
  const { server, apiKey } = await scene();
  const { storage } = server.ports;
  const full = { ...storage, requestMail: async () => ({ outcome: 'too_many', waiting: null }) as const };
  const requestMail = storage.requestMail;
  Object.assign(storage, { requestMail: full.requestMail });
  const replies = await Promise.all(
    [UNKNOWN, ...Object.values(EMAILS)].map((email) =>
      send(server.httpAddress, '/auth/forgot-password', { body: { email, api_key: apiKey } }),
    ),
  );
  Object.assign(storage, { requestMail });
  expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(replies[0]).toMatchObject({ status: 429, outcome: 'RATE_LIMITED' });
});
