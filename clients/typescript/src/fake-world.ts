import type { CallOptions } from './calls.ts';
import { AuthFlowError, type ErrorCode } from './errors.ts';
import { FakeChallenges } from './fake-challenges.ts';
import { MINUTE_MS } from './fake-clock.ts';
import { spendCode } from './fake-codes.ts';
import { failure } from './fake-failure.ts';
import { FakeMailbox } from './fake-mail.ts';
import { ShownCodes } from './fake-totp.ts';
import { type FakeSession, type FakeUser, FakeUsers, requirePassword } from './fake-users.ts';
import type { Challenge, LoginMethod } from './second-factor-calls.ts';
import { challengeOf } from './second-factor-results.ts';

const FRESH_MS = 15 * MINUTE_MS;

/** What an organization may set, of what the fake heeds. */
export interface FakeSettings {
  /** Whether logins need a proven e-mail. */
  requireVerifiedEmail: boolean;
  /** Whether a code by mail logs in. */
  loginByEmail: boolean;
  /**
   * `required`: logins of users without a second factor lead to its setup; `off`: nobody sets one up, and who has one still
   * needs it.
   */
  secondFactor: 'optional' | 'required' | 'off';
}

/** How far a login has come. */
export interface LoginProgress {
  /** What came first. */
  readonly provedBy: 'password' | 'email';
  readonly hasProvenEmail?: boolean;
  readonly hasProvenFactor?: boolean;
}

/** All that the calls of the fake share. */
export class FakeWorld {
  readonly users: FakeUsers = new FakeUsers();
  readonly mailbox: FakeMailbox = new FakeMailbox(this.users);
  readonly challenges: FakeChallenges = new FakeChallenges(this.users);
  readonly settings: FakeSettings = { requireVerifiedEmail: false, loginByEmail: false, secondFactor: 'optional' };
  isUnreachable = false;
  isClosed = false;

  /** What every call begins with. Throws where it may not. */
  begin({ signal }: CallOptions = {}): void {
    signal?.throwIfAborted();
    if (this.isClosed) {
      throw new AuthFlowError({ code: 'CANCELLED', message: 'The client is closed.' });
    }
    if (this.isUnreachable) {
      const message = 'No connection to the fake: it was told to be unreachable.';
      throw new AuthFlowError({ code: 'UNAVAILABLE', message });
    }
  }

  /** What the app shows of whoever calls, by a session or a challenge. */
  async shownTo({
    sessionToken,
    challenge,
  }: {
    readonly sessionToken?: string | undefined;
    readonly challenge?: string | undefined;
  }): Promise<ShownCodes> {
    const user = challenge === undefined ? this.users.ofToken(sessionToken) : this.challenges.ofToken(challenge);
    return this.shownToUser(user);
  }

  /** What the app of a user shows. */
  async shownToUser(user: FakeUser | undefined): Promise<ShownCodes> {
    const factors = [user?.factor, user?.pendingFactor].filter((each) => each != null);
    return ShownCodes.of(factors.map(({ secret }) => secret));
  }

  /** Throws what a login meets after the right password, or whatever came first. */
  requireNothingMore(user: FakeUser, progress: LoginProgress): void {
    if (user.isDisabled) {
      throw failure('PERMISSION_DENIED', 'USER_DISABLED', 'The user is disabled.');
    }
    if (this.settings.requireVerifiedEmail && !user.emailVerified) {
      throw failure('PERMISSION_DENIED', 'EMAIL_NOT_VERIFIED', 'The e-mail must be verified first.');
    }
    const needsFactor = user.factor !== null || this.settings.secondFactor === 'required';
    if (needsFactor && !progress.hasProvenFactor) {
      const message = 'The login needs a second factor.';
      throw this.#challenged('UNAUTHENTICATED', 'SECOND_FACTOR_REQUIRED', message, user, methodsOf(user, progress));
    }
    if (user.mustChangePassword) {
      const message = 'The password must be changed first.';
      throw this.#challenged('PERMISSION_DENIED', 'PASSWORD_CHANGE_REQUIRED', message, user, ['change_password']);
    }
  }

  #challenged(
    code: ErrorCode,
    reason: Challenge['reason'],
    message: string,
    user: FakeUser,
    methods: readonly LoginMethod[],
  ): AuthFlowError {
    const { token, expiresAt } = this.challenges.open(user, methods);
    const challenge = challengeOf({ reason, challenge: token, methods, expiresAt });
    return new AuthFlowError({ code, reason, message, challenge });
  }
}

/** What a fresh proof is made of. */
interface Proof {
  readonly currentPassword?: string | undefined;
  readonly code?: string | undefined;
}

/** Throws unless the session is a fresh login, or the present password comes along. */
export function requireFreshLogin({ user, createdAt }: FakeSession, { currentPassword }: Proof): void {
  if (currentPassword) {
    requirePassword(user, currentPassword.normalize('NFC'));
  } else if (Date.now() - createdAt.getTime() > FRESH_MS) {
    throw reauthenticationRequired('The present password is needed, or a new login.');
  }
}

/** Throws unless a user with a second factor gives a code of it. */
export function requireCodeOfFactor({ user }: FakeSession, { code }: Proof, shown: ShownCodes): void {
  if (user.factor === null) {
    return;
  }
  if (!code) {
    throw reauthenticationRequired('A code of the second factor is needed.');
  }
  spendCode(user, user.factor, code, shown);
}

function methodsOf(
  { factor, emailVerified, withholdsEmail }: FakeUser,
  { provedBy, hasProvenEmail = provedBy === 'email' }: LoginProgress,
): readonly LoginMethod[] {
  if (factor === null) {
    return emailVerified && !hasProvenEmail ? ['email', 'setup'] : ['setup'];
  }
  // A mailbox is no second factor beside itself.
  return emailVerified && provedBy === 'password' && !withholdsEmail
    ? ['totp', 'email', 'recovery']
    : ['totp', 'recovery'];
}

function reauthenticationRequired(message: string): AuthFlowError {
  return failure('PERMISSION_DENIED', 'REAUTHENTICATION_REQUIRED', message);
}
