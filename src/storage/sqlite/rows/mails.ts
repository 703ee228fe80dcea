import {
  MAIL_STATES,
  type MailRecord,
  MOST_COUNTED_MAILS,
  type OutboxMail,
  type SealedMail,
} from '../../../domain/mail/storage.ts';
import { countsByState, DUE_LOOKED_AT } from '../../mail-rows.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';

const COLUMNS = `mail_id AS mailId, org_id AS orgId, user_id AS userId, kind, state, created_at AS createdAt,
  due_at AS dueAt, attempts, fault, keep_until AS keepUntil`;
const WITH_CONTENT = `${COLUMNS}, sealed_mail AS sealedMail`;

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
  const lease = connection
    .prepare<[string, number, number, number, number, number], string>(
      `UPDATE mails SET lease_id = ?, leased_until = ? WHERE (org_id, mail_id) IN (
       SELECT org_id, mail_id FROM (
         SELECT org_id, mail_id, due_at, row_number() OVER (PARTITION BY org_id ORDER BY attempts, due_at) AS turn
         FROM (SELECT org_id, mail_id, due_at, attempts FROM mails
               WHERE state = 'waiting' AND due_at <= ? AND leased_until <= ? ORDER BY due_at LIMIT ?))
       ORDER BY turn, due_at LIMIT ?)
     RETURNING mail_id`,
    )
    .pluck();
  const change = connection.prepare<[string, number, string, number, number, string, string]>(
    `UPDATE mails SET state = ?, due_at = ?, fault = ?, attempts = ?, keep_until = ?, lease_id = '', leased_until = 0
     WHERE org_id = ? AND mail_id = ?`,
  );
  const requeue = connection.prepare<[number, number, string, string]>(
    `UPDATE mails SET state = 'waiting', due_at = ?, attempts = 0, fault = '', keep_until = ? WHERE org_id = ? AND mail_id = ?`,
  );
  const remove = connection.prepare<[string, string]>('DELETE FROM mails WHERE org_id = ? AND mail_id = ?');
  const removeWaiting = connection.prepare<[string, string, string, number]>(
    `DELETE FROM mails WHERE org_id = ? AND user_id = ? AND kind = ? AND state = 'waiting' AND leased_until <= ?`,
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
    lease: ({ leaseId, at, leaseMs, limit }) => lease.all(leaseId, at + leaseMs, at, at, DUE_LOOKED_AT, limit),
    change(orgId, mailId, { state, dueAt, fault, attempts, keepUntil }) {
      change.run(state, dueAt, fault, attempts, keepUntil, orgId, mailId);
    },
    requeue(orgId, mailId, { at, keepUntil }) {
      requeue.run(at, keepUntil, orgId, mailId);
    },
    remove(orgId, mailId) {
      remove.run(orgId, mailId);
    },
    removeWaiting({ orgId, userId, kind, at }) {
      removeWaiting.run(orgId, userId, kind, at);
    },
    removeOfUser(orgId, userId) {
      removeOfUser.run(orgId, userId);
    },
    removeExpired: (before, limit) => removeExpired.run(before, limit).changes,
  };
}
