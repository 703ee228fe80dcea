import { requireCaller } from '../call.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import {
  type Checked,
  checked,
  readEmail,
  readOptionalId,
  readRequired,
  requireApiKey,
  requireTenant,
} from '../parameters.ts';
import { readPassword } from '../passwords/read-password.ts';
import type { CallContext, HashSlot, PasswordVerdict, Ports, Rules } from '../ports.ts';
import { type IdentifiedTenant, refusal, type TenantClaim } from '../tenant.ts';
import { readKnownDevice } from './known-device.ts';
import { afterSpentNonce, readNonce } from './nonce.ts';
import { challengeError, type LoginResult, loginResult, unsignedSession, writeSigned } from './open-session.ts';
import { type ReservedTry, reserveTry } from './reserve-try.ts';
import type { CountedTry, NewSession, SessionCreation, UserCredentials } from './storage.ts';
import type { TryEnd } from './tries.ts';

/** Parameters of Login; '' where one is missing. */
export interface LoginInput {
  readonly foobar: string;
  readonly email: string;
  readonly password: string;
  readonly orgId: string;
  readonly apiKey: string;
  readonly sessionToken: string;
}

/** The same parameters, checked. */
export interface LoginParameters extends TenantClaim {
  readonly foobar: string;
  readonly email: string;
  readonly password: string;
  /** A sign of a known device, or of nothing: not checked. */
  readonly sessionToken: string;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readLogin(input: LoginInput, rules: Rules, faults: FieldViolation[] = []): Checked<LoginParameters> {
  const foobar = readRequired('foobar', input.foobar, faults);
  const email = readEmail('email', input.email, faults);
  const password = readPassword('password', input.password, faults);
  const orgId = readOptionalId('org_id', input.orgId, faults);
  if (rules.requiresApiKey) {
    requireApiKey(input.apiKey, faults);
  } else {
    requireTenant(input.apiKey, input.orgId, faults);
  }
  const { apiKey, sessionToken } = input;
  return checked({ foobar, email, password, orgId, apiKey, sessionToken }, faults);
}

/**
 * Checks a password and opens a session. The nonce is spent, and the try counted as a failure, before the password is hashed; what
 * was checked before the hash is checked again in the write after it, so that a login in flight never outlives what should have
 * ended it. That write takes the failure back.
 *
 * Throws API_KEY_INVALID, ORGANIZATION_NOT_FOUND, NONCE_INVALID, NONCE_EXPIRED, OVERLOADED, NONCE_USED, ACCOUNT_LOCKED,
 * USER_NOT_FOUND, CREDENTIALS_INVALID, USER_DISABLED, DEADLINE_EXCEEDED. Where users are hidden CREDENTIALS_INVALID takes the
 * place of those that tell of a user. After the right password, in this order: EMAIL_NOT_VERIFIED, and with a challenge
 * SECOND_FACTOR_REQUIRED and PASSWORD_CHANGE_REQUIRED.
 */
export async function login(
  ports: Ports,
  { foobar, email, password, sessionToken }: Checked<LoginParameters>,
  tenant: IdentifiedTenant,
  call: CallContext,
): Promise<LoginResult> {
  const nonce = readNonce(ports, foobar, { email, orgId: tenant.orgId });
  ports.passwords.requirePlace(tenant);
  const device = await readKnownDevice(ports, sessionToken, { email, orgId: tenant.orgId });
  const reserved = await reserveTry(ports, { tenant, email, nonce, device }, call);
  try {
    return await afterSpentNonce(() => new Attempt(ports, tenant, reserved, call).logIn(password));
  } finally {
    reserved.release();
  }
}

/** A login whose try is counted. */
class Attempt {
  readonly #ports: Ports;
  readonly #tenant: IdentifiedTenant;
  readonly #slot: HashSlot;
  readonly #user: UserCredentials | null;
  readonly #counted: CountedTry;
  readonly #begunAt: number;
  readonly #call: CallContext;
  /** The session that is being opened, or was. */
  #sessionId: string | null = null;

