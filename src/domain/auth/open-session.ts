import type { CallerClass } from '../caller.ts';
import { AuthError } from '../errors.ts';
import type { CallContext, Ports } from '../ports.ts';
import { CHALLENGE_MS, type ChallengeSeed, type OpenChallenge } from '../second-factors/challenge.ts';
import { UNKNOWN_DEVICE } from '../sessions/device.ts';
import { endAfter } from '../sessions/lifetime.ts';
import type { Tenant } from '../tenant.ts';
import type { IssuedSession, NewSession, UserCredentials } from './storage.ts';
import type { CountedAs } from './tries.ts';

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

/** A session before it is known which key signs its token. */
export type UnsignedSession = Omit<NewSession, 'kid'>;

interface Opening {
  readonly tenant: Tenant;
  readonly callerClass: CallerClass;
  /** The counter of failed passwords that a completed login begins anew; null where no password was tried. */
  readonly countedAs: CountedAs | null;
  readonly user: Pick<UserCredentials, 'userId' | 'credentialVersion'>;
  readonly rehash: NewSession['rehash'];
  readonly attempt: NewSession['attempt'];
}

/** A session that a user opens now, with the challenge that is handed out in its place where more is needed. */
export function unsignedSession(
  { clock, ids, rules }: Pick<Ports, 'clock' | 'ids' | 'rules'>,
  { tenant, callerClass, countedAs, user, rehash, attempt }: Opening,
  call: CallContext,
): UnsignedSession {
  const now = clock.now();
  const { userId, credentialVersion } = user;
  return {
    tenant,
    sessionId: ids.uuidV7(now),
    userId,
    credentialVersion,
    rehash,
    createdAt: now,
    expiresAt: endAfter(now, rules.sessionTtlSeconds),
    maxAgeSeconds: rules.sessionMaxAgeSeconds,
    maxLiveSessions: MAX_LIVE_SESSIONS,
    actor: null,
    device: call.device?.() ?? UNKNOWN_DEVICE,
    attempt,
    challenge: challengeSeed({ ids }, now, { callerClass, countedAs }),
  };
}

/** What a challenge is made of that may be handed out now. */
export function challengeSeed(
  { ids }: Pick<Ports, 'ids'>,
  now: number,
  of: Pick<ChallengeSeed, 'callerClass' | 'countedAs'>,
): ChallengeSeed {
  // By age, so that the oldest is known among those of one millisecond; in whole seconds, as its token says it.
  return { ...of, challengeId: ids.uuidV7(now), expiresAt: Math.floor((now + CHALLENGE_MS) / 1000) * 1000 };
}

/** Writes a session under the key that signs now; where another process has retired that meanwhile, under the next one. */
export async function writeSigned<Outcome extends { readonly outcome: string }>(
  { sessionTokens }: Pick<Ports, 'sessionTokens'>,
  session: UnsignedSession,
  write: (session: NewSession) => Promise<Outcome>,
): Promise<{ readonly kid: string; readonly result: Outcome }> {
  for (;;) {
    const kid = sessionTokens.currentKeyId(session.createdAt);
    const result = await write({ ...session, kid });
    if (result.outcome !== 'signing_key_retired') {
      return { kid, result };
    }
    // Each round follows such a rotation, so it ends.
    await sessionTokens.reloadKeys();
  }
}

/** The reply about a session that was opened, with its token. */
export function loginResult(
  { sessionTokens }: Pick<Ports, 'sessionTokens'>,
  { userId, orgId, email, credentialVersion }: UserCredentials,
  { sessionId, createdAt }: UnsignedSession,
  { kid, issued }: { readonly kid: string; readonly issued: IssuedSession },
): LoginResult {
  const { expiresAt, fullname, roles, emailVerified, tokenKey } = issued;
  const times = { issuedAtSeconds: Math.floor(createdAt / 1000), expiresAtSeconds: expiresAt / 1000 };
  const of = { sessionId, userId, orgId, email, credentialVersion, actor: null };
  const token = sessionTokens.sign(kid, { ...of, ...times, roles, emailVerified }, tokenKey);
  return { token, expiresAt, email, fullname, orgId, userId };
}

/** The refusal that hands a challenge out. */
export function challengeError(
  { challengeTokens }: Pick<Ports, 'challengeTokens'>,
  { orgId, userId }: Pick<UserCredentials, 'orgId' | 'userId'>,
  { kind, challengeId, methods, expiresAt }: OpenChallenge,
): AuthError {
  return new AuthError(kind === 'second_factor' ? 'SECOND_FACTOR_REQUIRED' : 'PASSWORD_CHANGE_REQUIRED', {
    subject: { orgId, userId },
    nextStep: { challenge: challengeTokens.sign({ kind, orgId, challengeId, expiresAt }), methods, expiresAt },
  });
}
