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

/** What a fresh proof is made of, and what the user's app shows. */
interface Proof {
  readonly currentPassword?: string | undefined;
  /** In its one spelling; `''` for none. */
  readonly code: string;
  readonly shown: ShownCodes;
}

/**
 * Throws unless the session is a fresh login, or the present password comes along; of a user with a second factor a code
 * besides, which is spent.
 */
export function requireFreshProof(session: FakeSession, { currentPassword, code, shown }: Proof): void {
  const { user } = session;
  if (user.factor !== null && code === '') {
    throw reauthenticationRequired('This needs a code of the second factor, too.');
  }
  requireFreshLogin(session, currentPassword);
  if (user.factor !== null) {
    spendCode(user, user.factor, code, shown);
  }
}

/** The same without the code. */
export function requireFreshLogin({ user, createdAt }: FakeSession, currentPassword: string | undefined): void {
  if (currentPassword) {
    requirePassword(user, currentPassword.normalize('NFC'));
  } else if (Date.now() - createdAt.getTime() > FRESH_MS) {
    throw reauthenticationRequired('This needs the present password, or a login of the last 15 minutes.');
  }
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
