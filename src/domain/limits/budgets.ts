import { Buckets } from './buckets.ts';
import {
  type Charge,
  type ChargeRefusal,
  LIMIT_NAMES,
  type LimitName,
  type RateLimiter,
  type RateLimits,
} from './rate-limit.ts';

/** The buckets of all limits, in this process. Charges are decided at once, one after the other. */
export class Budgets implements RateLimiter {
  readonly #buckets: ReadonlyMap<LimitName, Buckets>;
  readonly #now: () => number;

  /** `now` gives milliseconds that never go back, from any instant on; they are cut to whole ones. */
  constructor(limits: RateLimits, now: () => number) {
    this.#buckets = new Map(
      LIMIT_NAMES.flatMap((name) => {
        const limit = limits[name];
        return limit === null ? [] : [[name, new Buckets(limit)] as const];
      }),
    );
    this.#now = now;
  }

  charge(charges: readonly Charge[]): ChargeRefusal | null {
    const nowMs = Math.floor(this.#now());
    let refusal: ChargeRefusal | null = null;
    for (const charge of charges) {
      const { limit } = charge;
      const waitMs = this.#buckets.get(limit)?.waitMs(charge, nowMs) ?? 0;
      if (waitMs > (refusal?.waitMs ?? 0)) {
        refusal = { limit, waitMs };
      }
    }
    if (refusal === null) {
      for (const charge of charges) {
        this.#buckets.get(charge.limit)?.take(charge, nowMs);
      }
    }
    return refusal;
  }

  /** How many buckets each limit that is on holds. */
  held(): Readonly<Partial<Record<LimitName, number>>> {
    return Object.fromEntries([...this.#buckets].map(([limit, buckets]) => [limit, buckets.size]));
  }
}
