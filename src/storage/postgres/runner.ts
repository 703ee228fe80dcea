import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditOrigin } from '../../domain/audit/audit-event.ts';
import { AuthError } from '../../domain/errors.ts';
import type { Organization } from '../../domain/organizations/storage.ts';
import type { AskedWrite } from '../asked-write.ts';
import { type PostgresDatabase, placeOf } from '../database.ts';
import type { StoreObserver } from '../engine.ts';
import { markSentence } from '../move-mark.ts';
import { query, type ReadName, type Runner, type WriteName } from '../operations.ts';
import {
  ConnectionLostError,
  isOutOfReach,
  isRolledBackByOthers,
  isStalePlan,
  isStoreGone,
  isUniqueViolation,
  translateError,
} from './errors.ts';
import { plannedByIndexes } from './index-plans.ts';
import { type Written, writtenOf } from './kept-outcomes.ts';
import { KnownOrganizations } from './known-organizations.ts';
import { LOOK_UPS_AT_ONCE, sharedLookUps } from './lookups.ts';
import { LossWatch } from './loss-watch.ts';
import { readMoveMark } from './move-mark.ts';
import { Pool } from './pool.ts';
import { findOutcome, RecentWrites } from './recent-writes.ts';
import { postgresRows } from './rows/rows.ts';
import type { Session } from './session.ts';
import { StandbyGuard } from './standby-guard.ts';
import type { StatementTexts } from './statement.ts';
import { type Committed, LostCommitError } from './transaction.ts';
import { runEmptyWrite, runWrite, TAKES_UNIQUE } from './write-transaction.ts';

/** A transaction that others made roll back is run again so often, after a pause of so much at most, doubled each time. */
const REPEATS = 3;
const FIRST_PAUSE_MS = 20;
/** How long a lost COMMIT is asked for, and how long one waits for a connection: no call has a longer deadline. */
const LONGEST_CALL_MS = 10_000;
const SETTLING_PAUSE_MS = 200;
/**
 * Of the connections some are kept for what every call looks up, one for what each process reads again all the time, and one for
 * its beat: none of them waits for what calls wait for, nor for each other.
 */
const KEPT_CONNECTIONS = LOOK_UPS_AT_ONCE + 2;
/** Of those for calls, so many are for organizations that hold none. */
const KEPT_FOR_OTHERS = 2;
const WATCH_EVERY_MS = 1_000;
/** How often it is looked where a store went whose tables are gone. */
const GONE_LOOK_EVERY_MS = 10_000;

/** What each process reads again all the time: a key that was retired is refused within a second (docs/security.md, K2). */
const UPKEEP: ReadonlySet<ReadName> = new Set<ReadName>(['readStoreIdentity', 'listSigningKeys', 'appliedMigrations']);

