import { randomUUID } from 'node:crypto';
import type { PostgresDatabase, PostgresHost } from '../database.ts';
import type { StoreObserver } from '../engine.ts';
import { connectWritable } from './connecting.ts';
import { ConnectionLostError, translateError } from './errors.ts';
import { recoverFromLoss } from './loss-recovery.ts';
import { type RecentWrites, removeOldOutcomes } from './recent-writes.ts';
import type { Session } from './session.ts';
import type { StatementTexts } from './statement.ts';
import { runEmptyWrite, runWrite } from './write-transaction.ts';

/** How long a connection may be asked for what is missing, on the server: longer is no answer, and neither a loss nor none. */
const LOOK_MS = 1_000;
/**
 * How long a beat may take. It may wait for a synchronous standby for hours, and a backend that does so does not notice that its
 * connection was closed: one is left behind each time.
 */
const BEAT_PATIENCE_MS = 300_000;

export interface LossWatchOptions {
  readonly database: PostgresDatabase;
  readonly texts: StatementTexts;
  readonly observer: StoreObserver | null;
  readonly recent: RecentWrites;
  /** Called with connections that are to be lent no more. */
  readonly retire: (sessions: ReadonlySet<Session>) => void;
}

/**
 * Lets no connection be used that lacks writes which this process has acknowledged, nor one of a generation that is over: those that
 * were made until their server was in doubt. Whether it is the primary still, new ones find out.
 */
export class LossWatch {
  readonly #options: LossWatchOptions;
  /** The one where the primary was found last comes first: a former primary that is back is asked for nothing while this one answers. */
  #hosts: readonly PostgresHost[];
  /** What leads to the first of the hosts, and was made since its server was in doubt last. */
  #generation = new Set<Session>();
  /** A primary without space takes no writes, and is read still; where another server takes them, it is the primary. */
  #hasMetReadOnly = false;
  #recovering: Promise<void> | null = null;
  /** That of the beats, which waits as long as they do: nobody else's. */
  #session: Session | null = null;
  #beat: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: LossWatchOptions) {
    this.#options = options;
    this.#hosts = options.database.hosts;
  }

  /** A connection that lacks nothing. Throws UNAVAILABLE. */
  async connect(): Promise<Session> {
    const session = await this.#connectAny(this.#options.database);
    session.cancelLate();
    try {
      await this.refuseLoss(session);
      this.#admit(session);
      return session;
    } catch (error) {
      session.destroy();
      throw translateError(error);
    }
  }

  /** Makes good what is missing before it settles. Throws where that cannot be learned, or done. */
  async refuseLoss(session: Session): Promise<void> {
    while (!(await this.#isWhole(session))) {
      if (this.#recovering === null) {
        this.#endGeneration();
        this.#recovering = this.#recover(session).finally(() => {
          this.#recovering = null;
        });
        return this.#recovering;
      }
      // That of another connection, which may lead elsewhere: this one is asked again.
      await this.#recovering;
    }
  }

  /** A write of no effect, unless the last one is under way still; and outcomes grow old. */
  beat(): void {
    if (!this.#isClosed) {
      this.#beat ??= this.#beatOnce()
        // Calls meet the same, and tell.
        .catch(() => {})
        .finally(() => {
          this.#beat = null;
        });
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // A beat that waits is waited for by nobody.
    this.#session?.destroy();
    await this.#beat;
  }

  async #beatOnce(): Promise<void> {
    const { database, recent } = this.#options;
    if (this.#session === null || this.#session.isBroken) {
      this.#session = await this.#connectAny({ ...database, statementTimeoutMs: BEAT_PATIENCE_MS });
      if (this.#isClosed) {
        this.#session.destroy();
      }
    }
    const writeId = randomUUID();
    recent.acknowledgedEmpty(writeId, await runEmptyWrite(this.#session, writeId, database));
    await removeOldOutcomes(this.#session);
  }

  #recover(session: Session): Promise<void> {
    const { database, recent, observer } = this.#options;
    return recoverFromLoss(session, {
      recent,
      observer,
      write: (write, writeId, steps) =>
        runWrite(session, { write, writeId, database, ...(steps === undefined ? {} : { steps }) }),
    });
  }

  async #connectAny(database: PostgresDatabase): Promise<Session> {
    const { texts, observer } = this.#options;
    try {
      const session = await connectWritable({ ...database, hosts: this.#hosts }, texts);
      session.onEnd(() => {
        this.#hasMetReadOnly ||= session.isServerReadOnly;
      });
      this.#follow(session.host);
      return session;
    } catch (error) {
      observer?.connectionFailed(error);
      throw translateError(error);
    }
  }

  /**
   * The primary is there: what led to another host, and is under way there, is broken off; what led to one that takes no writes is lent
   * no more.
   */
  #follow(primary: PostgresHost): void {
    if (this.#hasMetReadOnly) {
      this.#hasMetReadOnly = false;
      this.#endGeneration();
    }
    if (primary === this.#hosts[0]) {
      return;
    }
    this.#hosts = [primary, ...this.#hosts.filter((host) => host !== primary)];
    const former = this.#generation;
    this.#endGeneration();
    for (const session of former) {
      session.destroy();
    }
    this.#session?.destroy();
  }

  #admit(session: Session): void {
    if (session.isBroken || session.host !== this.#hosts[0]) {
      throw new ConnectionLostError(
        'The connection was lost, or another host found to be the primary, as it was made.',
      );
    }
    const generation = this.#generation;
    generation.add(session);
    session.onEnd(() => {
      generation.delete(session);
      if (session.isServerInDoubt && generation === this.#generation) {
        this.#endGeneration();
      }
    });
  }

  #endGeneration(): void {
    const over = this.#generation;
    this.#generation = new Set();
    this.#options.retire(over);
  }

  async #isWhole(session: Session): Promise<boolean> {
    const { recent } = this.#options;
    if (recent.isEmpty) {
      return true;
    }
    const begun = session.command(
      `START TRANSACTION READ ONLY; SET LOCAL lock_timeout = ${LOOK_MS}; SET LOCAL statement_timeout = ${LOOK_MS}`,
    );
    const [isWhole] = await Promise.allSettled([recent.areKept(session), begun, session.command('ROLLBACK')]);
    if (isWhole.status === 'rejected') {
      throw isWhole.reason;
    }
    return isWhole.value;
  }
}
