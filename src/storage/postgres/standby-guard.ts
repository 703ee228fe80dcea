import { AuthError } from '../../domain/errors.ts';
import { isOutOfTime } from './errors.ts';
import type { Session } from './session.ts';
import { statement } from './statement.ts';
import { LostCommitError } from './transaction.ts';

/** A standby that is there acknowledges within far less. */
const WAITS_LONG_SECONDS = 1;

/** A role sees what its own backends wait for (PostgreSQL documentation, 27.2.3), those of other processes and behind a pool, too. */
const WAITING = statement(
  `SELECT count(*) AS waiting FROM pg_catalog.pg_stat_activity
   WHERE usename = current_user AND wait_event = 'SyncRep' AND clock_timestamp() - query_start > make_interval(secs => $1)`,
);

/** Transactions wait for a synchronous standby: one more would, too. */
export class StandbyMissingError extends Error {
  override readonly name = 'StandbyMissingError';

  constructor(waiting: number) {
    super(`${waiting} transactions wait for a synchronous standby.`);
  }
}

/**
 * Keeps writes from waiting for a synchronous standby that is not there. A COMMIT that does so notices neither that its time is over
 * nor that its connection was closed: each would leave a backend behind, until the server has no connection left. Once one ran out
 * of its time, whether others wait is asked before each write, until a COMMIT is answered or none waits.
 */
export class StandbyGuard {
  #isAsking = false;

  /**
   * Runs what writes on the connection. Throws UNAVAILABLE, nothing done, where it would wait, and what `write` throws; what
   * PostgreSQL's protocol speaks without telling of waits has none.
   */
  async run<T>(session: Session, write: () => Promise<T>): Promise<T> {
    if (this.#isAsking) {
      await this.#refuse(session);
    }
    try {
      const written = await write();
      this.#isAsking = false;
      return written;
    } catch (error) {
      // Before the connection's place is given to the next.
      this.#isAsking ||= isOutOfTime(error instanceof LostCommitError ? error.cause : error);
      throw error;
    }
  }

  async #refuse(session: Session): Promise<void> {
    const waiting = await countWaiting(session);
    if (waiting > 0) {
      throw new AuthError('UNAVAILABLE', { cause: new StandbyMissingError(waiting) });
    }
    this.#isAsking = false;
  }
}

async function countWaiting(session: Session): Promise<number> {
  try {
    const [row] = await session.all<{ waiting: number }>(WAITING, [WAITS_LONG_SECONDS]);
    return row?.waiting ?? 0;
  } catch (error) {
    if (session.isBroken) {
      throw error;
    }
    return 0;
  }
}
