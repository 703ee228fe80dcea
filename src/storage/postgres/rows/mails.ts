import {
  type LeasedMail,
  type MailRecord,
  type MailState,
  MOST_COUNTED_MAILS,
  type OutboxMail,
  type SealedMail,
} from '../../../domain/mail/storage.ts';
import { AFTER_TURNS, countsByState, DUE_LOOKED_AT, TURN } from '../../mail-rows.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import { first } from './paging.ts';

/** Of `m`, a mail. */
const COLUMNS = `m.mail_id AS "mailId", m.org_id AS "orgId", m.user_id AS "userId", m.kind, m.state,
  m.created_at AS "createdAt", m.due_at AS "dueAt", m.attempts, m.fault, m.keep_until AS "keepUntil"`;
const WITH_CONTENT = `${COLUMNS}, m.sealed_mail AS "sealedMail"`;

const INSERT = statement(
  `INSERT INTO {schema}.mails (org_id, mail_id, user_id, kind, caller_class, sealed_mail, state, created_at, due_at, attempts,
     fault, lease_id, leased_until, keep_until)
   VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $7, 0, '', '', 0, $8)`,
);
const BY_ID = statement(`SELECT ${WITH_CONTENT} FROM {schema}.mails AS m WHERE m.mail_id = $1`);
const LEASED = statement(
  `SELECT ${COLUMNS} FROM {schema}.mails AS m WHERE m.org_id = $1 AND m.mail_id = $2 AND m.lease_id = $3 FOR UPDATE`,
);
const LIST = statement(`SELECT ${COLUMNS} FROM {schema}.mails AS m WHERE m.mail_id > $1 ORDER BY m.mail_id LIMIT $2`);
const LIST_OF = statement(
  `SELECT ${COLUMNS} FROM {schema}.mails AS m WHERE m.org_id = $3 AND m.mail_id > $1 ORDER BY m.mail_id LIMIT $2`,
);
const LIST_SEALED = statement(
  `SELECT org_id AS "orgId", mail_id AS "mailId", sealed_mail AS "from" FROM {schema}.mails
   WHERE mail_id > $1 ORDER BY mail_id LIMIT $2`,
);
const REPLACE_SEALED = statement(
  'UPDATE {schema}.mails SET sealed_mail = $4 WHERE org_id = $1 AND mail_id = $2 AND sealed_mail = $3',
);
const COUNT = statement(
  `SELECT state, (SELECT count(*) FROM (SELECT 1 FROM {schema}.mails AS m WHERE m.state = s.state LIMIT $1) AS found)::bigint
     AS number
   FROM (VALUES ('waiting'), ('kept'), ('failed')) AS s (state)`,
);
const OLDEST = statement(
  `SELECT least((SELECT min(due_at) FROM {schema}.mails WHERE state = 'waiting'),
     (SELECT min(requested_at) FROM {schema}.mail_requests)) AS at`,
);
const DUE = statement(
  `SELECT 1 FROM {schema}.mails WHERE state = 'waiting' AND due_at <= $1 AND leased_until <= $1 LIMIT 1`,
);
const IS_DUE = `state = 'waiting' AND due_at <= $3 AND leased_until <= $3`;
// The turns that have something due after the last one, and then those up to it; each step of a walk is a look into the index.
const LEASE = statement(
  `WITH RECURSIVE walk (round, turn, until, step) AS (
     SELECT * FROM (VALUES (0, $5::text COLLATE "C", '${AFTER_TURNS}'::text COLLATE "C", 0),
       (1, ''::text COLLATE "C", $5::text COLLATE "C", 0)) AS ends
     UNION ALL
     SELECT round, (SELECT ${TURN} FROM {schema}.mails WHERE ${IS_DUE} AND ${TURN} > walk.turn AND ${TURN} <= walk.until
         ORDER BY ${TURN} LIMIT 1), until, step + 1
       FROM walk WHERE turn IS NOT NULL AND step < $4),
   turns AS MATERIALIZED (SELECT round, turn FROM walk WHERE step > 0 AND turn IS NOT NULL),
   due AS (
     SELECT m.org_id, m.mail_id, t.round, t.turn, row_number() OVER (PARTITION BY t.turn ORDER BY m.attempts, m.due_at) AS place
       FROM turns AS t CROSS JOIN LATERAL (
         SELECT org_id, mail_id, due_at, attempts FROM {schema}.mails WHERE ${IS_DUE} AND ${TURN} = t.turn
           ORDER BY due_at LIMIT ${DUE_LOOKED_AT}) AS m),
   chosen AS (SELECT org_id, mail_id, turn FROM due ORDER BY place, round, turn LIMIT $4),
   held AS (
     SELECT h.org_id, h.mail_id, chosen.turn FROM {schema}.mails AS h JOIN chosen USING (org_id, mail_id)
     WHERE h.state = 'waiting' AND h.due_at <= $3 AND h.leased_until <= $3 FOR UPDATE OF h SKIP LOCKED)
   UPDATE {schema}.mails AS m SET lease_id = $1, leased_until = $2 FROM held
   WHERE m.org_id = held.org_id AND m.mail_id = held.mail_id
   RETURNING m.mail_id AS "mailId", held.turn`,
);
const CHANGE = statement(
  `UPDATE {schema}.mails SET state = $3, due_at = $4, fault = $5, attempts = $6, keep_until = $7, lease_id = '', leased_until = 0
   WHERE org_id = $1 AND mail_id = $2`,
);
const REQUEUE = statement(
  `UPDATE {schema}.mails SET state = 'waiting', due_at = $3, attempts = 0, fault = '', keep_until = $4
   WHERE org_id = $1 AND mail_id = $2`,
);
const REMOVE = statement('DELETE FROM {schema}.mails WHERE org_id = $1 AND mail_id = $2');
const REMOVE_WAITING = statement(
  `DELETE FROM {schema}.mails
   WHERE org_id = $1 AND user_id = $2 AND kind = $3 AND caller_class = $4 AND state = 'waiting' AND leased_until <= $5`,
);
const REMOVE_OF_USER = statement('DELETE FROM {schema}.mails WHERE org_id = $1 AND user_id = $2');
const REMOVE_EXPIRED = statement(
  `DELETE FROM {schema}.mails WHERE (org_id, mail_id) IN
     (SELECT org_id, mail_id FROM {schema}.mails WHERE keep_until < $1 ORDER BY keep_until LIMIT $2 FOR UPDATE SKIP LOCKED)`,
);