  constructor(
    ports: Ports,
    tenant: IdentifiedTenant,
    { slot, user, counted, begunAt }: ReservedTry,
    call: CallContext,
  ) {
    this.#ports = ports;
    this.#tenant = tenant;
    this.#slot = slot;
    this.#user = user;
    this.#counted = counted;
    this.#begunAt = begunAt;
    this.#call = call;
  }

  async logIn(password: string): Promise<LoginResult> {
    const { hidesUsers } = this.#ports.rules;
    const user = this.#user;
    const { matches, outdated } = await this.#withdrawnUnlessDone(() => this.#compare(password));
    // To whoever guesses, the right password of a disabled user is to be no other than a wrong one, and is counted as one.
    if (user === null || user.passwordHash === null || !matches || (user.disabledAt !== null && hidesUsers)) {
      const beganHardLock = await this.#end('failed');
      throw new AuthError('CREDENTIALS_INVALID', {
        subject: user === null ? { beganHardLock } : { beganHardLock, userId: user.userId },
      });
    }
    const { passwordHash } = user;
    // The signing key may be retired between the write and the signature: the session is there then, and its try has ended with it.
    return await this.#withdrawnUnlessDone(async () => {
      if (user.disabledAt !== null) {
        throw new AuthError('USER_DISABLED', { subject: { userId: user.userId } });
      }
      const rehash = outdated ? { from: passwordHash, to: await this.#slot.hash(password) } : null;
      requireCaller(this.#call);
      return this.#openSession(user, rehash);
    });
  }

  /** Costs a hash for an unknown user too, where they are hidden; a user without a password has none otherwise. */
  async #compare(password: string): Promise<PasswordVerdict> {
    const passwordHash = this.#user?.passwordHash ?? null;
    if (passwordHash !== null) {
      return this.#slot.verify(password, passwordHash);
    }
    return this.#ports.rules.hidesUsers ? this.#slot.verifyNobody(password) : { matches: false, outdated: false };
  }

  /** What is thrown takes the failure back: the password was not compared, or was right. */
  async #withdrawnUnlessDone<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // Where that cannot be written now it is written later, and stays a failure where it never can be.
      await this.#end('withdrawn').catch(() => undefined);
      throw error;
    }
  }

  /** Whether that locked the e-mail for good, be it a user's or not. */
  #end(end: Exclude<TryEnd, 'succeeded'>): Promise<boolean> {
    const { orgId } = this.#tenant;
    const ended = { ...this.#counted, orgId, end, sessionId: this.#sessionId };
    return this.#ports.tryEnds.end(this.#ports, ended, this.#begunAt);
  }

  async #openSession(user: UserCredentials, rehash: NewSession['rehash']): Promise<LoginResult> {
    const { storage } = this.#ports;
    const tenant = this.#tenant;
    const attempt = this.#counted;
    const { callerClass } = tenant;
    const opening = { tenant, callerClass, countedAs: attempt.countedAs, user, rehash, attempt };
    const session = unsignedSession(this.#ports, opening, this.#call);
    this.#sessionId = session.sessionId;
    const { kid, result } = await writeSigned(this.#ports, session, (signed) => storage.createSession(signed));
    switch (result.outcome) {
      case 'created':
        return loginResult(this.#ports, user, session, { kid, issued: result.session });
      case 'challenged':
        throw challengeError(this.#ports, user, result.challenge);
      default:
        throw this.#refusal(result.outcome, user);
    }
  }

  #refusal(outcome: RefusedOutcome, { orgId, userId }: UserCredentials): AuthError {
    if (outcome === 'email_not_verified') {
      return new AuthError('EMAIL_NOT_VERIFIED', { subject: { orgId, userId } });
    }
    const tellsOfUser = outcome === 'user_disabled' || outcome === 'user_not_found';
    return tellsOfUser && this.#ports.rules.hidesUsers ? new AuthError('CREDENTIALS_INVALID') : refusal(outcome);
  }
}

type RefusedOutcome = Exclude<SessionCreation['outcome'], 'created' | 'challenged'>;
