import type { EndedSlice, SessionRecord } from '../../../domain/sessions/storage.ts';
import type { Rows, UnrevokedSession } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import type { Holds } from './holds.ts';
import { first, pageParameters } from './paging.ts';

/** When `s`, a session, ended before its time: by itself, or with its generation. */
export const SESSION_ENDED_AT = `coalesce(s.revoked_at,
    (SELECT ended_at FROM {schema}.ended_generations g WHERE g.org_id = s.org_id AND g.generation = s.generation))`;

/** Of `s`, a session, and `u`, its user. */
const SESSION_COLUMNS = `s.session_id AS "sessionId", s.org_id AS "orgId", s.user_id AS "userId", u.email, u.fullname,
  s.created_at AS "createdAt", s.expires_at AS "expiresAt", ${SESSION_ENDED_AT} AS "revokedAt"`;

/** The user's row must be there: a session outlives its user only as a row to be swept. */
const JOINED = '{schema}.sessions s JOIN {schema}.users u ON u.org_id = s.org_id AND u.user_id = s.user_id';

const BY_ID = statement(`SELECT ${SESSION_COLUMNS} FROM ${JOINED} WHERE s.org_id = $1 AND s.session_id = $2`);
const OF_ORGANIZATION = statement(
  `SELECT ${SESSION_COLUMNS} FROM ${JOINED} WHERE s.org_id = $4 AND (s.created_at, s.session_id) > ($1, $2)
   ORDER BY s.created_at, s.session_id LIMIT $3`,
);
const OF_USER = statement(
  `SELECT ${SESSION_COLUMNS} FROM ${JOINED}
   WHERE s.org_id = $4 AND s.user_id = $5 AND (s.created_at, s.session_id) > ($1, $2)
   ORDER BY s.created_at, s.session_id LIMIT $3`,
);
const UNREVOKED = statement(
  `SELECT session_id AS "sessionId", created_at AS "createdAt", expires_at AS "expiresAt" FROM {schema}.sessions
   WHERE org_id = $1 AND user_id = $2 AND revoked_at IS NULL
     AND generation = (SELECT session_generation FROM {schema}.organizations WHERE org_id = $1)`,
);
const ANY_UNREVOKED = statement(
  'SELECT 1 FROM {schema}.sessions WHERE org_id = $1 AND generation = $2 AND revoked_at IS NULL LIMIT 1',
);
const COUNT_ENDED = statement(
  `SELECT count(*) FILTER (WHERE generation = $1 AND revoked_at IS NULL AND expires_at > $2) AS lived,
     max(session_id) AS last
   FROM (SELECT session_id, generation, revoked_at, expires_at FROM {schema}.sessions
     WHERE org_id = $3 AND session_id > $4 ORDER BY session_id LIMIT $5) AS slice`,
);
const INSERT = statement(
  `INSERT INTO {schema}.sessions (org_id, session_id, user_id, created_at, expires_at, generation)
   VALUES ($1, $2, $3, $4, $5, (SELECT session_generation FROM {schema}.organizations WHERE org_id = $1))`,
);
/** Whoever ended it first gave the instant. */
const SET_REVOKED_AT = statement(
  'UPDATE {schema}.sessions SET revoked_at = $3 WHERE org_id = $1 AND session_id = $2 AND revoked_at IS NULL',
);
const COUNT_WRONG_PASSWORD = statement(
  `UPDATE {schema}.sessions SET wrong_passwords = wrong_passwords + 1 WHERE org_id = $1 AND session_id = $2
   RETURNING wrong_passwords AS tries`,
);
const CLEAR_WRONG_PASSWORDS = statement(
  'UPDATE {schema}.sessions SET wrong_passwords = 0 WHERE org_id = $1 AND session_id = $2',
);
const REMOVE_EXPIRED = statement(
  `DELETE FROM {schema}.sessions WHERE (org_id, session_id) IN
     (SELECT org_id, session_id FROM {schema}.sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2
      FOR UPDATE SKIP LOCKED)`,
);

/** The table `sessions`. */
export function sessionRows(queries: Queries, holds: Holds): Rows['sessions'] {
  return {
    find(orgId, sessionId) {
      holds.session(orgId, sessionId);
      return first(queries.all<SessionRecord>(BY_ID, [orgId, sessionId]));
    },
    list: (orgId, userId, page) =>
      userId === null
        ? queries.all<SessionRecord>(OF_ORGANIZATION, [...pageParameters(page), orgId])
        : queries.all<SessionRecord>(OF_USER, [...pageParameters(page), orgId, userId]),
    listUnrevoked(orgId, userId) {
      // Whoever ends several of a user goes alone: each in an order of its own, two would wait for each other.
      holds.user(orgId, userId);
      return queries.all<UnrevokedSession>(UNREVOKED, [orgId, userId]);
    },
    hasUnrevoked: async (orgId, generation) => (await queries.all(ANY_UNREVOKED, [orgId, generation])).length > 0,
    countEnded: async ({ orgId, generation, endedAt }, after, limit) =>
      (await first(queries.all<EndedSlice>(COUNT_ENDED, [generation, endedAt, orgId, after, limit]))) ?? {
        lived: 0,
        last: null,
      },
    insert({ tenant: { orgId }, sessionId, userId, createdAt, expiresAt }) {
      holds.organization(orgId);
      queries.send(INSERT, [orgId, sessionId, userId, createdAt, expiresAt]);
    },
    setRevokedAt: (orgId, sessionId, revokedAt) => queries.send(SET_REVOKED_AT, [orgId, sessionId, revokedAt]),
    countWrongPassword: async (orgId, sessionId) =>
      (await first(queries.all<{ readonly tries: number }>(COUNT_WRONG_PASSWORD, [orgId, sessionId])))?.tries ?? 0,
    clearWrongPasswords: (orgId, sessionId) => queries.send(CLEAR_WRONG_PASSWORDS, [orgId, sessionId]),
    removeExpired: (before, limit) => queries.count(REMOVE_EXPIRED, [before, limit]),
  };
}
