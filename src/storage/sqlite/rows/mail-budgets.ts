import { keepBudgetUntil } from '../../../domain/mail/budget.ts';
import { type BudgetRow, takenOf, toSpentBudget } from '../../mail-rows.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';

/** The table `mail_budgets`. One writer works at a time: what it has read is held. */
export function mailBudgetRows(connection: Connection): Rows['mailBudgets'] {
  const byKey = connection.prepare<[string, string], BudgetRow>(
    'SELECT taken, told_at AS toldAt FROM mail_budgets WHERE org_id = ? AND budget_key = ?',
  );
  const put = connection.prepare<[string, string, string, number | null, number]>(
    `INSERT INTO mail_budgets (org_id, budget_key, taken, told_at, keep_until) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (org_id, budget_key) DO UPDATE SET taken = excluded.taken, told_at = excluded.told_at,
       keep_until = excluded.keep_until`,
  );
  const removeExpired = connection.prepare<[number, number]>(
    `DELETE FROM mail_budgets WHERE (org_id, budget_key) IN
       (SELECT org_id, budget_key FROM mail_budgets WHERE keep_until < ? ORDER BY keep_until LIMIT ?)`,
  );
  return {
    hold: (orgId, key) => toSpentBudget(byKey.get(orgId, key)),
    put(orgId, key, spent) {
      put.run(orgId, key, takenOf(spent), spent.toldAt, keepBudgetUntil(spent));
    },
    removeExpired: (before, limit) => removeExpired.run(before, limit).changes,
  };
}
