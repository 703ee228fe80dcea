import type { SpentBudget } from '../domain/mail/budget.ts';
import type { MailState } from '../domain/mail/storage.ts';

/** A budget as its row has it. */
export interface BudgetRow {
  readonly taken: string;
  readonly toldAt: number | null;
}

/** What both engines read of a row that may not be there. */
export function toSpentBudget(row: BudgetRow | null | undefined): SpentBudget {
  const { taken, toldAt } = row ?? { taken: '', toldAt: null };
  return { instants: taken === '' ? [] : taken.split(',').map(Number), toldAt };
}

export function takenOf({ instants }: SpentBudget): string {
  return instants.join(',');
}

/** Counts by state, as a statement with a row for each gives them. */
export function countsByState(
  rows: readonly { readonly state: MailState; readonly number: number }[],
): Readonly<Record<MailState, number>> {
  return { waiting: 0, kept: 0, failed: 0, ...Object.fromEntries(rows.map(({ state, number }) => [state, number])) };
}

/** Due mails of each turn that are looked at for those that were tried the fewest times. */
export const DUE_LOOKED_AT = 100;

/** Whose turn a mail has, as the index `mails_in_turn` has it. */
export const TURN = "org_id || ' ' || caller_class";

/** After every turn. */
export const AFTER_TURNS = '~';
