import type { IssuedSession, NewSession, TokenKey, UserCredentials } from '../../domain/auth/storage.ts';
import { MAX_CLOCK_SKEW_MS } from '../../domain/clock-skew.ts';
import type { Organization } from '../../domain/organizations/storage.ts';
import { firstEndOf } from '../../domain/sessions/lifetime.ts';
import type { SigningKeyRecord } from '../../domain/signing-keys/storage.ts';
import type { UnrevokedSession, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { endSessions } from './session-endings.ts';
import { keepVerifying } from './signing-keys.ts';
import { ask, type Steps } from './steps.ts';

/** What a session is opened with, as the write has read and holds it. */
export interface OpeningState {
  readonly organization: Organization | null;
  readonly user: UserCredentials;
  /** Live. */
  readonly signingKey: SigningKeyRecord;
  /** Those of the user. */
  readonly sessions: readonly UnrevokedSession[];
  readonly tokenKey: TokenKey | null;
}

/** Inserts a session of a user who may have one, and ends the oldest beyond those that a user may have. */
export function* openSession(rows: WriteRows, session: NewSession, state: OpeningState): Steps<IssuedSession> {
  const { organization, user, signingKey, sessions, tokenKey } = state;
  const { actor, createdAt, sessionId } = session;
  const { orgId, userId } = user;
  const expiresAt = firstEndOf(organization, session);
  const ended = actor === null ? yield* endSessions(rows, orgId, surplusOf(sessions, session), createdAt) : 0;
  yield* ask(rows.sessions.insert({ ...session, expiresAt }));
  yield* keepVerifying(rows, signingKey, expiresAt);
  if (actor === null) {
    const details = ended === 0 ? {} : { ended_sessions: ended };
    yield* record(rows, { type: 'login.succeeded', orgId, userId, targetId: sessionId, details });
  }
  return issuedSession(user, expiresAt, tokenKey);
}

/** What the token of a session of this user says now. */
export function issuedSession(
  { fullname, roles, emailVerifiedAt }: UserCredentials,
  expiresAt: number,
  tokenKey: TokenKey | null,
): IssuedSession {
  return { expiresAt, fullname, roles, emailVerified: emailVerifiedAt !== null, tokenKey };
}

/**
 * The live sessions that make room for one more: the oldest. Those that a clock dated too late are of no use before their
 * time, and would push out all that come till then: they go first.
 */
function surplusOf(
  sessions: readonly UnrevokedSession[],
  { createdAt: at, maxLiveSessions }: NewSession,
): readonly UnrevokedSession[] {
  const isAhead = ({ createdAt }: UnrevokedSession) => createdAt > at + MAX_CLOCK_SKEW_MS;
  return sessions
    .filter(({ expiresAt, actor }) => expiresAt > at && actor === null)
    .toSorted(
      (a, b) =>
        Number(isAhead(a)) - Number(isAhead(b)) || b.createdAt - a.createdAt || (b.sessionId < a.sessionId ? -1 : 1),
    )
    .slice(Math.max(0, maxLiveSessions - 1));
}
