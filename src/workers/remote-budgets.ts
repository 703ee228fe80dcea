import { Budgets } from '../domain/limits/budgets.ts';
import type {
  Charge,
  ChargeRefusal,
  LimitName,
  RateLimit,
  RateLimiter,
  RateLimits,
} from '../domain/limits/rate-limit.ts';
import type { ChargedCall, ChargeOutcome } from './messages.ts';

/** A turn of the supervisor's event loop takes some milliseconds: one that takes so long hangs, and no call waits longer for it. */
const PATIENCE_MS = 500;

/** Calls that were granted alone and are told of later, at most: some seconds of a worker's whole load. */
const MOST_UNTOLD = 4_096;

export interface RemoteBudgetsOptions {
  /** The machine's. */
  readonly limits: RateLimits;
  /** How many workers share them. */
  readonly workers: number;
  /** Asks whoever has the machine's buckets; {@link RemoteBudgets.receive} gets the answers. */
  readonly send: (calls: readonly ChargedCall[]) => void;
  /** Told when this worker begins to decide alone, and when it ends. */
  readonly onTurn: (isAlone: boolean) => void;
  /** As that of {@link Budgets}. */
  readonly now: () => number;
}

interface Waiting {
  readonly charges: readonly Charge[];
  readonly resolve: (refusal: ChargeRefusal | null) => void;
}

/**
 * The machine's buckets, as a worker has them: it asks the supervisor, for all calls of a turn of the event loop at once. A supervisor
 * that does not answer stops no call: after {@link PATIENCE_MS} the worker decides alone, by what is left of its part of each limit,
 * until it hears of it again.
 */
export class RemoteBudgets implements RateLimiter {
  readonly #options: RemoteBudgetsOptions;
  readonly #own: Budgets;
  readonly #waiting = new Map<number, Waiting>();
  #unsent: ChargedCall[] = [];
  /** Granted alone. Nobody waits for what becomes of them. */
  #untold: ChargedCall[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isAlone = false;
  #lastId = 0;

  constructor(options: RemoteBudgetsOptions) {
    this.#options = options;
    this.#own = new Budgets(partsOf(options.limits, options.workers), options.now);
  }

  charge(charges: readonly Charge[]): ChargeRefusal | null | Promise<ChargeRefusal | null> {
    const counted = charges.filter(({ limit }) => this.#options.limits[limit] !== null);
    if (counted.length === 0) {
      return null;
    }
    if (this.#isAlone) {
      return this.#chargeAlone(counted);
    }
    return new Promise((resolve) => {
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, { charges: counted, resolve });
      if (this.#unsent.push({ id: this.#lastId, charges: counted }) === 1) {
        setImmediate(() => this.#sendAll());
      }
    });
  }

  receive(outcomes: readonly ChargeOutcome[]): void {
    for (const { id, refusal } of outcomes) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (waiting !== undefined && refusal === null) {
        // Or its part would be whole each time that it begins to decide alone.
        this.#own.charge(waiting.charges);
      }
      waiting?.resolve(refusal);
    }
    this.#stopWaiting();
    if (this.#waiting.size > 0) {
      this.#startWaiting();
    }
  }

  /** The supervisor said something: it reads. What was granted without it is charged to the machine's buckets, as far as it is there. */
  heard(): void {
    this.#turn(false);
    if (this.#untold.length > 0) {
      this.#options.send(this.#untold);
      this.#untold = [];
    }
  }

  /** The supervisor has gone. */
  disconnect(): void {
    this.#decideAlone();
  }

  /** How many buckets this worker holds by which it decides: none while the supervisor does. */
  held(): Readonly<Partial<Record<LimitName, number>>> {
    return this.#isAlone ? this.#own.held() : {};
  }

  #chargeAlone(charges: readonly Charge[]): ChargeRefusal | null {
    const refusal = this.#own.charge(charges);
    if (refusal === null && this.#untold.length < MOST_UNTOLD) {
      this.#lastId += 1;
      this.#untold.push({ id: this.#lastId, charges });
    }
    return refusal;
  }

  #sendAll(): void {
    const calls = this.#unsent;
    this.#unsent = [];
    if (!this.#isAlone) {
      this.#options.send(calls);
      this.#startWaiting();
    }
  }

  #startWaiting(): void {
    this.#timer ??= setTimeout(() => this.#readLast(), PATIENCE_MS);
  }

  /** A worker that was late itself has not read yet what has come: it decides alone after the next look. */
  #readLast(): void {
    const timer = this.#timer;
    setImmediate(() => {
      if (timer !== null && this.#timer === timer) {
        this.#decideAlone();
      }
    });
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
  }

  #decideAlone(): void {
    this.#stopWaiting();
    this.#turn(true);
    for (const { charges, resolve } of this.#waiting.values()) {
      resolve(this.#own.charge(charges));
    }
    this.#waiting.clear();
  }

  #turn(isAlone: boolean): void {
    if (this.#isAlone !== isAlone) {
      this.#isAlone = isAlone;
      this.#options.onTurn(isAlone);
    }
  }
}

/** Of so many workers the parts are no more than the whole. */
function partsOf(limits: RateLimits, workers: number): RateLimits {
  const partOf = (limit: RateLimit | null): RateLimit | null =>
    limit && {
      count: limit.count,
      periodMs: limit.periodMs * workers,
      burst: Math.max(1, Math.floor(limit.burst / workers)),
    };
  return {
    foobar: partOf(limits.foobar),
    foobar_keyless: partOf(limits.foobar_keyless),
    foobar_keyless_total: partOf(limits.foobar_keyless_total),
    signup: partOf(limits.signup),
    login: partOf(limits.login),
    mail_request: partOf(limits.mail_request),
    person: partOf(limits.person),
    organizations: partOf(limits.organizations),
    organizations_total: partOf(limits.organizations_total),
  };
}
