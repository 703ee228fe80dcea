import { type AuthFlow, AuthFlowClient } from '@authflow/client';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { ConfirmTotpResponseSchema } from '@authflow/stubs/authflow/v1/second_factor_service_pb';
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startCutServer } from './support/cut-server.ts';
import { REFUSED } from './support/refusing.ts';
import { rejection } from './support/rejection.ts';

const SESSION = { sessionToken: 'header.payload.signature', email: 'ada@example.com' };
const CHALLENGE = { challenge: 'a-challenge' };
const CODE = { code: '123456' };
const PROOF = { currentPassword: 'Analytical-1843', ...CODE };

/** Each call with its name on gRPC, its path under /auth, and what is sent; `snake` where JSON spells it otherwise. */
const CALLS: ReadonlyArray<{
  readonly name: string;
  readonly path: string;
  readonly make: (client: AuthFlow) => Promise<unknown>;
  readonly sent: Readonly<Record<string, string>>;
  readonly snake?: Readonly<Record<string, string>>;
}> = [
  {
    name: 'SendLoginCode',
    path: 'login-code',
    make: (client) => client.sendLoginCode({ email: SESSION.email }),
    sent: { email: SESSION.email },
  },
  {
    name: 'VerifyTotp',
    path: '2fa/verify-2fa',
    make: (client) => client.verifyTotp({ ...CHALLENGE, ...CODE }),
    sent: { ...CHALLENGE, ...CODE },
  },
  {
    name: 'SendEmailCode',
    path: '2fa/backup/email',
    make: (client) => client.sendEmailCode(CHALLENGE),
    sent: CHALLENGE,
  },
  {
    name: 'VerifyEmailCode',
    path: '2fa/verify-email-otp',
    make: (client) => client.verifyEmailCode({ ...CHALLENGE, ...CODE }),
    sent: { ...CHALLENGE, ...CODE },
  },
  {
    name: 'VerifyRecoveryCode',
    path: '2fa/verify-recovery',
    make: (client) => client.verifyRecoveryCode({ ...CHALLENGE, recoveryCode: 'ABCD' }),
    sent: { ...CHALLENGE, recoveryCode: 'ABCD' },
    snake: { ...CHALLENGE, recovery_code: 'ABCD' },
  },
  {
    name: 'EnableTotp',
    path: '2fa/enable',
    make: (client) => client.enableTotp({ ...SESSION, currentPassword: PROOF.currentPassword }),
    sent: { ...SESSION, currentPassword: PROOF.currentPassword },
  },
  { name: 'EnableTotp', path: '2fa/enable', make: (client) => client.enableTotp(CHALLENGE), sent: CHALLENGE },
  {
    name: 'ConfirmTotp',
    path: '2fa/verify-setup',
    make: (client) => client.confirmTotp({ ...SESSION, ...CODE }),
    sent: { ...SESSION, ...CODE },
  },
  {
    name: 'ConfirmTotp',
    path: '2fa/verify-setup',
    make: (client) => client.confirmTotp({ ...CHALLENGE, ...CODE }),
    sent: { ...CHALLENGE, ...CODE },
  },
  {
    name: 'DisableTotp',
    path: '2fa/disable',
    make: (client) => client.disableTotp({ ...SESSION, ...PROOF }),
    sent: { ...SESSION, ...PROOF },
  },
  {
    name: 'RegenerateRecoveryCodes',
    path: '2fa/recovery-codes',
    make: (client) => client.regenerateRecoveryCodes({ ...SESSION, ...PROOF }),
    sent: { ...SESSION, ...PROOF },
  },
  {
    name: 'ChangePassword',
    path: 'changePassword',
    make: (client) => client.changePassword({ ...SESSION, ...PROOF, newPassword: 'Difference-1822' }),
    sent: { ...SESSION, ...PROOF, newPassword: 'Difference-1822' },
  },
  {
    name: 'ChangeEmail',
    path: 'change-email',
    make: (client) => client.changeEmail({ ...SESSION, ...PROOF, newEmail: 'ada@example.org' }),
    sent: { ...SESSION, ...PROOF, newEmail: 'ada@example.org' },
  },
  {
    name: 'DeleteAccount',
    path: 'deleteUser',
    make: (client) => client.deleteAccount({ ...SESSION, ...PROOF }),
    sent: { ...SESSION, ...PROOF },
  },
  {
    name: 'ResetPassword',
    path: 'reset-password',
    make: (client) =>
      client.resetPassword({
        token: 'a-challenge',
        newPassword: 'Difference-1822',
        currentPassword: 'Analytical-1843',
      }),
    sent: { token: 'a-challenge', newPassword: 'Difference-1822', currentPassword: 'Analytical-1843' },
  },
];

test.each(CALLS)('the gRPC client sends $name what it was given', async ({ name, make, sent }) => {
  const seen: unknown[] = [];
  const client = new AuthFlowClient({
    address: '127.0.0.1:1',
    apiKey: 'af_key',
    interceptors: [
      () => (request) => {
        const { $typeName, ...fields } = request.message as unknown as Record<string, string>;
        seen.push([
          request.method.name,
          Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')),
        ]);
        throw new ConnectError('not made', Code.NotFound);
      },
    ],
  });
  await rejection(make(client));
  expect(seen).toEqual([[name, sent]]);
  client.close();
});

