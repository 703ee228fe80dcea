import { Authenticator } from '../../support/authenticator.ts';
import { type Backend, PASSWORD, type Reply, send } from '../backend.ts';
import type { Value } from './calls.ts';

type Values = Readonly<Record<string, Value>>;

/** Another than {@link PASSWORD}: whoever must change theirs is to have another one. */
const GIVEN_PASSWORD = 'Given-Horse-10';

/** An organization whose logins end in challenges, as the administrator knows it. */
export interface FactorTenant {
  readonly address: string;
  readonly backend: Backend;
  readonly orgId: string;
  readonly adminToken: string;
}

/** Values with which calls of second factors, and what else takes a challenge, come as deep as to a success: by the name of the call. */
export async function factorValues(tenant: FactorTenant, name: string): Promise<(rpc: string) => Values> {
  const { backend } = tenant;
  await manage(tenant, '', { login_by_email: true }, 'PATCH');
  const [pending, own, challenged, toChange] = await Promise.all([
    pendingUser(backend, `pending-${name}@example.com`),
    enrolledUser(backend, `enrolled-${name}@example.com`),
    challengedUser(tenant, `challenged-${name}@example.com`),
    whoMustChange(tenant, `must-change-${name}@example.com`),
  ]);
  // Nobody but a mailbox knows its code: a wrong one comes as deep as the comparison.
  const byMail = ok(await backend.call('login-code', { email: pending.values.email })).field('challenge');
  const values: Readonly<Record<string, Values>> = {
    EnableTotp: pending.values,
    ConfirmTotp: pending.values,
    DisableTotp: own,
    RegenerateRecoveryCodes: own,
    VerifyTotp: challenged,
    SendEmailCode: challenged,
    VerifyEmailCode: { challenge: byMail, code: '000000' },
    VerifyRecoveryCode: challenged,
    ResetPassword: toChange,
  };
  return (rpc) => values[rpc.slice(rpc.lastIndexOf('/') + 1)] ?? {};
}

/** A user with a secret that waits to be confirmed. */
async function pendingUser(backend: Backend, email: string) {
  ok(await backend.signUp(email));
  const session = { email, sessionToken: ok(await backend.login(email)).field('token') };
  const app = new Authenticator(ok(await backend.call('2fa/enable', session)).field('secret'));
  return { values: { ...session, code: app.next() }, app };
}

/** A user with a factor, with the session that set it up. */
async function enrolledUser(backend: Backend, email: string) {
  const { values, app } = await pendingUser(backend, email);
  const confirmed = ok(await backend.call('2fa/verify-setup', values));
  const [recoveryCode = ''] = confirmed.field('recovery_codes').split(',');
  return { ...values, code: app.next(), recovery_code: recoveryCode };
}

/** A user with a factor and a proven address, with what answers a login's challenge. */
async function challengedUser(tenant: FactorTenant, email: string): Promise<Values> {
  const { code, recovery_code } = await enrolledUser(tenant.backend, email);
  await manage(tenant, `/users/${await idOf(tenant, email)}`, { email_verified: true }, 'PATCH');
  return { challenge: (await tenant.backend.login(email)).field('challenge'), code, recovery_code };
}

/** A user whom an administrator gave a password, with the challenge of a login by it. */
async function whoMustChange(tenant: FactorTenant, email: string): Promise<Values> {
  ok(await tenant.backend.signUp(email));
  const given = { newPassword: GIVEN_PASSWORD, must_change: true };
  await manage(tenant, `/users/${await idOf(tenant, email)}/password`, given);
  const login = await tenant.backend.login(email, GIVEN_PASSWORD);
  return { token: login.field('challenge'), currentPassword: GIVEN_PASSWORD, newPassword: PASSWORD };
}

async function idOf(tenant: FactorTenant, email: string): Promise<string> {
  const found = await manage(tenant, `/users?email=${encodeURIComponent(email)}`, undefined, 'GET');
  const { users }: { readonly users: readonly { readonly user_id: string }[] } = JSON.parse(found.text);
  return users[0]?.user_id ?? '';
}

async function manage(
  { address, orgId, adminToken }: FactorTenant,
  path: string,
  body: object | undefined,
  method = 'POST',
): Promise<Reply> {
  const headers = { authorization: `Bearer ${adminToken}` };
  return ok(await send(address, `/organizations/${orgId}${path}`, { method, headers, body }));
}

function ok(reply: Reply): Reply {
  if (reply.outcome !== 'OK') {
    throw new Error(`The world of the fuzzers cannot be made: ${reply.text}`);
  }
  return reply;
}
