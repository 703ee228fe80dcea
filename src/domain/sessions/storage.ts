import type { PageRequest } from '../page.ts';

/** What the rules of sessions need from the store. `Storage` says what holds for every operation. */
export interface SessionStorage {
  /** The session with what Validate answers, ended or not; null when its row, or its user's, is gone. */
  findSession(orgId: string, sessionId: string): Promise<SessionRecord | null>;
  /** Ends one session, where it is this user's. */
  endSession(session: SessionSubject, at: number): Promise<SessionEndingOutcome>;
  /** Ends the live sessions of a user. The number that ended. */
  endUserSessions(orgId: string, userId: string, at: number): Promise<number>;
  /**
   * How many sessions of a generation lived when it ended, exactly: none of them can come, go or change any more. Reads
   * every session of the organization in short steps, between which other calls go on.
   */
  countEndedSessions(ended: EndedGeneration): Promise<number>;
  /** The sessions of a user or of a whole organization, ended ones included. Oldest first, by (createdAt, sessionId). */
  listSessions(orgId: string, userId: string | null, page: PageRequest): Promise<readonly SessionRecord[]>;
}

/**
 * What became of a session that was to end. One that had expired is `already_ended`; `not_found`: its row, or its user's, is
 * gone; `other_subject`: it is of another user, or of one with another e-mail, and goes on.
 */
export type SessionEndingOutcome = 'ended' | 'already_ended' | 'not_found' | 'other_subject';

/**
 * All sessions that an organization had since its sessions ended last, and that ended together. Every session carries the
 * number of its generation, so that an ending is one short write, however many they are.
 */
export interface EndedGeneration {
  readonly orgId: string;
  readonly generation: number;
  readonly endedAt: number;
}

/** A part of a count. */
export interface EndedSlice {
  readonly lived: number;
  /** The id of the last session that was looked at; null when there was none. */
  readonly last: string | null;
}

/** A session and whose it is. */
export interface SessionSubject {
  readonly orgId: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly email: string;
}

export interface SessionRecord extends SessionSubject {
  readonly fullname: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When it ended before its time, by itself or with all of its organization; null while it lives. */
  readonly revokedAt: number | null;
}
