import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AuthError } from '../../domain/errors.ts';
import type { PostgresDatabase } from '../database.ts';
import type { StoreObserver } from '../engine.ts';
import { query, type ReadName, type Runner, stepsOf, type WriteName } from '../operations.ts';
import { connectWritable } from './connecting.ts';
import {
  ConnectionLostError,
  isOutOfReach,
  isRolledBackByOthers,
  isUniqueViolation,
  translateError,
} from './errors.ts';
import { sharedLookUps } from './lookups.ts';
import { recoverFromLoss } from './loss-recovery.ts';
import { organizationOf } from './organization-of.ts';
import { Pool } from './pool.ts';
import { type AskedWrite, findOutcome, RecentWrites, removeOldOutcomes } from './recent-writes.ts';
import { holdsOf, NO_HOLDS } from './rows/holds.ts';
import { postgresRows } from './rows/rows.ts';
import type { Session } from './session.ts';
import type { Queries, StatementTexts } from './statement.ts';
import { LostCommitError, outcomeOf, runTransaction } from './transaction.ts';

/** A transaction that others made roll back is run again so often, after a pause of so much at most, doubled each time. */
const REPEATS = 3;
const FIRST_PAUSE_MS = 20;
/** How long a lost COMMIT is asked for, and how long one waits for a connection: no call has a longer deadline. */
const LONGEST_CALL_MS = 10_000;
const SETTLING_PAUSE_MS = 200;
/** One connection is kept for what every call looks up, whatever the others wait for. */
const LOOK_UP_CONNECTIONS = 1;
const BEAT_MS = 1_000;

/** What changes that which others lean on in an organization and its keys: it holds them alone. */
const HELD_ALONE: ReadonlySet<WriteName> = new Set<WriteName>([
  'closeOrganization',
  'reopenOrganization',
  'createApiKey',
  'revokeApiKey',
  'beginEpoch',
]);

/** Lists signing keys to remove some that nobody uses any more: nobody needs to wait for that. */
const HOLDS_NOTHING: ReadonlySet<WriteName> = new Set<WriteName>(['sweep']);

/**
 * Those that meet no other write at the rows that they hold. The rest, which every call makes, and what shares their invariants
 * run at READ COMMITTED on unique keys, conditional writes and rows held in one order (`rows/holds.ts`).
 */
const SERIALIZABLE: ReadonlySet<WriteName> = new Set<WriteName>(['initialize', 'createOrganization', 'beginEpoch']);

export interface PostgresRunnerOptions {
  readonly database: PostgresDatabase;
  readonly texts: StatementTexts;
  readonly observer: StoreObserver | null;
}

/**
 * Runs operations over pools of connections to one primary. Reads are asked of it, too. A write whose COMMIT was not answered is
 * settled by its id. Throws UNAVAILABLE where nothing was done, DEADLINE_EXCEEDED where what was done could not be learned.
 */
export class PostgresRunner implements Runner {
  readonly #options: PostgresRunnerOptions;
  readonly #pool: Pool;
  readonly #lookUpPool: Pool;
  readonly #lookUps: ReturnType<typeof sharedLookUps>;
  readonly #recent = new RecentWrites();
  readonly #beating: NodeJS.Timeout;
  #beat: Promise<void> | null = null;
  #recovering: Promise<void> | null = null;

