import type { Steps } from '../steps/steps.ts';
import { ConnectionLostError } from './errors.ts';
import type { Session, SessionResult } from './session.ts';
import { type Queries, type Statement, statement } from './statement.ts';

export interface TransactionOptions {
  readonly isolation: 'READ COMMITTED' | 'SERIALIZABLE';
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** Under which the outcome is kept ({@link INSERT_RECENT_WRITE}). */
  readonly writeId: string;
}

/** The connection was lost with the COMMIT on its way: nobody knows whether it was done. */
export class LostCommitError extends Error {
  override readonly name = 'LostCommitError';
}

/** Remembers what came of a write, in its own transaction: who did not hear of the COMMIT asks for it by its id. */
const INSERT_RECENT_WRITE = statement('INSERT INTO {schema}.recent_writes (write_id, outcome) VALUES ($1, $2)');

/**
 * Runs steps in one transaction. What has no answer to wait for goes out with what comes next, and the last of it with the COMMIT.
 *
 * Throws what a statement or a step throws, everything undone; ConnectionLostError where the connection went before the COMMIT;
 * {@link LostCommitError} where it went after. The connection is destroyed where its state is not known.
 */
export async function runTransaction<T>(
  session: Session,
  begin: (queries: Queries) => Steps<T>,
  options: TransactionOptions,
): Promise<T> {
  const transaction = new Transaction(session);
  // By SET LOCAL, which ends with the transaction: behind a pool of transactions a connection is many callers'.
  transaction.watch(
    session.command(
      `BEGIN ISOLATION LEVEL ${options.isolation}; SET LOCAL statement_timeout = ${options.statementTimeoutMs}; ` +
        `SET LOCAL lock_timeout = ${options.lockTimeoutMs}`,
    ),
  );
  let outcome: T;
  try {
    outcome = await runAwaiting(begin(transaction));
  } catch (error) {
    await rollBack(session);
    throw transaction.failure ?? error;
  }
  transaction.send(INSERT_RECENT_WRITE, [options.writeId, serialized(outcome)]);
  await commit(session, transaction);
  return outcome;
}

async function commit(session: Session, transaction: Transaction): Promise<void> {
  let result: SessionResult;
  // A COMMIT that waits for a synchronous standby and is cancelled says that it was done, though it may be on this server alone
  // (PostgreSQL's syncrep.c): its time ends by closing the connection.
  transaction.watch(session.command('SET LOCAL statement_timeout = 0'));
  try {
    result = await session.command('COMMIT');
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

/** An outcome as it is kept: bytes among plain values. */
function serialized(outcome: unknown): string {
  return JSON.stringify(outcome ?? null, (_, value: unknown) =>
    // Buffer's own toJSON has been asked by then.
    isBufferJson(value) ? { base64: Buffer.from(value.data).toString('base64') } : value,
  );
}

/** The outcome again. */
export function outcomeOf(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'base64' in value
      ? Buffer.from(String(value.base64), 'base64')
      : value,
  );
}

function isBufferJson(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;
}
