import type { IssuedSession } from '../auth/storage.ts';
import type { PageRequest } from '../page.ts';
import type { Tenant } from '../tenant.ts';
import type { Device } from './device.ts';
import type { SessionLifetime } from './lifetime.ts';

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
  listSessions(orgId: string, userId: string | null, page: PageRequest): Promise<readonly SessionDetails[]>;
  /** The live sessions of a user that the user opened, newest first: as many as a user has at most. */
  listLiveSessions(orgId: string, userId: string, at: number): Promise<readonly SessionDetails[]>;
  /**
   * Moves the session's expiry as {@link renewedEnd} has it; only if the tenant is still open, the key of the token that proves the
   * session not retired, the session still live, opened by its user, and the user enabled. Keeps the key that will sign verifying until
   * the session expires.
   */
  renewSession(renewal: SessionRenewal): Promise<SessionRenewalOutcome>;
  /** Ends sessions of the user of a session that may still be used, as {@link renewSession} has it. */
  endMySessions(ending: OwnSessionsEnding): Promise<OwnSessionsEndingOutcome>;
  /** Writes when and by what device sessions were used, where that was last written an hour before or more. Those that are gone are left out. */
  recordSessionUses(uses: readonly SessionUse[]): Promise<void>;
}

/** A session that asks, with what must still hold when its call is written. */
export interface OwnSession {
  readonly tenant: Tenant;
  readonly userId: string;
  readonly email: string;
  readonly sessionId: string;
  /** The key that signed the token which proved the session. */
  readonly kid: string;
}

/** Why a session may not do what it asks for; what a fresh call would be told. */
export type OwnSessionRefusal = 'api_key_invalid' | 'organization_not_found' | 'signing_key_retired' | 'session_ended';

export interface SessionRenewal extends OwnSession {
  /** Of the server; an organization's own `ttlSeconds` goes before. */
  readonly lifetime: SessionLifetime;
  /** The key that will sign the new token. */
  readonly signingKid: string;
  readonly at: number;
}

export type SessionRenewalOutcome =
  | { readonly outcome: 'renewed'; readonly session: IssuedSession }
  /** That of the new token. */
  | { readonly outcome: 'next_signing_key_retired' }
  | { readonly outcome: OwnSessionRefusal };

export interface OwnSessionsEnding extends OwnSession {
  /** The one to end; null for all but the one that asks. */
  readonly endedId: string | null;
  readonly at: number;
}

export type OwnSessionsEndingOutcome =
  | { readonly outcome: 'ended'; readonly endedSessions: number }
  | { readonly outcome: OwnSessionRefusal };

/** One use of a session. */
export interface SessionUse extends Device {
  readonly orgId: string;
  readonly sessionId: string;
  readonly usedAt: number;
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
  /** Of the user, in the order in which they were given. */
  readonly roles: readonly string[];
  readonly emailVerified: boolean;
  /** Who opened it in the place of its user; null where the user did. */
  readonly actor: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** When it ended before its time, by itself or with all of its organization; null while it lives. */
  readonly revokedAt: number | null;
  /** To within an hour; null for one that was not used since its login. */
  readonly lastUsedAt: number | null;
}

/** The same, with what was used it last. */
export interface SessionDetails extends SessionRecord, Device {}
