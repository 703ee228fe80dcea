import type { Rows, UnrevokedSession } from '../rows.ts';
import { ask, type Steps } from './steps.ts';

/** Which sessions end, and when. */
export interface SessionEnding {
  readonly orgId: string;
  readonly sessions: readonly UnrevokedSession[];
  readonly at: number;
}

/**
 * The one operation that ends sessions, whatever the cause; gives the number of those that lived. Sessions that have
 * expired are marked too, and not counted: to a process whose clock is late they still live.
 */
export function* endSessions(rows: Rows, { orgId, sessions, at }: SessionEnding): Steps<number> {
  for (const { sessionId } of sessions) {
    yield* ask(rows.sessions.setRevokedAt(orgId, sessionId, at));
  }
  return sessions.filter(({ expiresAt }) => expiresAt > at).length;
}

/** Ends every session of an organization. */
export function* endSessionsOfOrganization(rows: Rows, orgId: string, at: number): Steps<number> {
  return yield* endSessions(rows, { orgId, sessions: yield* ask(rows.sessions.listUnrevoked(orgId, null)), at });
}

/** Ends every session of a user. */
export function* endSessionsOfUser(rows: Rows, orgId: string, userId: string, at: number): Steps<number> {
  return yield* endSessions(rows, { orgId, sessions: yield* ask(rows.sessions.listUnrevoked(orgId, userId)), at });
}
