import { AuthError } from '../../domain/errors.ts';
import type { Session } from './session.ts';

export interface PoolOptions {
  /** Connections at most. */
  readonly size: number;
  /** Of them, those that one organization may hold. */
  readonly mostOfOne: number;
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
 * The connections of a process, made as they are needed. No organization holds more than half of them, so that whatever locks its
 * calls wait for, the others go on. Who waits is served in the order in which they came, but for organizations that have their
 * half.
 */
export class Pool {
  readonly #options: PoolOptions;
  /** The last one used is taken first, so that those that are not needed grow old. */
  readonly #idle: Idle[] = [];
  readonly #held = new Map<string, number>();
  readonly #sweeping: NodeJS.Timeout;
  #waiters: Waiter[] = [];
  /** Connections that are there or being made. */
  #total = 0;
  #busy = 0;
  #onEmpty: (() => void) | null = null;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#sweeping = setInterval(() => this.#closeOld(), Math.max(1_000, options.idleTimeoutMs / 10)).unref();
  }

  counts(): PoolCounts {
    return { idle: this.#idle.length, busy: this.#busy, waiting: this.#waiters.length };
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

  /** Refuses what comes from now on, waits for what was asked for before, then closes every connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#sweeping);
    if (this.#busy + this.#waiters.length > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
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
      this.#waiters.push(waiter);
      this.#serve();
    });
  }

  #giveUp(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((each) => each !== waiter);
    waiter.reject(unavailable(new Error('No connection was free in time.')));
    this.#tellEmpty();
  }

  #serve(): void {
    for (;;) {
      const index = this.#waiters.findIndex(
        ({ orgId }) => orgId === null || this.#heldBy(orgId) < this.#options.mostOfOne,
      );
      const waiter = this.#waiters[index];
      const isOneFree = this.#idle.length > 0 || this.#total < this.#options.size;
      if (waiter === undefined || !isOneFree) {
        return;
      }
      this.#waiters.splice(index, 1);
      clearTimeout(waiter.timer);
      this.#hold(waiter.orgId, 1);
      this.#busy += 1;
      const idle = this.#idle.pop();
      if (idle === undefined) {
        void this.#make(waiter);
      } else {
        waiter.resolve(idle.session);
      }
    }
  }

  async #make(waiter: Waiter): Promise<void> {
    this.#total += 1;
    try {
      const session = await this.#options.connect();
      session.onEnd(() => this.#forget(session));
      if (session.isBroken) {
        throw new Error('The connection was lost as it was made.');
      }
      waiter.resolve(session);
    } catch (error) {
      this.#total -= 1;
      this.#letGo(waiter.orgId);
      waiter.reject(unavailable(error));
      if (this.#total === 0) {
        // Whoever waits would only find out the same, one after the other.
        this.#refuseWaiters(error);
      }
      this.#serve();
      this.#tellEmpty();
    }
  }

  #release(session: Session, orgId: string | null): void {
    if (!session.isBroken) {
      this.#idle.push({ session, since: performance.now() });
    }
    this.#letGo(orgId);
    this.#serve();
    this.#tellEmpty();
  }

  #tellEmpty(): void {
    if (this.#busy + this.#waiters.length === 0) {
      this.#onEmpty?.();
    }
  }

  #letGo(orgId: string | null): void {
    this.#hold(orgId, -1);
    this.#busy -= 1;
  }

  /** One that ended while it is lent is not given back. */
  #forget(session: Session): void {
    this.#total -= 1;
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

  #refuseWaiters(cause: unknown): void {
    for (const { reject, timer } of this.#waiters.splice(0)) {
      clearTimeout(timer);
      reject(unavailable(cause));
    }
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
