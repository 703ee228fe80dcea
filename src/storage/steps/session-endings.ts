import type { EndedGeneration } from '../../domain/sessions/storage.ts';
import type { Rows, UnrevokedSession, WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { ask, type Steps } from './steps.ts';

/*
 * The one place where sessions end, whatever the cause: some of them row by row, or all of an organization by their
 * generation. Both know which.
 */

/**
 * Ends sessions of the present generation; gives the number of those that lived. Sessions that have expired are marked too,
 * and not counted: to a process whose clock is late they still live.
 */
export function* endSessions(
  rows: Rows,
  orgId: string,
  sessions: readonly UnrevokedSession[],
  at: number,
): Steps<number> {
  for (const { sessionId } of sessions) {
    yield* ask(rows.sessions.setRevokedAt(orgId, sessionId, at));
  }
  return sessions.filter(({ expiresAt }) => expiresAt > at).length;
}

/** Ends every session of a user. */
export function* endSessionsOfUser(rows: Rows, orgId: string, userId: string, at: number): Steps<number> {
  return yield* endSessions(rows, orgId, yield* ask(rows.sessions.listUnrevoked(orgId, userId)), at);
}

/** The same, as a write of its own. */
export function* endUserSessions(rows: WriteRows, orgId: string, userId: string, at: number): Steps<number> {
  const endedSessions = yield* endSessionsOfUser(rows, orgId, userId, at);
  yield* record(rows, { type: 'user.sessions_ended', orgId, userId, details: { ended_sessions: endedSessions } });
  return endedSessions;
}

/** Ends every session of an organization, in one short step however many they are. Null where there was none to end. */
export function* endSessionsOfOrganization(rows: Rows, orgId: string, at: number): Steps<EndedGeneration | null> {
  const generation = yield* ask(rows.organizations.findSessionGeneration(orgId));
  if (generation === null || !(yield* ask(rows.sessions.hasUnrevoked(orgId, generation)))) {
    return null;
  }
  const ended = { orgId, generation, endedAt: at };
  yield* ask(rows.organizations.endSessionGeneration(ended));
  return ended;
}