  constructor(options: PostgresRunnerOptions) {
    this.#options = options;
    const { poolSize, idleTimeoutMs } = options.database;
    const common = { idleTimeoutMs, waitMs: LONGEST_CALL_MS, connect: () => this.#connect() };
    this.#pool = new Pool({ ...common, size: poolSize - LOOK_UP_CONNECTIONS });
    this.#lookUpPool = new Pool({ ...common, size: LOOK_UP_CONNECTIONS });
    this.#lookUps = sharedLookUps((work) => this.#reading(this.#lookUpPool, null, work));
    this.#beating = setInterval(() => {
      this.#beat ??= this.#keepWatch().finally(() => {
        this.#beat = null;
      });
    }, BEAT_MS).unref();
    options.observer?.watchConnections(() => {
      const [calls, lookUps] = [this.#pool.counts(), this.#lookUpPool.counts()];
      return {
        idle: calls.idle + lookUps.idle,
        busy: calls.busy + lookUps.busy,
        waiting: calls.waiting + lookUps.waiting,
      };
    });
  }

  async read(name: ReadName, args: readonly unknown[]): Promise<unknown> {
    const shared = this.#lookUps[name];
    if (shared !== undefined) {
      return shared(args);
    }
    return this.#reading(this.#pool, organizationOf(args), async (queries) => query(name, postgresRows(queries), args));
  }

  async write(name: WriteName, args: readonly unknown[]): Promise<unknown> {
    const write = { name, args };
    const writeId = randomUUID();
    const outcome = await this.#writing(write, writeId);
    this.#recent.acknowledged(writeId, write, outcome);
    return outcome;
  }

  async close(): Promise<void> {
    clearInterval(this.#beating);
    await Promise.all([this.#pool.close(), this.#lookUpPool.close(), this.#beat]);
  }

  /** A connection that was idle may have ended with its server: the read is asked once more, of another. */
  async #reading<T>(pool: Pool, orgId: string | null, work: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await pool.use(orgId, work);
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) {
        throw translateError(error);
      }
    }
    try {
      return await pool.use(orgId, work);
    } catch (error) {
      throw translateError(error);
    }
  }

  async #writing(write: AskedWrite, writeId: string): Promise<unknown> {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await this.#pool.use(organizationOf(write.args), (session) =>
          this.#transaction(session, write, writeId),
        );
      } catch (error) {
        if (error instanceof LostCommitError) {
          return this.#settle(write, writeId);
        }
        // Of a number that another took meanwhile, SERIALIZABLE tells so, too: its snapshot is older.
        const isNumberTaken = SERIALIZABLE.has(write.name) && isUniqueViolation(error);
        if (!(isRolledBackByOthers(error) || isNumberTaken) || repeats === REPEATS) {
          throw translateError(error);
        }
        await pause(Math.random() * FIRST_PAUSE_MS * 2 ** repeats);
      }
    }
  }

  #transaction(session: Session, { name, args }: AskedWrite, writeId: string): Promise<unknown> {
    const { statementTimeoutMs, lockTimeoutMs } = this.#options.database;
    const begin = (queries: Queries) => {
      const holds = HOLDS_NOTHING.has(name) ? NO_HOLDS : holdsOf(queries, HELD_ALONE.has(name));
      return stepsOf(name, postgresRows(queries, holds), args);
    };
    const isolation = SERIALIZABLE.has(name) ? 'SERIALIZABLE' : 'READ COMMITTED';
    return runTransaction(session, begin, { isolation, statementTimeoutMs, lockTimeoutMs, writeId });
  }

  /** Asks whether a write was committed, and repeats it under its id where it was not: of both only one can be. */
  async #settle(write: AskedWrite, writeId: string): Promise<unknown> {
    const endsAt = performance.now() + LONGEST_CALL_MS;
    for (;;) {
      try {
        return await this.#pool.use(organizationOf(write.args), async (session) => {
          const outcome = await findOutcome(session, writeId);
          return outcome === null ? await this.#transaction(session, write, writeId) : outcomeOf(outcome);
        });
      } catch (error) {
        // A unique id that is taken: the first try was on its way still, and came through.
        const mayBeSettled =
          error instanceof LostCommitError ||
          isUniqueViolation(error) ||
          isRolledBackByOthers(error) ||
          isOutOfReach(error);
        if (!mayBeSettled) {
          throw error;
        }
        if (performance.now() >= endsAt) {
          throw new AuthError('DEADLINE_EXCEEDED', { cause: error });
        }
        await pause(SETTLING_PAUSE_MS * (0.5 + Math.random()));
      }
    }
  }

  async #connect(): Promise<Session> {
    let session: Session;
    try {
      session = await connectWritable(this.#options.database, this.#options.texts);
    } catch (error) {
      this.#options.observer?.connectionFailed(error);
      throw translateError(error);
    }
    try {
      await this.#refuseLoss(session);
      return session;
    } catch (error) {
      session.destroy();
      throw translateError(error);
    }
  }

  /** Once a second: a pool in front keeps its connections to us over a failover, and outcomes grow old. */
  async #keepWatch(): Promise<void> {
    try {
      await this.#lookUpPool.use(null, async (session) => {
        await this.#refuseLoss(session);
        await this.#recent.beat(session);
        await removeOldOutcomes(session);
      });
    } catch {
      // Calls meet the same, and tell.
    }
  }

  async #refuseLoss(session: Session): Promise<void> {
    if (!(await this.#recent.areKept(session))) {
      this.#recovering ??= recoverFromLoss(session, {
        recent: this.#recent,
        observer: this.#options.observer,
        write: (write, writeId) => this.#transaction(session, write, writeId),
      }).finally(() => {
        this.#recovering = null;
      });
      await this.#recovering;
    }
  }
}
