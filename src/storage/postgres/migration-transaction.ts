/** One connection, which nobody else uses while it migrates. */
export interface MigrationClient {
  /** Without values several statements may be in one, which are one step. */
  query(
    sql: string,
    values?: unknown[],
  ): Promise<{ readonly rows: readonly unknown[]; readonly rowCount: number | null }>;
}

/**
 * A change of a table waits for those who read it, and all who come later wait for it: it gives up after two seconds, lets them
 * pass and tries again. How long it runs is for nobody to cut, whatever the role's settings say. A process that stands still
 * amid its transaction is cut off, so that another can go on.
 */
const BEGIN = `
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = '10s'`;

/** Does the work in one transaction of a migrator, which stays whole or leaves nothing. Throws what the work throws. */
export async function transaction<T>(client: MigrationClient, work: () => Promise<T>): Promise<T> {
  try {
    await client.query(BEGIN);
    const outcome = await work();
    await client.query('COMMIT');
    return outcome;
  } catch (error) {
    // Where the connection has gone, so has the transaction.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Whether a transaction did nothing because of another: lock_not_available, deadlock_detected, serialization_failure. */
export function isHeldUp(error: unknown): boolean {
  return ['55P03', '40P01', '40001'].includes(codeOf(error));
}

/** The SQLSTATE of an error (https://www.postgresql.org/docs/current/errcodes-appendix.html), or ''. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
