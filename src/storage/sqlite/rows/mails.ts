import {
  type LeasedMail,
  MAIL_STATES,
  type MailLease,
  type MailRecord,
  MOST_COUNTED_MAILS,
  type OutboxMail,
  type SealedMail,
} from '../../../domain/mail/storage.ts';
import { AFTER_TURNS, countsByState, DUE_LOOKED_AT, TURN } from '../../mail-rows.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';

const COLUMNS = `mail_id AS mailId, org_id AS orgId, user_id AS userId, kind, state, created_at AS createdAt,
  due_at AS dueAt, attempts, fault, keep_until AS keepUntil`;
const WITH_CONTENT = `${COLUMNS}, sealed_mail AS sealedMail`;

type LeaseValues = Omit<MailLease, 'leaseMs'> & { readonly until: number };

/** The table `mails`. */
export function mailRows(connection: Connection): Rows['mails'] {
  const insert = connection.prepare<[string, string, string, string, string, Uint8Array, number, number, number]>(
    `INSERT INTO mails (org_id, mail_id, user_id, kind, caller_class, sealed_mail, state, created_at, due_at, attempts, fault,
       lease_id, leased_until, keep_until)
     VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?, 0, '', '', 0, ?)`,
  );
  const byId = connection.prepare<[string], OutboxMail>(`SELECT ${WITH_CONTENT} FROM mails WHERE mail_id = ?`);
  const leased = connection.prepare<[string, string, string], MailRecord>(
    `SELECT ${COLUMNS} FROM mails WHERE org_id = ? AND mail_id = ? AND lease_id = ?`,
  );
  const list = connection.prepare<[string, number], MailRecord>(
    `SELECT ${COLUMNS} FROM mails WHERE mail_id > ? ORDER BY mail_id LIMIT ?`,
  );
  const listOf = connection.prepare<[string, string, number], MailRecord>(
    `SELECT ${COLUMNS} FROM mails WHERE org_id = ? AND mail_id > ? ORDER BY mail_id LIMIT ?`,
  );
  const listSealed = connection.prepare<[string, number], SealedMail>(
    `SELECT org_id AS orgId, mail_id AS mailId, sealed_mail AS "from" FROM mails WHERE mail_id > ? ORDER BY mail_id LIMIT ?`,
  );
  const replaceSealed = connection.prepare<[Uint8Array, string, string, Uint8Array]>(
    'UPDATE mails SET sealed_mail = ? WHERE org_id = ? AND mail_id = ? AND sealed_mail = ?',
  );
  const count = connection
    .prepare<[string, number], number>('SELECT count(*) FROM (SELECT 1 FROM mails WHERE state = ? LIMIT ?)')
    .pluck();
  const oldest = connection
    .prepare<[], number | null>(
      `SELECT min(at) FROM (SELECT min(due_at) AS at FROM mails WHERE state = 'waiting'
         UNION ALL SELECT min(requested_at) FROM mail_requests)`,
    )
    .pluck();
  const due = connection.prepare<[number, number]>(
    `SELECT 1 FROM mails WHERE state = 'waiting' AND due_at <= ? AND leased_until <= ? LIMIT 1`,
  );
  const isDue = `state = 'waiting' AND due_at <= @at AND leased_until <= @at`;
  // The turns that have something due after the last one, and then those up to it; each step of a walk is a look into the index.
  const lease = connection.prepare<[LeaseValues], LeasedMail>(
    `WITH RECURSIVE walk (round, turn, until, step) AS (
       VALUES (0, @lastTurn, '${AFTER_TURNS}', 0), (1, '', @lastTurn, 0)
       UNION ALL
       SELECT round, (SELECT ${TURN} FROM mails WHERE ${isDue} AND ${TURN} > walk.turn AND ${TURN} <= walk.until
           ORDER BY ${TURN} LIMIT 1), until, step + 1
         FROM walk WHERE turn IS NOT NULL AND step < @limit),
     turns AS MATERIALIZED (SELECT round, turn FROM walk WHERE step > 0 AND turn IS NOT NULL),
     due AS (
       SELECT m.org_id, m.mail_id, t.round, t.turn,
           row_number() OVER (PARTITION BY t.turn ORDER BY m.attempts, m.due_at) AS place
         FROM turns AS t CROSS JOIN mails AS m
         WHERE m.rowid IN (SELECT rowid FROM mails WHERE ${isDue} AND ${TURN} = t.turn ORDER BY due_at LIMIT ${DUE_LOOKED_AT}))
     UPDATE mails SET lease_id = @leaseId, leased_until = @until
     WHERE (org_id, mail_id) IN (SELECT org_id, mail_id FROM due ORDER BY place, round, turn LIMIT @limit)
     RETURNING mail_id AS mailId, ${TURN} AS turn`,
  );
  const change = connection.prepare<[string, number, string, number, number, string, string]>(
    `UPDATE mails SET state = ?, due_at = ?, fault = ?, attempts = ?, keep_until = ?, lease_id = '', leased_until = 0
     WHERE org_id = ? AND mail_id = ?`,
  );
  const requeue = connection.prepare<[number, number, string, string]>(
    `UPDATE mails SET state = 'waiting', due_at = ?, attempts = 0, fault = '', keep_until = ? WHERE org_id = ? AND mail_id = ?`,
  );
  const remove = connection.prepare<[string, string]>('DELETE FROM mails WHERE org_id = ? AND mail_id = ?');
  const removeWaiting = connection.prepare<[string, string, string, string, number]>(
    `DELETE FROM mails
     WHERE org_id = ? AND user_id = ? AND kind = ? AND caller_class = ? AND state = 'waiting' AND leased_until <= ?`,
  );
  const removeOfUser = connection.prepare<[string, string]>('DELETE FROM mails WHERE org_id = ? AND user_id = ?');
  const removeExpired = connection.prepare<[number, number]>(
    `DELETE FROM mails WHERE (org_id, mail_id) IN
       (SELECT org_id, mail_id FROM mails WHERE keep_until < ? ORDER BY keep_until LIMIT ?)`,
  );
  return {
    insert({ orgId, mailId, userId, kind, callerClass, sealedMail, at }, keepUntil) {
      insert.run(orgId, mailId, userId, kind, callerClass, sealedMail, at, at, keepUntil);
    },
    find: (mailId) => byId.get(mailId) ?? null,
    findLeased: ({ orgId, mailId, leaseId }) => leased.get(orgId, mailId, leaseId) ?? null,
    list: (orgId, after, limit) =>
      orgId === null ? list.all(after ?? '', limit) : listOf.all(orgId, after ?? '', limit),
    listSealed: (after, limit) => listSealed.all(after ?? '', limit),
    replaceSealed: ({ orgId, mailId, from, to }) => replaceSealed.run(to, orgId, mailId, from).changes === 1,
    count(at) {
      const rows = MAIL_STATES.map((state) => ({ state, number: count.get(state, MOST_COUNTED_MAILS) ?? 0 }));
      return { ...countsByState(rows), oldestDueMs: Math.max(0, at - (oldest.get() ?? at)) };
    },
    hasDue: (at) => due.get(at, at) !== undefined,
    lease: ({ leaseMs, ...values }) => lease.all({ ...values, until: values.at + leaseMs }),
    change(orgId, mailId, { state, dueAt, fault, attempts, keepUntil }) {
      change.run(state, dueAt, fault, attempts, keepUntil, orgId, mailId);
    },
    requeue(orgId, mailId, { at, keepUntil }) {
      requeue.run(at, keepUntil, orgId, mailId);
    },
    remove(orgId, mailId) {
      remove.run(orgId, mailId);
    },
    removeWaiting({ orgId, userId, kind, callerClass, at }) {
      removeWaiting.run(orgId, userId, kind, callerClass, at);
    },
    removeOfUser(orgId, userId) {
      removeOfUser.run(orgId, userId);
    },
    removeExpired: (before, limit) => removeExpired.run(before, limit).changes,
  };
}
