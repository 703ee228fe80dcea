import type { PageRequest } from '../page.ts';

/** What the rules of sessions need from the store. `Storage` says what holds for every operation. */
export interface SessionStorage {
  /** The session with what Validate answers, ended or not; null when its row, or its user's, is gone. */
  findSession(orgId: string, sessionId: string): Promise<SessionRecord | null>;
  /** Ends one session (again, or gone: nothing happens). */
  endSession(session: SessionReference, at: number): Promise<'ended' | 'already_ended' | 'not_found'>;
  /** Ends the live sessions of a user. The number that ended. */
  endUserSessions(orgId: string, userId: string, at: number): Promise<number>;
  /** The sessions of a user or of a whole organization, ended ones included. Oldest first, by (createdAt, sessionId). */
  listSessions(orgId: string, userId: string | null, page: PageRequest): Promise<readonly SessionRecord[]>;
}

export interface SessionReference {
  readonly orgId: string;
  readonly userId: string;
  readonly sessionId: string;
}

export interface SessionRecord extends SessionReference {
  readonly email: string;
  readonly fullname: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When it ended before its time; null while it lives. */
  readonly revokedAt: number | null;
}
