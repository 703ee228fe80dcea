import type { EndedSlice, SessionDetails } from '../../../domain/sessions/storage.ts';
import { rolesOf } from '../../../domain/users/roles.ts';
import type { Rows, UnrevokedSession } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import type { Holds } from './holds.ts';
import { first, pageParameters } from './paging.ts';

/** When `s`, a session, ended before its time: by itself, or with its generation. */
export const SESSION_ENDED_AT = `coalesce(s.revoked_at,
    (SELECT ended_at FROM {schema}.ended_generations g WHERE g.org_id = s.org_id AND g.generation = s.generation))`;

/** Of `s`, a session, and `u`, its user. */
const SESSION_COLUMNS = `s.session_id AS "sessionId", s.org_id AS "orgId", s.user_id AS "userId", u.email, u.fullname,
  u.roles, u.email_verified_at IS NOT NULL AS "emailVerified", s.actor, s.created_at AS "createdAt",
  s.expires_at AS "expiresAt", ${SESSION_ENDED_AT} AS "revokedAt", s.last_used_at AS "lastUsedAt", s.client_ip AS "clientIp",
  s.user_agent AS "userAgent"`;

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
const LIVE = statement(
  `SELECT ${SESSION_COLUMNS} FROM ${JOINED}
   WHERE s.org_id = $1 AND s.user_id = $2 AND s.revoked_at IS NULL AND s.actor IS NULL AND s.expires_at > $3
     AND s.generation = (SELECT session_generation FROM {schema}.organizations WHERE org_id = $1)
   ORDER BY s.created_at DESC, s.session_id DESC`,
);
const UNREVOKED = statement(
  `SELECT session_id AS "sessionId", created_at AS "createdAt", expires_at AS "expiresAt", actor FROM {schema}.sessions
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
  `INSERT INTO {schema}.sessions
     (org_id, session_id, user_id, created_at, expires_at, actor, client_ip, user_agent, generation)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT session_generation FROM {schema}.organizations WHERE org_id = $1))`,
);
const SET_EXPIRES_AT = statement('UPDATE {schema}.sessions SET expires_at = $3 WHERE org_id = $1 AND session_id = $2');
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
/** What another transaction holds is left out: whoever ends several sessions takes them in another order. */
const RECORD_USES = statement(
  `UPDATE {schema}.sessions s SET last_used_at = u.used_at, client_ip = coalesce(nullif(u.client_ip, ''), s.client_ip),
     user_agent = coalesce(nullif(u.user_agent, ''), s.user_agent)
   FROM (
     SELECT asked.* FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[])
       AS asked (org_id, session_id, used_at, client_ip, user_agent)
     JOIN {schema}.sessions f ON f.org_id = asked.org_id AND f.session_id = asked.session_id
     WHERE coalesce(f.last_used_at, f.created_at) <= asked.used_at - $6::bigint
     FOR UPDATE OF f SKIP LOCKED) AS u
   WHERE s.org_id = u.org_id AND s.session_id = u.session_id`,
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
      return first(detailed(queries.all(BY_ID, [orgId, sessionId])));
    },
    list: (orgId, userId, page) =>
      userId === null
        ? detailed(queries.all(OF_ORGANIZATION, [...pageParameters(page), orgId]))
        : detailed(queries.all(OF_USER, [...pageParameters(page), orgId, userId])),
    listLive: (orgId, userId, at) => detailed(queries.all(LIVE, [orgId, userId, at])),
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
    insert({ tenant: { orgId }, sessionId, userId, createdAt, expiresAt, actor, device: { clientIp, userAgent } }) {
      holds.organization(orgId);
      queries.send(INSERT, [orgId, sessionId, userId, createdAt, expiresAt, actor, clientIp, userAgent]);
    },
    setExpiresAt: (orgId, sessionId, expiresAt) => queries.send(SET_EXPIRES_AT, [orgId, sessionId, expiresAt]),
    setRevokedAt: (orgId, sessionId, revokedAt) => queries.send(SET_REVOKED_AT, [orgId, sessionId, revokedAt]),
    countWrongPassword: async (orgId, sessionId) =>
      (await first(queries.all<{ readonly tries: number }>(COUNT_WRONG_PASSWORD, [orgId, sessionId])))?.tries ?? 0,
    clearWrongPasswords: (orgId, sessionId) => queries.send(CLEAR_WRONG_PASSWORDS, [orgId, sessionId]),
    recordUses(uses, keptMs) {
      const columns = (['orgId', 'sessionId', 'usedAt', 'clientIp', 'userAgent'] as const).map((name) =>
        uses.map((use) => use[name]),
      );
      queries.send(RECORD_USES, [...columns, keptMs]);
    },
    removeExpired: (before, limit) => queries.count(REMOVE_EXPIRED, [before, limit]),
  };
}

type Kept = Omit<SessionDetails, 'roles'> & { readonly roles: string };

async function detailed(rows: Promise<readonly Kept[]>): Promise<readonly SessionDetails[]> {
  return (await rows).map((row) => ({ ...row, roles: rolesOf(row.roles) }));
}
