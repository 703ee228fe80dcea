import type { KnownDevice } from '../../../domain/auth/storage.ts';
import { type CountedTries, NO_TRIES, TOLD_PART, type Tries } from '../../../domain/auth/tries.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import type { Holds } from './holds.ts';
import { first } from './paging.ts';

const TRIES = `failures, pending, pending_until AS "pendingUntil", locked_until AS "lockedUntil"`;
const COUNTED = `counted_as AS "countedAs", ${TRIES}`;

const LOOK = statement(
  `SELECT EXISTS (SELECT 1 FROM {schema}.spent_nonces WHERE nonce_id = $3) AS "isNonceSpent",
     u.user_id AS "userId", u.credential_version AS "credentialVersion", ${COUNTED}
   FROM (SELECT 1) AS always
     LEFT JOIN {schema}.users AS u ON u.org_id = $1 AND u.email = $2
     LEFT JOIN {schema}.login_tries AS t ON t.org_id = $1 AND t.email = $2 ORDER BY counted_as`,
);
const LIST = statement(
  `SELECT ${COUNTED} FROM {schema}.login_tries WHERE org_id = $1 AND email = $2 ORDER BY counted_as`,
);
/** What is not there is made, so that two find one row to wait for. One that is left behind so is the first that is removed. */
const HOLD = statement(
  `INSERT INTO {schema}.login_tries AS t
     (org_id, email, counted_as, failures, pending, pending_until, locked_until, is_user, last_at, part)
   VALUES ($1, $2, $3, 0, 0, 0, 0, false, 0, ${TOLD_PART})
   ON CONFLICT (org_id, email, counted_as) DO UPDATE SET pending = t.pending RETURNING ${TRIES}`,
);
const PUT = statement(
  `UPDATE {schema}.login_tries
   SET failures = $4, pending = $5, pending_until = $6, locked_until = $7, is_user = $8, last_at = $9,
     part = CASE WHEN failures = 0 THEN $10 ELSE part END
   WHERE org_id = $1 AND email = $2 AND counted_as = $3`,
);
const REMOVE = statement('DELETE FROM {schema}.login_tries WHERE org_id = $1 AND email = $2 AND counted_as = $3');
/** In the order in which a login holds several. */
const HOLD_ALL = statement(
  `SELECT ${COUNTED} FROM {schema}.login_tries WHERE org_id = $1 AND email = $2 ORDER BY counted_as FOR UPDATE`,
);
const REMOVE_ALL = statement('DELETE FROM {schema}.login_tries WHERE org_id = $1 AND email = $2');
/** What others hold is theirs to remove. */
const REMOVE_SURPLUS = statement(
  `DELETE FROM {schema}.login_tries WHERE org_id = $1 AND counted_as = $2 AND email IN
     (SELECT email FROM {schema}.login_tries
      WHERE org_id = $1 AND counted_as = $2 AND part = $3 AND NOT is_user AND (last_at, email) <=
        (SELECT last_at, email FROM {schema}.login_tries
         WHERE org_id = $1 AND counted_as = $2 AND part = $3 AND NOT is_user
         ORDER BY last_at DESC, email DESC OFFSET $4 LIMIT 1)
      FOR UPDATE SKIP LOCKED)`,
);
const REMOVE_EXPIRED = statement(
  `DELETE FROM {schema}.login_tries WHERE (org_id, email, counted_as) IN
     (SELECT org_id, email, counted_as FROM {schema}.login_tries
      WHERE NOT is_user AND part = ${TOLD_PART} AND last_at < $1 ORDER BY last_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
);

type LookedAt = { readonly isNonceSpent: boolean } & (KnownDevice | { readonly userId: null }) &
  (CountedTries | { readonly countedAs: null });

/** The table `login_tries`. */
export function loginTriesRows(queries: Queries, holds: Holds): Rows['loginTries'] {
  return {
    async look(orgId, email, nonceId) {
      const rows = await queries.all<LookedAt>(LOOK, [orgId, email, nonceId]);
      const tries = rows.flatMap((row) => (row.countedAs === null ? [] : [toCounted(row)]));
      return { isNonceSpent: rows[0]?.isNonceSpent ?? false, user: toUser(rows[0]), tries };
    },
    list: (orgId, email) => queries.all<CountedTries>(LIST, [orgId, email]),
    async hold({ orgId, email, countedAs }) {
      holds.organization(orgId);
      return (await first(queries.all<Tries>(HOLD, [orgId, email, countedAs]))) ?? NO_TRIES;
    },
    put({ orgId, email, countedAs }, { tries, isUser, part, at }) {
      const { failures, pending, pendingUntil, lockedUntil } = tries;
      queries.send(PUT, [orgId, email, countedAs, failures, pending, pendingUntil, lockedUntil, isUser, at, part]);
    },
    remove: ({ orgId, email, countedAs }) => queries.send(REMOVE, [orgId, email, countedAs]),
    holdAll: (orgId, email) => queries.all<CountedTries>(HOLD_ALL, [orgId, email]),
    removeAll(orgId, email) {
      queries.send(HOLD_ALL, [orgId, email]);
      queries.send(REMOVE_ALL, [orgId, email]);
    },
    removeSurplus: ({ orgId, countedAs, part }, most) => queries.send(REMOVE_SURPLUS, [orgId, countedAs, part, most]),
    removeExpired: (before, limit) => queries.count(REMOVE_EXPIRED, [before, limit]),
  };
}

function toUser(row: LookedAt | undefined): KnownDevice | null {
  return row === undefined || row.userId === null
    ? null
    : { userId: row.userId, credentialVersion: row.credentialVersion };
}

function toCounted({ countedAs, failures, pending, pendingUntil, lockedUntil }: CountedTries): CountedTries {
  return { countedAs, failures, pending, pendingUntil, lockedUntil };
}
