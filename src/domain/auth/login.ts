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
import { UNKNOWN_DEVICE } from '../sessions/device.ts';
import { endAfter } from '../sessions/lifetime.ts';
import { type IdentifiedTenant, refusal, type TenantClaim } from '../tenant.ts';
import { readKnownDevice } from './known-device.ts';
import { afterSpentNonce, readNonce } from './nonce.ts';
import { type ReservedTry, reserveTry } from './reserve-try.ts';
import type { CountedTry, IssuedSession, NewSession, SessionCreation, UserCredentials } from './storage.ts';
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

/** A new session. */
export interface LoginResult {
  /** The session token. */
  readonly token: string;
  /** Milliseconds since 1970, in whole seconds. */
  readonly expiresAt: number;
  readonly email: string;
  readonly fullname: string;
  readonly orgId: string;
  readonly userId: string;
}

/** A user's live sessions; one more ends the oldest (docs/security.md, S2). */
const MAX_LIVE_SESSIONS = 100;

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
 * place of those that tell of a user.
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

/** What the token of a session that was opened says of it. */
interface OpenedSession {
  readonly kid: string;
  readonly sessionId: string;
  readonly issuedAtSeconds: number;
  readonly created: IssuedSession;
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
    const opened = await this.#withdrawnUnlessDone(async () => {
      if (user.disabledAt !== null) {
        throw new AuthError('USER_DISABLED', { subject: { userId: user.userId } });
      }
      const rehash = outdated ? { from: passwordHash, to: await this.#slot.hash(password) } : null;
      requireCaller(this.#call);
      return this.#openSession(user, rehash);
    });
    return this.#resultOf(user, opened);
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

  async #openSession(user: UserCredentials, rehash: NewSession['rehash']): Promise<OpenedSession> {
    const { storage, clock, ids, sessionTokens, rules } = this.#ports;
    const { userId, credentialVersion } = user;
    const now = clock.now();
    const sessionId = ids.uuidV7(now);
    this.#sessionId = sessionId;
    const session = {
      tenant: this.#tenant,
      sessionId,
      userId,
      credentialVersion,
      rehash,
      createdAt: now,
      expiresAt: endAfter(now, rules.sessionTtlSeconds),
      maxAgeSeconds: rules.sessionMaxAgeSeconds,
      maxLiveSessions: MAX_LIVE_SESSIONS,
      actor: null,
      device: this.#call.device?.() ?? UNKNOWN_DEVICE,
      attempt: this.#counted,
    };
    let kid = sessionTokens.currentKeyId(now);
    let creation = await storage.createSession({ ...session, kid });
    // Another process has retired the key. Each round follows such a rotation, so it ends.
    while (creation.outcome === 'signing_key_retired') {
      await sessionTokens.reloadKeys();
      kid = sessionTokens.currentKeyId(now);
      creation = await storage.createSession({ ...session, kid });
    }
    if (creation.outcome !== 'created') {
      throw this.#refusal(creation.outcome);
    }
    return { kid, sessionId, issuedAtSeconds: Math.floor(now / 1000), created: creation.session };
  }

  #resultOf(user: UserCredentials, { kid, sessionId, issuedAtSeconds, created }: OpenedSession): LoginResult {
    const { userId, orgId, email, credentialVersion } = user;
    const { expiresAt, fullname, roles, emailVerified, tokenKey } = created;
    const times = { issuedAtSeconds, expiresAtSeconds: expiresAt / 1000 };
    const of = { sessionId, userId, orgId, email, credentialVersion, actor: null };
    const token = this.#ports.sessionTokens.sign(kid, { ...of, ...times, roles, emailVerified }, tokenKey);
    return { token, expiresAt, email, fullname, orgId, userId };
  }

  #refusal(outcome: Exclude<SessionCreation['outcome'], 'created' | 'signing_key_retired'>): AuthError {
    const tellsOfUser = outcome === 'user_disabled' || outcome === 'user_not_found';
    return tellsOfUser && this.#ports.rules.hidesUsers ? new AuthError('CREDENTIALS_INVALID') : refusal(outcome);
  }
}
