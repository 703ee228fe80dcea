import { expect } from 'vitest';
import type { MailTokenKind } from '../../src/domain/accounts/mail-token.ts';
import { verifyEmail } from '../support/asked.ts';
import { Authenticator } from '../support/authenticator.ts';
import type { TestServer } from '../support/running-server.ts';
import { type Backend, type FactorCall, PASSWORD, type Reply } from './backend.ts';

/** A user who has set up a second factor, as their backend knows them. */
export interface EnrolledUser {
  readonly email: string;
  readonly userId: string;
  /** That which set the factor up. */
  readonly session: string;
  readonly app: Authenticator;
  /** In base32. */
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** Signs a user up and sets up a factor. */
export async function enrolledUser(backend: Backend, email: string, password = PASSWORD): Promise<EnrolledUser> {
  const userId = ok(await backend.signUp(email, password)).field('user_id');
  return enrol(backend, { email, userId, session: ok(await backend.login(email, password)).field('token') });
}

/** Sets up a factor by a session. */
export async function enrol(
  backend: Backend,
  user: Pick<EnrolledUser, 'email' | 'userId' | 'session'>,
): Promise<EnrolledUser> {
  const session = { email: user.email, sessionToken: user.session };
  const secret = ok(await backend.call('2fa/enable', session)).field('secret');
  const app = new Authenticator(secret);
  const confirmed = ok(await backend.call('2fa/verify-setup', { ...session, code: app.next() }));
  return { ...user, app, secret, recoveryCodes: codesOf(confirmed) };
}

/** The challenge of a login with the right password, which needs more. */
export async function challengeOf(backend: Backend, email: string, password = PASSWORD): Promise<string> {
  const reply = await backend.login(email, password);
  expect(reply.outcome).toBe('SECOND_FACTOR_REQUIRED');
  return reply.field('challenge');
}

/** Proves a user's address, as a click on the link of a mail does. */
export async function proveAddress({ ports }: TestServer, orgId: string, userId: string): Promise<void> {
  await verifyEmail(ports, { token: await mailTokenOf({ ports }, { orgId, userId }, 'verify_email') });
}

/** The token of a mail to a user. */
export async function mailTokenOf(
  { ports }: Pick<TestServer, 'ports'>,
  { orgId, userId }: { readonly orgId: string; readonly userId: string },
  kind: MailTokenKind,
): Promise<string> {
  const user = await ports.storage.findUserCredentials(orgId, userId);
  if (user === null) {
    throw new Error('There is no such user.');
  }
  return ports.mailTokens.sign(kind, user, ports.clock.now()).token;
}

/** The recovery codes in a reply. */
export function codesOf(reply: Reply): readonly string[] {
  return reply.field('recovery_codes').split(',');
}

/** The calls of second factors that a session opens. */
export const FACTOR_SESSION_CALLS = [
  '2fa/enable',
  '2fa/verify-setup',
  '2fa/disable',
  '2fa/recovery-codes',
] as const satisfies readonly FactorCall[];

/** Those that a challenge opens. */
export const FACTOR_CHALLENGE_CALLS = [
  '2fa/verify-2fa',
  '2fa/backup/email',
  '2fa/verify-email-otp',
  '2fa/verify-recovery',
] as const satisfies readonly FactorCall[];

function ok(reply: Reply): Reply {
  expect(reply).toMatchObject({ outcome: 'OK' });
  return reply;
}