test.each(CALLS)('the fetch client sends $path what it was given', async ({ path, make, sent, snake = sent }) => {
  const seen: unknown[] = [];
  const client = new AuthFlowFetchClient({
    url: 'http://localhost/before',
    apiKey: 'af_key',
    async fetch(input, init) {
      seen.push([String(input), new Headers(init?.headers).get('x-api-key'), JSON.parse(String(init?.body))]);
      return new Response(null, { status: 404 });
    },
  });
  await rejection(make(client));
  expect(seen).toEqual([[`http://localhost/before/auth/${path}`, 'af_key', snake]]);
  client.close();
});

describe.each(CALLS)('$name', ({ make }) => {
  test('is not repeated after a lost reply', async () => {
    const server = await startCutServer((stream) => stream.session?.destroy());
    onTestFinished(server.stop);
    const grpc = new AuthFlowClient({ address: server.address, apiKey: 'af_key' });
    expect(await rejection(make(grpc))).toMatchObject({ code: 'UNAVAILABLE', reason: '' });
    expect(server.requests()).toBe(1);
    grpc.close();
    let requests = 0;
    const web = new AuthFlowFetchClient({
      url: 'http://localhost',
      apiKey: 'af_key',
      async fetch() {
        requests += 1;
        throw new TypeError('fetch failed');
      },
    });
    expect(await rejection(make(web))).toMatchObject({ code: 'UNAVAILABLE', reason: '' });
    expect(requests).toBe(1);
    web.close();
  });

  test.each(REFUSED)('is repeated by the %s client where nothing was done for sure', async (_, refused) => {
    const { client, requests } = await refused({ grpc: 14, http: 503, reason: 'UNAVAILABLE' });
    expect(await rejection(make(client))).toMatchObject({ code: 'UNAVAILABLE', reason: 'UNAVAILABLE' });
    expect(requests()).toBe(3);
  });
});

test('changeEmail without a code is repeated after a lost reply', async () => {
  const server = await startCutServer((stream) => stream.session?.destroy());
  onTestFinished(server.stop);
  const client = new AuthFlowClient({ address: server.address, apiKey: 'af_key' });
  await rejection(client.changeEmail({ ...SESSION, newEmail: 'ada@example.org' }));
  expect(server.requests()).toBe(3);
  client.close();
});

describe('what confirmTotp gives', () => {
  const recoveryCodes = ['AAAA-BBBB-CCCC-DDDD'];
  const expiresAt = new Date('2027-01-01T12:00:00Z');
  const user = { userId: 'u', email: 'ada@example.com', fullname: 'Ada Lovelace', orgId: 'o' };

  test.each([true, false])('has a session where one was opened: %s, by gRPC', async (isOpened) => {
    const opened = isOpened ? { ...user, token: 'a.b.c', expiresAt: timestampFromDate(expiresAt) } : {};
    const message = toBinary(
      ConfirmTotpResponseSchema,
      create(ConfirmTotpResponseSchema, { recoveryCodes, ...opened }),
    );
    const server = await startCutServer((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.concat([Buffer.of(0, 0, 0, 0, message.length), message]));
    });
    onTestFinished(server.stop);
    const client = new AuthFlowClient({ address: server.address, apiKey: 'af_key' });
    await expectConfirmed(client, isOpened);
    client.close();
  });

  test.each([true, false])('has a session where one was opened: %s, by fetch', async (isOpened) => {
    const names = { user_id: 'u', email: user.email, fullname: user.fullname, org_id: 'o' };
    const opened = isOpened ? { ...names, token: 'a.b.c', expires_at: expiresAt } : { token: '', user_id: '' };
    const body = { statusCode: 200, message: 'Done.', recovery_codes: recoveryCodes, ...opened };
    const client = new AuthFlowFetchClient({
      url: 'http://localhost',
      apiKey: 'af_key',
      fetch: async () => Response.json(body),
    });
    await expectConfirmed(client, isOpened);
    client.close();
  });

  async function expectConfirmed(client: AuthFlow, isOpened: boolean): Promise<void> {
    const confirmed = await client.confirmTotp({ ...CHALLENGE, ...CODE });
    expect(confirmed.recoveryCodes).toEqual(recoveryCodes);
    expect(confirmed.session).toEqual(isOpened ? { ...user, expiresAt } : null);
    expect(confirmed.session?.token).toBe(isOpened ? 'a.b.c' : undefined);
  }
});

test('a session is asked for by the e-mail that its token claims, and refused unsent where it claims none', async () => {
  const { client, requests } = await (REFUSED[0]?.[1] ?? expect.fail())({
    grpc: 16,
    http: 401,
    reason: 'SESSION_INVALID',
  });
  const { sessionToken } = SESSION;
  for (const call of [
    () => client.enableTotp({ sessionToken }),
    () => client.confirmTotp({ sessionToken, ...CODE }),
    () => client.disableTotp({ sessionToken, ...CODE }),
    () => client.regenerateRecoveryCodes({ sessionToken, ...CODE }),
  ]) {
    expect(await rejection(call())).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'SESSION_INVALID' });
  }
  expect(requests()).toBe(0);
});
