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
import type { CallContext, HashSlot, Ports, Rules } from '../ports.ts';
import type { Tenant } from '../tenant.ts';
import { type IdentifiedTenant, refusal, type TenantClaim } from '../tenant.ts';
import { afterSpentNonce, readNonce } from './nonce.ts';
import type { NewSession, UserCredentials } from './storage.ts';

/** Parameters of Login; '' where one is missing. */
export interface LoginInput {
  readonly foobar: string;
  readonly email: string;
  readonly password: string;
  readonly orgId: string;
  readonly apiKey: string;
}

/** The same parameters, checked. */
export interface LoginParameters extends TenantClaim {
  readonly foobar: string;
  readonly email: string;
  readonly password: string;
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
  return checked({ foobar, email, password, orgId, apiKey: input.apiKey }, faults);
}

/**
 * Checks a password and opens a session. The nonce is spent before the password is hashed; what was checked before
 * the hash is checked again in the write after it, so that a login in flight never outlives what should have ended
 * it.
 *
 * Throws API_KEY_INVALID, ORGANIZATION_NOT_FOUND, NONCE_INVALID, NONCE_EXPIRED, OVERLOADED, NONCE_USED,
 * USER_NOT_FOUND, CREDENTIALS_INVALID, USER_DISABLED, DEADLINE_EXCEEDED.
 */
export async function login(
  ports: Ports,
  { foobar, email, password }: Checked<LoginParameters>,
  tenant: IdentifiedTenant,
  call: CallContext,
): Promise<LoginResult> {
  const nonce = readNonce(ports, foobar, { email, orgId: tenant.orgId });

  const slot = await ports.passwords.acquire(tenant, call);
  try {
    const beginning = await ports.storage.beginLogin({ tenant, email, nonce });
    if (beginning.outcome !== 'begun') {
      throw refusal(beginning.outcome);
    }
    const { user } = beginning;
    return await afterSpentNonce(async () => {
      const rehash = await checkPassword(slot, password, user);
      requireCaller(call);
      return openSession(ports, tenant, user, rehash);
    });
  } finally {
    slot.release();
  }
}

/** Throws unless the password is right; the renewed hash where the stored one has outdated parameters. */
async function checkPassword(slot: HashSlot, password: string, user: UserCredentials): Promise<NewSession['rehash']> {
  if (user.passwordHash === null) {
    throw new AuthError('CREDENTIALS_INVALID');
  }
  const { matches, outdated } = await slot.verify(password, user.passwordHash);
  if (!matches) {
    throw new AuthError('CREDENTIALS_INVALID');
  }
  if (user.disabledAt !== null) {
    throw new AuthError('USER_DISABLED');
  }
  return outdated ? { from: user.passwordHash, to: await slot.hash(password) } : null;
}

async function openSession(
  { storage, clock, ids, sessionTokens, rules }: Ports,
  tenant: Tenant,
  { userId, orgId, email, fullname, credentialVersion }: UserCredentials,
  rehash: NewSession['rehash'],
): Promise<LoginResult> {
  const now = clock.now();
  const issuedAtSeconds = Math.floor(now / 1000);
  const expiresAtSeconds = issuedAtSeconds + rules.sessionTtlSeconds;
  const expiresAt = expiresAtSeconds * 1000;
  const sessionId = ids.uuidV7(now);
  const session = {
    tenant,
    sessionId,
    userId,
    credentialVersion,
    rehash,
    createdAt: now,
    expiresAt,
    maxLiveSessions: MAX_LIVE_SESSIONS,
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
    throw refusal(creation.outcome);
  }
  const claims = { sessionId, userId, orgId, email, issuedAtSeconds, expiresAtSeconds };
  return { token: sessionTokens.sign(kid, claims, creation.tokenKey), expiresAt, email, fullname, orgId, userId };
}
