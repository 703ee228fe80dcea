import type { SessionEndingOutcome, SessionSubject } from '../../domain/sessions/storage.ts';
import type { WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { endSessions } from './session-endings.ts';
import { ask, type Steps } from './steps.ts';

/** Of many, one ends it and gives the instant. */
export function* endSession(
  rows: WriteRows,
  { orgId, sessionId, userId, email }: SessionSubject,
  at: number,
): Steps<SessionEndingOutcome> {
  const session = yield* ask(rows.sessions.find(orgId, sessionId));
  if (session === null) {
    return 'not_found';
  }
  if (session.userId !== userId || session.email !== email) {
    return 'other_subject';
  }
  if (session.revokedAt !== null) {
    return 'already_ended';
  }
  const ended = yield* endSessions(rows, orgId, [session], at);
  if (ended === 0) {
    return 'already_ended';
  }
  yield* record(rows, { type: 'session.ended', orgId, userId, targetId: sessionId });
  return 'ended';
}
