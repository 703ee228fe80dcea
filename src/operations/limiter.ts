import type { CallerClass } from '../domain/caller.ts';
import { AuthError } from '../domain/errors.ts';
import type { ChargeRefusal, LimitName, RateLimiter } from '../domain/limits/rate-limit.ts';
import type { ChargedCall, Charges } from './charges.ts';

/** Calls that one limit refused. All but the number is of closed sets. */
export interface RefusedCalls {
  /** The RPC's name, as `Login`. */
  readonly method: string;
  readonly limit: LimitName;
  readonly callerClass: CallerClass;
  readonly calls: number;
}

/** Charges calls to their buckets, and counts those that were refused. */
export class Limiter {
  readonly #buckets: RateLimiter;
  readonly #refused = new Map<string, RefusedCalls>();

  constructor(buckets: RateLimiter) {
    this.#buckets = buckets;
  }

  /** Throws RATE_LIMITED with the exact wait where a bucket has nothing left: then nothing was taken from any. */
  charge(method: string, charges: Charges, charged: ChargedCall): void | Promise<void> {
    const list = charges(charged);
    if (list.length === 0) {
      return;
    }
    const refusal = this.#buckets.charge(list);
    if (refusal instanceof Promise) {
      return refusal.then((later) => this.#refuse(method, charged, later));
    }
    this.#refuse(method, charged, refusal);
  }

  /** Since the start. */
  refused(): readonly RefusedCalls[] {
    return [...this.#refused.values()];
  }

  #refuse(method: string, { caller }: ChargedCall, refusal: ChargeRefusal | null): void {
    if (refusal === null) {
      return;
    }
    const { limit, waitMs } = refusal;
    const callerClass = caller !== null && 'callerClass' in caller ? caller.callerClass : 'no_key';
    const name = `${method} ${limit} ${callerClass}`;
    const calls = (this.#refused.get(name)?.calls ?? 0) + 1;
    this.#refused.set(name, { method, limit, callerClass, calls });
    // The bucket of a person who was named by a key that vouches, or by a listed proxy; each other is the caller's own, or everybody's.
    const waiter = limit === 'person' ? { waiter: null } : {};
    throw new AuthError('RATE_LIMITED', { retryAfterMs: waitMs, ...waiter });
  }
}
