import type { KnownDevice } from '../../../domain/auth/storage.ts';
import { type CountedTries, NO_TRIES, TOLD_PART, type Tries } from '../../../domain/auth/tries.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';

const TRIES = 'failures, pending, pending_until AS pendingUntil, locked_until AS lockedUntil';
const OF_EMAIL = 'FROM login_tries WHERE org_id = ? AND email = ?';

/** The table `login_tries`. One writer works at a time: what it has read is held. */
export function loginTriesRows(connection: Connection): Rows['loginTries'] {
  const byKey = connection.prepare<[string, string, string], Tries>(`SELECT ${TRIES} ${OF_EMAIL} AND counted_as = ?`);
  const list = connection.prepare<[string, string], CountedTries>(
    `SELECT counted_as AS countedAs, ${TRIES} ${OF_EMAIL} ORDER BY counted_as`,
  );
  const isSpent = connection.prepare<[string]>('SELECT 1 FROM spent_nonces WHERE nonce_id = ?');
  const userOf = connection.prepare<[string, string], KnownDevice>(
    'SELECT user_id AS userId, credential_version AS credentialVersion FROM users WHERE org_id = ? AND email = ?',
  );
  const put = connection.prepare<[string, string, string, number, number, number, number, number, number, number]>(
    `INSERT INTO login_tries
       (org_id, email, counted_as, failures, pending, pending_until, locked_until, is_user, last_at, part)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (org_id, email, counted_as) DO UPDATE SET failures = excluded.failures, pending = excluded.pending,
       pending_until = excluded.pending_until, locked_until = excluded.locked_until, is_user = excluded.is_user,
       last_at = excluded.last_at`,
  );
  const remove = connection.prepare<[string, string, string]>(
    'DELETE FROM login_tries WHERE org_id = ? AND email = ? AND counted_as = ?',
  );
  const removeAll = connection.prepare<[string, string]>('DELETE FROM login_tries WHERE org_id = ? AND email = ?');
  const removeSurplus = connection.prepare<[string, string, number, string, string, number, number]>(
    `DELETE FROM login_tries WHERE org_id = ? AND counted_as = ? AND part = ? AND is_user = 0 AND (last_at, email) <=
       (SELECT last_at, email FROM login_tries WHERE org_id = ? AND counted_as = ? AND part = ? AND is_user = 0
        ORDER BY last_at DESC, email DESC LIMIT 1 OFFSET ?)`,
  );
  const removeExpired = connection.prepare<[number, number]>(
    `DELETE FROM login_tries WHERE (org_id, email, counted_as) IN
       (SELECT org_id, email, counted_as FROM login_tries
        WHERE is_user = 0 AND part = ${TOLD_PART} AND last_at < ? ORDER BY last_at LIMIT ?)`,
  );
  return {
    look: (orgId, email, nonceId) => ({
      isNonceSpent: isSpent.get(nonceId) !== undefined,
      user: userOf.get(orgId, email) ?? null,
      tries: list.all(orgId, email),
    }),
    list: (orgId, email) => list.all(orgId, email),
    hold: ({ orgId, email, countedAs }) => byKey.get(orgId, email, countedAs) ?? NO_TRIES,
    put({ orgId, email, countedAs }, { tries, isUser, part, at }) {
      const { failures, pending, pendingUntil, lockedUntil } = tries;
      put.run(orgId, email, countedAs, failures, pending, pendingUntil, lockedUntil, Number(isUser), at, part);
    },
    remove({ orgId, email, countedAs }) {
      remove.run(orgId, email, countedAs);
    },
    holdAll: (orgId, email) => list.all(orgId, email),
    removeAll(orgId, email) {
      removeAll.run(orgId, email);
    },
    removeSurplus({ orgId, countedAs, part }, most) {
      removeSurplus.run(orgId, countedAs, part, orgId, countedAs, part, most);
    },
    removeExpired: (before, limit) => removeExpired.run(before, limit).changes,
  };
}
