import { AuthError } from '../../domain/errors.ts';
import type { Session } from './session.ts';
import { Turns } from './turns.ts';

/** How long no other connection is made after one could not be, while there are some: they come free sooner. */
const RETRY_AFTER_MS = 1_000;

export interface PoolOptions {
  /** Connections at most. */
  readonly size: number;
  /** Of them, those that one organization may hold. */
  readonly mostOfOne: number;
  /** Of them, those that only organizations get which hold none. */
  readonly keptForOthers: number;
  /** How long a connection that is not used is kept. */
  readonly idleTimeoutMs: number;
  /** How long one waits for a connection, in milliseconds. */
  readonly waitMs: number;
  readonly connect: () => Promise<Session>;
}

/** What a pool has now. */
export interface PoolCounts {
  readonly idle: number;
  readonly busy: number;
  readonly waiting: number;
}

interface Waiter {
  readonly orgId: string | null;
  readonly resolve: (session: Session) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

interface Idle {
  readonly session: Session;
  readonly since: number;
}

/**
 * Connections, made as they are needed. No organization holds more than its share of them, and some are kept for those that hold
 * none, so that whatever locks the calls of some wait for, the others go on. Who waits takes the first that comes, organizations in
 * turn.
 */
export class Pool {
  readonly #options: PoolOptions;
  /** The last one used is taken first, so that those that are not needed grow old. */
  readonly #idle: Idle[] = [];
  readonly #retired = new WeakSet<Session>();
  readonly #held = new Map<string, number>();
  readonly #sweeping: NodeJS.Timeout;
  readonly #waiters = new Turns<Waiter>();
  /** Connections that are there or being made. */
  #total = 0;
  #making = 0;
  #busy = 0;
  #retry: NodeJS.Timeout | null = null;
  #onEmpty: (() => void) | null = null;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#sweeping = setInterval(() => this.#closeOld(), Math.max(1_000, options.idleTimeoutMs / 10)).unref();
  }

  counts(): PoolCounts {
    return { idle: this.#idle.length, busy: this.#busy, waiting: this.#waiters.size };
  }

  /**
   * Lends a connection for the work; `orgId`: the organization that it is for. Throws AuthError UNAVAILABLE where none can be made
   * or none was free in time, and what the work throws.
   */
  async use<T>(orgId: string | null, work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#acquire(orgId);
    try {
      return await work(session);
    } finally {
      this.#release(session, orgId);
    }
  }

  /** Lends these no more: those that are idle are closed now, the others when they are given back. */
  retire(sessions: ReadonlySet<Session>): void {
    for (const session of sessions) {
      this.#retired.add(session);
    }
    for (const { session } of this.#idle.filter((idle) => this.#retired.has(idle.session))) {
      session.destroy();
    }
  }

  /** Refuses what comes from now on, waits for what was asked for before, then closes every connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#sweeping);
    if (!this.#isQuiet()) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    this.#endPause();
    await Promise.all(this.#idle.splice(0).map(({ session }) => session.close()));
  }

  #acquire(orgId: string | null): Promise<Session> {
    if (this.#isClosed) {
      throw unavailable(new Error('The store is closed.'));
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        orgId,
        resolve,
        reject,
        timer: setTimeout(() => this.#giveUp(waiter), this.#options.waitMs),
      };
      this.#waiters.push(orgId, waiter);
      this.#serve();
    });
  }

  #giveUp(waiter: Waiter): void {
    this.#waiters.remove(waiter.orgId, waiter);
    waiter.reject(unavailable(new Error('No connection was free in time.')));
    this.#tellEmpty();
  }

  #serve(): void {
    while (this.#idle.length > 0) {
      const waiter = this.#waiters.next((orgId) => this.#roomOf(orgId) > 0);
      const idle = waiter && this.#idle.pop();
      if (waiter === undefined || idle === undefined) {
        return;
      }
      clearTimeout(waiter.timer);
      this.#hold(waiter.orgId, 1);
      this.#busy += 1;
      waiter.resolve(idle.session);
    }
    while (
      this.#retry === null &&
      this.#total < this.#options.size &&
      this.#making < this.#waiters.count((orgId) => this.#roomOf(orgId))
    ) {
      void this.#make();
    }
  }

  async #make(): Promise<void> {
    this.#total += 1;
    this.#making += 1;
    try {
      const session = await this.#options.connect();
      if (session.isBroken) {
        throw new Error('The connection was lost as it was made.');
      }
      session.onEnd(() => this.#forget(session));
      this.#making -= 1;
      this.#idle.push({ session, since: performance.now() });
    } catch (error) {
      this.#making -= 1;
      this.#total -= 1;
      this.#meetFailure(error);
    }
    this.#serve();
    this.#tellEmpty();
  }

  #meetFailure(error: unknown): void {
    if (this.#total === 0) {
      this.#endPause();
      // Whoever waits would only find out the same, one after the other.
      for (const { reject, timer } of this.#waiters.drain()) {
        clearTimeout(timer);
        reject(unavailable(error));
      }
      return;
    }
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      this.#serve();
    }, RETRY_AFTER_MS).unref();
  }

  #endPause(): void {
    clearTimeout(this.#retry ?? undefined);
    this.#retry = null;
  }

  #release(session: Session, orgId: string | null): void {
    if (this.#retired.has(session)) {
      session.destroy();
    }
    if (!session.isBroken) {
      this.#idle.push({ session, since: performance.now() });
    }
    this.#letGo(orgId);
    this.#serve();
    this.#tellEmpty();
  }

  #tellEmpty(): void {
    if (this.#isQuiet()) {
      this.#onEmpty?.();
    }
  }

  #isQuiet(): boolean {
    return this.#busy + this.#making + this.#waiters.size === 0;
  }

  #letGo(orgId: string | null): void {
    this.#hold(orgId, -1);
    this.#busy -= 1;
  }

  /** One that ended while it is lent is not given back. */
  #forget(session: Session): void {
    this.#total -= 1;
    if (this.#total === 0) {
      this.#endPause();
    }
    const index = this.#idle.findIndex((idle) => idle.session === session);
    if (index >= 0) {
      this.#idle.splice(index, 1);
    }
    this.#serve();
  }

  #closeOld(): void {
    const oldest = performance.now() - this.#options.idleTimeoutMs;
    while (this.#idle[0] !== undefined && this.#idle[0].since < oldest) {
      void this.#idle.shift()?.session.close();
    }
  }

  /** How many more an organization may take now. */
  #roomOf(orgId: string | null): number {
    const { size, mostOfOne, keptForOthers } = this.#options;
    const free = size - this.#busy;
    if (orgId === null) {
      return free;
    }
    const held = this.#heldBy(orgId);
    const most = held === 0 ? Math.max(1, free - keptForOthers) : free - keptForOthers;
    return Math.max(0, Math.min(most, mostOfOne - held));
  }

  #heldBy(orgId: string): number {
    return this.#held.get(orgId) ?? 0;
  }

  #hold(orgId: string | null, change: number): void {
    if (orgId === null) {
      return;
    }
    const held = this.#heldBy(orgId) + change;
    if (held === 0) {
      this.#held.delete(orgId);
    } else {
      this.#held.set(orgId, held);
    }
  }
}

function unavailable(cause: unknown): AuthError {
  return cause instanceof AuthError ? cause : new AuthError('UNAVAILABLE', { cause });
}