/** What reads a part of how many an organization has. */
const LISTS: ReadonlySet<ReadName> = new Set<ReadName>(['searchUsers', 'walkUsers']);

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
  readonly #upkeepPool: Pool;
  readonly #lookUps: ReturnType<typeof sharedLookUps>;
  readonly #recent = new RecentWrites();
  readonly #known = new KnownOrganizations();
  readonly #watch: LossWatch;
  readonly #standby = new StandbyGuard();
  readonly #watching: NodeJS.Timeout;
  #look: Promise<void> | null = null;
  #goneLook: Promise<void> | null = null;
  #goneLookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: PostgresRunnerOptions) {
    this.#options = options;
    const { database, observer } = options;
    const { poolSize, idleTimeoutMs } = database;
    this.#watch = new LossWatch({
      ...options,
      recent: this.#recent,
      retire: (sessions) => {
        for (const pool of this.#pools()) {
          pool.retire(sessions);
        }
      },
    });
    const common = { idleTimeoutMs, waitMs: LONGEST_CALL_MS, connect: () => this.#watch.connect() };
    const size = poolSize - KEPT_CONNECTIONS;
    this.#pool = new Pool({
      ...common,
      size,
      mostOfOne: Math.ceil(size / 2),
      keptForOthers: Math.min(KEPT_FOR_OTHERS, Math.floor(size / 3)),
    });
    this.#lookUpPool = new Pool({ ...common, size: LOOK_UPS_AT_ONCE, mostOfOne: 1, keptForOthers: 0 });
    this.#upkeepPool = new Pool({ ...common, size: 1, mostOfOne: 1, keptForOthers: 0 });
    this.#lookUps = sharedLookUps((work) => this.#reading(this.#lookUpPool, null, work));
    this.#watching = setInterval(() => this.#keepWatch(), WATCH_EVERY_MS).unref();
    observer?.watchConnections(() => {
      const counts = this.#pools().map((pool) => pool.counts());
      const sum = (of: 'idle' | 'busy' | 'waiting') => counts.reduce((total, each) => total + each[of], 0);
      return { idle: sum('idle'), busy: sum('busy'), waiting: sum('waiting') };
    });
  }

  async read(name: ReadName, args: readonly unknown[]): Promise<unknown> {
    const shared = this.#lookUps[name];
    if (shared !== undefined) {
      const found = await shared(args);
      this.#known.add(found?.orgId);
      return found;
    }
    if (UPKEEP.has(name)) {
      return this.#reading(this.#upkeepPool, null, async (queries) => query(name, postgresRows(queries), args));
    }
    const found = await this.#reading(this.#pool, this.#known.groupOf(args), async (session) => {
      const read = async () => query(name, postgresRows(session), args);
      return LISTS.has(name) ? plannedByIndexes(session, read) : read();
    });
    if (name === 'findOrganization' && found !== null) {
      this.#known.add((found as Organization).orgId);
    }
    return found;
  }

  async write(name: WriteName, args: readonly unknown[], origin: AuditOrigin): Promise<unknown> {
    const write = { name, args, origin };
    const writeId = randomUUID();
    const committed = await this.#writing(write, writeId);
    this.#recent.acknowledged(writeId, write, committed);
    if (name === 'createOrganization') {
      this.#known.add((args[0] as Organization).orgId);
    }
    return committed.outcome.outcome;
  }

  async close(): Promise<void> {
    clearInterval(this.#watching);
    const pools = this.#pools().map((pool) => pool.close());
    await Promise.all([...pools, this.#watch.close(), this.#look, this.#goneLook]);
  }

  #pools(): readonly Pool[] {
    return [this.#pool, this.#lookUpPool, this.#upkeepPool];
  }

  /**
   * A connection that was idle may have ended with its server: the read is asked once more, of another. After a table was altered each
   * has a stale plan.
   */
  async #reading<T>(pool: Pool, orgId: string | null, work: (session: Session) => Promise<T>): Promise<T> {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await pool.use(orgId, work);
      } catch (error) {
        if (!(error instanceof ConnectionLostError && repeats < this.#mostRepeats(error, 1))) {
          throw this.#translated(error);
        }
      }
    }
  }

  #translated(error: unknown): unknown {
    if (isStoreGone(error)) {
      this.#tellGone(error);
    }
    return translateError(error);
  }

  /** Every call meets it: it is told now and then, with what the mark of a move says. */
  #tellGone(error: unknown): void {
    const now = performance.now();
    const { observer, database } = this.#options;
    if (observer === null || this.#goneLook !== null || now - this.#goneLookedAt < GONE_LOOK_EVERY_MS) {
      return;
    }
    this.#goneLookedAt = now;
    this.#goneLook = this.#upkeepPool
      .use(null, (session) => readMoveMark(session, database.schema))
      .catch(() => null)
      .then((mark) => observer.storeGone(error, mark && markSentence(placeOf(database), mark)))
      .finally(() => {
        this.#goneLook = null;
      });
  }

  #mostRepeats(error: unknown, others: number): number {
    return isStalePlan(error) ? this.#options.database.poolSize : others;
  }

  async #writing(write: AskedWrite, writeId: string): Promise<Committed<Written>> {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await this.#pool.use(this.#known.groupOf(write.args), (session) => this.#run(session, write, writeId));
      } catch (error) {
        if (error instanceof LostCommitError) {
          return this.#settle(write, writeId);
        }
        const isTaken = TAKES_UNIQUE.has(write.name) && isUniqueViolation(error);
        const isToBeRepeated = isRolledBackByOthers(error) || isTaken || isStalePlan(error);
        if (!isToBeRepeated || repeats >= this.#mostRepeats(error, REPEATS)) {
          throw this.#translated(error);
        }
        if (!isStalePlan(error)) {
          await pause(Math.random() * FIRST_PAUSE_MS * 2 ** repeats);
        }
      }
    }
  }

  #run(session: Session, write: AskedWrite, writeId: string): Promise<Committed<Written>> {
    return this.#standby.run(session, () => runWrite(session, { write, writeId, database: this.#options.database }));
  }

  /** Asks whether a write was committed, and repeats it under its id where it was not: of both only one can be. */
  async #settle(write: AskedWrite, writeId: string): Promise<Committed<Written>> {
    const endsAt = performance.now() + LONGEST_CALL_MS;
    for (;;) {
      try {
        return await this.#pool.use(this.#known.groupOf(write.args), (session) =>
          this.#settleOn(session, write, writeId),
        );
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

  async #settleOn(session: Session, write: AskedWrite, writeId: string): Promise<Committed<Written>> {
    const found = await findOutcome(session, writeId);
    if (found === null) {
      return this.#run(session, write, writeId);
    }
    // A COMMIT whose wait for a standby was broken off is seen here, and may be nowhere else: it is where it has to be once a later one
    // is.
    await this.#standby.run(session, () => runEmptyWrite(session, randomUUID(), this.#options.database));
    return { ...found, outcome: await writtenOf(session, write, found.outcome) };
  }

  /** Once a second: a pool in front keeps its connections to us over a failover. */
  #keepWatch(): void {
    this.#watch.beat();
    this.#look ??= this.#upkeepPool
      .use(null, (session) => this.#watch.refuseLoss(session))
      // Calls meet the same, and tell.
      .catch(() => {})
      .finally(() => {
        this.#look = null;
      });
  }
}