/** The table `mails`. */
export function mailRows(queries: Queries): Rows['mails'] {
  return {
    insert: ({ orgId, mailId, userId, kind, callerClass, sealedMail, at }, keepUntil) =>
      queries.send(INSERT, [orgId, mailId, userId, kind, callerClass, sealedMail, at, keepUntil]),
    find: (mailId) => first(queries.all<OutboxMail>(BY_ID, [mailId])),
    findLeased: ({ orgId, mailId, leaseId }) => first(queries.all<MailRecord>(LEASED, [orgId, mailId, leaseId])),
    list: (orgId, after, limit) =>
      orgId === null
        ? queries.all<MailRecord>(LIST, [after ?? '', limit])
        : queries.all<MailRecord>(LIST_OF, [after ?? '', limit, orgId]),
    listSealed: (after, limit) => queries.all<SealedMail>(LIST_SEALED, [after ?? '', limit]),
    replaceSealed: async ({ orgId, mailId, from, to }) =>
      (await queries.count(REPLACE_SEALED, [orgId, mailId, from, to])) === 1,
    async count(at) {
      const rows = await queries.all<{ state: MailState; number: number }>(COUNT, [MOST_COUNTED_MAILS]);
      const oldest = await first(queries.all<{ at: number | null }>(OLDEST));
      return { ...countsByState(rows), oldestDueMs: Math.max(0, at - (oldest?.at ?? at)) };
    },
    hasDue: async (at) => (await queries.all(DUE, [at])).length > 0,
    lease: ({ leaseId, at, leaseMs, limit, lastTurn }) =>
      queries.all<LeasedMail>(LEASE, [leaseId, at + leaseMs, at, limit, lastTurn]),
    change: (orgId, mailId, { state, dueAt, fault, attempts, keepUntil }) =>
      queries.send(CHANGE, [orgId, mailId, state, dueAt, fault, attempts, keepUntil]),
    requeue: (orgId, mailId, { at, keepUntil }) => queries.send(REQUEUE, [orgId, mailId, at, keepUntil]),
    remove: (orgId, mailId) => queries.send(REMOVE, [orgId, mailId]),
    removeWaiting: ({ orgId, userId, kind, callerClass, at }) =>
      queries.send(REMOVE_WAITING, [orgId, userId, kind, callerClass, at]),
    removeOfUser: (orgId, userId) => queries.send(REMOVE_OF_USER, [orgId, userId]),
    removeExpired: (before, limit) => queries.count(REMOVE_EXPIRED, [before, limit]),
  };
}
