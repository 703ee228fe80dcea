import { lifetimeOf, renewedEnd } from '../../domain/sessions/lifetime.ts';
import { USE_STEP_MS } from '../../domain/sessions/session-uses.ts';
import type {
  OwnSessionsEnding,
  OwnSessionsEndingOutcome,
  SessionRenewal,
  SessionRenewalOutcome,
  SessionUse,
} from '../../domain/sessions/storage.ts';
import type { Rows, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { issuedSession } from './open-session.ts';
import { judgeOwnSession, ownSessionOf } from './own-session.ts';
import { endSessions } from './session-endings.ts';
import { isLive, keepVerifying } from './signing-keys.ts';
import { ask, askAll, type Steps } from './steps.ts';

/** What ends the session wins when it is committed first; otherwise it finds it renewed, and ends it. */
export function* renewSession(rows: WriteRows, renewal: SessionRenewal): Steps<SessionRenewalOutcome> {
  const { tenant, userId, sessionId, signingKid, at } = renewal;
  const { orgId } = tenant;
  const [organization, key, user, signingKey, session, nextKey, tokenKey] = yield* askAll(
    ...ownSessionOf(rows, renewal),
    rows.signingKeys.find(signingKid),
    rows.apiKeys.findTokenKey(orgId),
  );
  const judged = judgeOwnSession({ organization, key, user, signingKey, session }, renewal, at);
  if (typeof judged === 'string') {
    return { outcome: judged };
  }
  if (judged.session.actor !== null) {
    return { outcome: 'session_ended' };
  }
  if (!isLive(nextKey)) {
    return { outcome: 'next_signing_key_retired' };
  }
  const expiresAt = renewedEnd(judged.session, lifetimeOf(judged.organization, renewal.lifetime), at);
  yield* keepVerifying(rows, nextKey, expiresAt);
  if (expiresAt !== judged.session.expiresAt) {
    yield* ask(rows.sessions.setExpiresAt(orgId, sessionId, expiresAt));
    yield* record(rows, { type: 'session.renewed', orgId, userId, targetId: sessionId });
  }
  return { outcome: 'renewed', session: issuedSession(judged.user, expiresAt, tokenKey) };
}

/** A session that ended meanwhile ends no other. */
export function* endMySessions(rows: WriteRows, ending: OwnSessionsEnding): Steps<OwnSessionsEndingOutcome> {
  const { tenant, userId, sessionId, endedId, at } = ending;
  const { orgId } = tenant;
  const [organization, key, user, signingKey, session, sessions] = yield* askAll(
    ...ownSessionOf(rows, ending),
    rows.sessions.listUnrevoked(orgId, userId),
  );
  const judged = judgeOwnSession({ organization, key, user, signingKey, session }, ending, at);
  if (typeof judged === 'string') {
    return { outcome: judged };
  }
  const chosen = sessions.filter((each) =>
    endedId === null ? each.sessionId !== sessionId : each.sessionId === endedId,
  );
  const endedSessions = yield* endSessions(rows, orgId, chosen, at);
  if (endedSessions > 0 && endedId !== null) {
    yield* record(rows, { type: 'session.ended', orgId, userId, targetId: endedId });
  } else if (endedSessions > 0) {
    yield* record(rows, { type: 'user.sessions_ended', orgId, userId, details: { ended_sessions: endedSessions } });
  }
  return { outcome: 'ended', endedSessions };
}

/** Of uses that race the first of an hour is kept. No event tells of it: nothing comes of it. */
export function* recordSessionUses(rows: Rows, uses: readonly SessionUse[]): Steps<void> {
  yield* ask(rows.sessions.recordUses(uses, USE_STEP_MS));
}
