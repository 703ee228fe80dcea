import type { Steps } from '../steps/steps.ts';
import { ConnectionLostError } from './errors.ts';
import type { Session, SessionResult } from './session.ts';
import { type Queries, type Statement, statement } from './statement.ts';

/**
 * How long a transaction may stand idle between its statements: a process that is frozen or cut off keeps its locks no longer,
 * however long the server believes in its connection.
 */
const IDLE_IN_TRANSACTION_MS = 3_000;

export interface TransactionOptions {
  readonly isolation: 'READ COMMITTED' | 'SERIALIZABLE';
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** Under which the outcome is kept ({@link INSERT_RECENT_WRITE}). */
  readonly writeId: string;
}

/** What was committed. */
export interface Committed<T> {
  readonly outcome: T;
  /** By the clock of the database, in milliseconds. */
  readonly committedAt: number;
}

/** Nobody knows whether the COMMIT was done, and is kept: the connection was lost, or the server warned of it. */
export class LostCommitError extends Error {
  override readonly name = 'LostCommitError';
}

/** Remembers what came of a write, in its own transaction: who did not hear of the COMMIT asks for it by its id. */
const INSERT_RECENT_WRITE = statement(
  `INSERT INTO {schema}.recent_writes (write_id, outcome) VALUES ($1, $2)
   RETURNING (extract(epoch FROM committed_at) * 1000)::bigint AS "committedAt"`,
);

/**
 * Runs steps in one transaction; `keep` gives the text of their outcome that is kept with it. What has no answer to wait for goes out with what comes next, and the last of it with the COMMIT.
 *
 * Throws what a statement or a step throws, everything undone; ConnectionLostError where the connection went before the COMMIT;
 * {@link LostCommitError} where it went after. The connection is destroyed where its state is not known.
 */
export async function runTransaction<T>(
  session: Session,
  begin: (queries: Queries) => Steps<T>,
  keep: (outcome: T) => string,
  options: TransactionOptions,
): Promise<Committed<T>> {
  const transaction = new Transaction(session);
  // By SET LOCAL, which ends with the transaction: behind a pool of transactions a connection is many callers'.
  transaction.watch(
    session.command(
      `BEGIN ISOLATION LEVEL ${options.isolation}; SET LOCAL statement_timeout = ${options.statementTimeoutMs}; ` +
        `SET LOCAL lock_timeout = ${options.lockTimeoutMs}; ` +
        `SET LOCAL idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
    ),
  );
  let outcome: T;
  let kept: string;
  try {
    outcome = await runAwaiting(begin(transaction));
    kept = keep(outcome);
  } catch (error) {
    await rollBack(session);
    throw transaction.failure ?? error;
  }
  const inserted = transaction.all<{ committedAt: number }>(INSERT_RECENT_WRITE, [options.writeId, kept]);
  // What it throws is the transaction's failure.
  inserted.catch(() => {});
  await commit(session, transaction);
  const [row] = await inserted;
  return { outcome, committedAt: row?.committedAt ?? 0 };
}

async function commit(session: Session, transaction: Transaction): Promise<void> {
  let result: SessionResult;
  // A COMMIT that waits for a synchronous standby and is cancelled says that it was done, though it may be on this server alone
  // (PostgreSQL's syncrep.c): its time ends by closing the connection.
  transaction.watch(session.command('SET LOCAL statement_timeout = 0'));
  const { warnings } = session;
  try {
    result = await session.commit();
  } catch (error) {
    if (transaction.failure !== null && !(transaction.failure instanceof ConnectionLostError)) {
      throw transaction.failure;
    }
    throw error instanceof ConnectionLostError
      ? new LostCommitError('The connection was lost before COMMIT was answered.', { cause: error })
      : error;
  }
  // What failed on the way has made a ROLLBACK of it.
  if (transaction.failure !== null || result.command !== 'COMMIT') {
    throw transaction.failure ?? new Error('The transaction was rolled back.');
  }
  // Such as of somebody who ended its wait for a standby.
  if (session.warnings !== warnings) {
    throw new LostCommitError('The server warned as it answered COMMIT.');
  }
}

async function rollBack(session: Session): Promise<void> {
  try {
    await session.command('ROLLBACK');
  } catch {
    session.destroy();
  }
}

/** Awaits each answer and sends it back. */
async function runAwaiting<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    step = steps.next(await step.value);
  }
  return step.value;
}

class Transaction implements Queries {
  readonly #session: Session;
  /** The first error; those after it only tell that the transaction is aborted. */
  failure: unknown = null;

  constructor(session: Session) {
    this.#session = session;
  }

  async all<Row>(sql: Statement, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.watch(this.#session.ask(sql, values))).rows as readonly Row[];
  }

  async count(sql: Statement, values: readonly unknown[] = []): Promise<number> {
    return (await this.watch(this.#session.ask(sql, values))).rowCount ?? 0;
  }

  send(sql: Statement, values: readonly unknown[] = []): void {
    this.watch(this.#session.ask(sql, values));
  }

  watch(answer: Promise<SessionResult>): Promise<SessionResult> {
    answer.catch((error: unknown) => {
      this.failure ??= error;
    });
    return answer;
  }
}
