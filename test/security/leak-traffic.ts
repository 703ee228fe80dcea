import { Secret } from 'otpauth';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { Backend, inParallel, send } from './backend.ts';
import { challengeOf, enrolledUser } from './factor-user.ts';
import { MARK, MarkedSecrets } from './marked-secrets.ts';

const WIDTH = 8;

/** Of those that bear no mark, so many are looked for. */
const SAMPLE = 100;

export interface Sent {
  /** How many secrets went to the server or came from it. */
  readonly count: number;
  /** Some of those that it made: keys, nonces, session tokens. */
  readonly made: readonly string[];
  /** All of its refusals. */
  readonly refusals: readonly string[];
  /** How many of each outcome there were. */
  readonly outcomes: readonly string[];
}

/** A backend of a new organization. */
export async function markedBackend(address: string): Promise<Backend> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const organization = await send(address, '/organizations', { body: { name: 'Acme' }, headers });
  return new Backend(address, organization.field('api_key'));
}

/**
 * Users, one a round, who sign up, log in, mistype, change their passwords, are validated and log out, with passwords that bear
 * the mark: calls that succeed and calls that are refused.
 */
export async function sendMarkedPasswords(
  backend: Backend,
  { rounds, name }: { readonly rounds: number; readonly name: string },
): Promise<Sent> {
  const made: string[] = [ADMIN_TOKEN, backend.apiKey];
  const refusals: string[] = [];
  const outcomes: string[] = [];
  let count = made.length;
  await inParallel(rounds, WIDTH, async (round) => {
    const email = `${name}${round}@example.com`;
    const [first, second, wrong] = ['first', 'second', 'wrong'].map((name) => `${MARK}-${name}-${round}`);
    const signUp = await backend.signUp(email, first);
    const mistyped = await backend.login(email, wrong);
    const login = await backend.login(email, first);
    const session = login.field('token');
    const spare = await backend.nonce(email);
    const change = await backend.changePassword(email, session, second ?? '');
    const again = await backend.signUp(email, second);
    const unknown = await backend.login(`no-${email}`, wrong);
    const valid = await backend.validate(email, session);
    const forged = await backend.validate(email, new MarkedSecrets(round).jwt('forged'));
    const logout = await backend.logout(email, session);
    count += 12;
    if (made.length < SAMPLE) {
      made.push(session, spare);
    }
    for (const reply of [signUp, mistyped, login, change, again, unknown, valid, forged, logout]) {
      outcomes.push(reply.outcome);
      if (reply.outcome !== 'OK') {
        refusals.push(reply.text);
      }
    }
  });
  return { count, made: made.filter((secret) => secret !== ''), refusals, outcomes };
}

/**
 * Users, one a round, who set up a second factor, mistype codes, complete logins by an app and by a recovery code, and take the factor
 * off; every other one is left with a login that is half done.
 */
export async function sendFactors(
  backend: Backend,
  { rounds, name }: { readonly rounds: number; readonly name: string },
): Promise<Sent> {
  const made: string[] = [];
  const refusals: string[] = [];
  const outcomes: string[] = [];
  await inParallel(rounds, WIDTH, async (round) => {
    const email = `${name}${round}@example.com`;
    const user = await enrolledUser(backend, email);
    const [byApp, byRecovery] = [await challengeOf(backend, email), await challengeOf(backend, email)];
    const [first = '', second = ''] = user.recoveryCodes;
    const replies = [
      await backend.call('2fa/verify-2fa', { challenge: byApp, code: user.app.wrong() }),
      await backend.call('2fa/verify-2fa', { challenge: byApp, code: user.app.next() }),
    ];
    if (round % 2 === 0) {
      const login = await backend.call('2fa/verify-recovery', { challenge: byRecovery, recovery_code: first });
      const session = { email, sessionToken: login.field('token') };
      replies.push(login, await backend.call('2fa/disable', { ...session, code: second }));
    }
    made.push(...user.recoveryCodes, ...user.recoveryCodes.map((code) => code.replaceAll('-', '')));
    // A secret as it is typed in, and as the bytes that it stands for.
    made.push(byApp, byRecovery, user.secret, Buffer.from(Secret.fromBase32(user.secret).bytes).toString('latin1'));
    for (const { outcome, text } of replies) {
      outcomes.push(outcome);
      if (outcome !== 'OK') {
        refusals.push(text);
      }
    }
  });
  return { count: made.length, made, refusals, outcomes };
}
