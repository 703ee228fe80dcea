import { AuthFlowClient } from '@authflow/client';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { Code, ConnectError } from '@connectrpc/connect';
import { expect, test } from 'vitest';
import { newEmail, newOrganization, PASSWORD } from './support/organization.ts';
import { GRPC, HTTP } from './support/stand.ts';

/** By their names on gRPC and how their paths under /auth end. */
const ACCOUNT_CALLS = [
  ['Me', 'me'],
  ['SendVerificationEmail', 'resend-verify-email'],
  ['VerifyEmail', 'verify-email'],
  ['ForgotPassword', 'forgot-password'],
  ['ResetPassword', 'reset-password'],
  ['RenewSession', 'renew-session'],
  ['ListMySessions', 'sessions'],
  ['EndMySessions', 'end-sessions'],
  ['UpdateProfile', 'update-profile'],
  ['ChangeEmail', 'change-email'],
  ['DeleteAccount', 'deleteUser'],
  ['SendLoginCode', 'login-code'],
  ['VerifyTotp', 'verify-2fa'],
  ['SendEmailCode', 'email'],
  ['VerifyEmailCode', 'verify-email-otp'],
  ['VerifyRecoveryCode', 'verify-recovery'],
  ['EnableTotp', 'enable'],
  ['ConfirmTotp', 'verify-setup'],
  ['DisableTotp', 'disable'],
  ['RegenerateRecoveryCodes', 'recovery-codes'],
] as const;

const VISITOR = { clientIp: '203.0.113.7', userAgent: 'Browser/1.0' };

test('the gRPC client passes the visitor along with every request', async () => {
  const { apiKey } = await newOrganization();
  const seen: unknown[] = [];
  const client = new AuthFlowClient({
    address: GRPC,
    apiKey,
    interceptors: [
      (next) => (request) => {
        seen.push([request.method.name, 'clientIp' in request.message && { ...request.message }]);
        return next(request);
      },
    ],
  });
  await makeAllCalls(client);
  expect(seen).toEqual(
    ['FooBar', 'SignUp', 'FooBar', 'Login', 'Validate', 'ChangePassword', 'Logout'].map((name) => [
      name,
      expect.objectContaining(VISITOR),
    ]),
  );
  client.close();
});

test('the fetch client passes the visitor along with every request', async () => {
  const { apiKey } = await newOrganization();
  const seen: unknown[] = [];
  const client = new AuthFlowFetchClient({
    url: HTTP,
    apiKey,
    fetch(input, init) {
      seen.push([String(input).split('/').at(-1), JSON.parse(String(init?.body))]);
      return fetch(input, init);
    },
  });
  await makeAllCalls(client);
  expect(seen).toEqual(
    ['fooBar', 'signUp', 'fooBar', 'login', 'validate', 'changePassword', 'logout'].map((name) => [
      name,
      expect.objectContaining({ client_ip: VISITOR.clientIp, user_agent: VISITOR.userAgent }),
    ]),
  );
  client.close();
});

test('both clients pass the visitor along with every call about accounts', async () => {
  const [byGrpc, byFetch]: [unknown[], unknown[]] = [[], []];
  const grpc = new AuthFlowClient({
    address: GRPC,
    apiKey: 'af_key',
    interceptors: [
      () => (request) => {
        byGrpc.push([request.method.name, 'clientIp' in request.message && { ...request.message }]);
        throw new ConnectError('not made', Code.NotFound);
      },
    ],
  });
  const web = new AuthFlowFetchClient({
    url: HTTP,
    apiKey: 'af_key',
    async fetch(input, init) {
      byFetch.push([String(input).split('/').at(-1), JSON.parse(String(init?.body))]);
      return new Response(null, { status: 404 });
    },
  });
  await makeAccountCalls(grpc);
  await makeAccountCalls(web);
  expect(byGrpc).toEqual(ACCOUNT_CALLS.map(([name]) => [name, expect.objectContaining(VISITOR)]));
  expect(byFetch).toEqual(
    ACCOUNT_CALLS.map(([, path]) => [
      path,
      expect.objectContaining({ client_ip: VISITOR.clientIp, user_agent: VISITOR.userAgent }),
    ]),
  );
});

async function makeAccountCalls(client: AuthFlowClient | AuthFlowFetchClient): Promise<void> {
  const session = { sessionToken: 'header.payload.signature', email: 'ada@example.com', ...VISITOR };
  const mailed = { token: 'mail-token', ...VISITOR };
  const answer = { challenge: 'a-challenge', code: '123456', ...VISITOR };
  for (const make of [
    () => client.me(session),
    () => client.sendVerificationEmail(session),
    () => client.verifyEmail(mailed),
    () => client.forgotPassword(session),
    () => client.resetPassword({ ...mailed, newPassword: PASSWORD }),
    () => client.renewSession(session),
    () => client.listMySessions(session),
    () => client.endMySessions(session),
    () => client.updateProfile({ ...session, fullname: 'Ada King' }),
    () => client.changeEmail({ ...session, newEmail: 'ada@example.org' }),
    () => client.deleteAccount(session),
    () => client.sendLoginCode(session),
    () => client.verifyTotp(answer),
    () => client.sendEmailCode(answer),
    () => client.verifyEmailCode(answer),
    () => client.verifyRecoveryCode({ ...answer, recoveryCode: 'ABCD' }),
    () => client.enableTotp(answer),
    () => client.confirmTotp(answer),
    () => client.disableTotp({ ...session, code: '123456' }),
    () => client.regenerateRecoveryCodes({ ...session, code: '123456' }),
  ]) {
    await make().catch(() => {});
  }
}

async function makeAllCalls(client: AuthFlowClient | AuthFlowFetchClient): Promise<void> {
  const login = { email: newEmail(), password: PASSWORD, ...VISITOR };
  await client.signUp({ ...login, fullname: 'Ada Lovelace', disclaimed: true });
  const { token: sessionToken } = await client.login(login);
  await client.validate({ sessionToken, ...VISITOR });
  await client.changePassword({ sessionToken, newPassword: 'Difference-1822', ...VISITOR });
  await client.logout({ sessionToken, ...VISITOR });
}
