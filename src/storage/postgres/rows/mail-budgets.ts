import { keepBudgetUntil } from '../../../domain/mail/budget.ts';
import { type BudgetRow, takenOf, toSpentBudget } from '../../mail-rows.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import { first } from './paging.ts';

/** What is not there is made, so that two find one row to wait for. */
const HOLD = statement(
  `INSERT INTO {schema}.mail_budgets AS b (org_id, budget_key, taken, told_at, keep_until) VALUES ($1, $2, '', NULL, 0)
   ON CONFLICT (org_id, budget_key) DO UPDATE SET taken = b.taken RETURNING taken, told_at AS "toldAt"`,
);
const PUT = statement(
  `UPDATE {schema}.mail_budgets SET taken = $3, told_at = $4, keep_until = $5 WHERE org_id = $1 AND budget_key = $2`,
);
const REMOVE_EXPIRED = statement(
  `DELETE FROM {schema}.mail_budgets WHERE (org_id, budget_key) IN
     (SELECT org_id, budget_key FROM {schema}.mail_budgets WHERE keep_until < $1
      ORDER BY keep_until LIMIT $2 FOR UPDATE SKIP LOCKED)`,
);

/** The table `mail_budgets`. */
export function mailBudgetRows(queries: Queries): Rows['mailBudgets'] {
  return {
    hold: async (orgId, key) => toSpentBudget(await first(queries.all<BudgetRow>(HOLD, [orgId, key]))),
    put: (orgId, key, spent) => queries.send(PUT, [orgId, key, takenOf(spent), spent.toldAt, keepBudgetUntil(spent)]),
    removeExpired: (before, limit) => queries.count(REMOVE_EXPIRED, [before, limit]),
  };
}
