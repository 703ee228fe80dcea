import type { CallerClass } from '../caller.ts';
import { MOST_MAIL_REQUESTS } from './mail.ts';

/** How long a count is gone by: requests are answered within a second. */
const GOES_BY_MS = 1_000;
/** Who is nearer to the bound is counted each time. */
const FEW = 0.9 * MOST_MAIL_REQUESTS;
/** Counts are forgotten when there are more than so many: each is made anew. */
const MOST_KEPT = 10_000;

interface Known {
  readonly until: number;
  /** Those that waited when they were counted, and those that this process has let in since. */
  readonly waiting: number;
}

/**
 * How many requests for mails wait of a class of callers of an organization, as far as this process knows: counting them in the store
 * costs as much as all the rest of a call once hundreds wait. What other processes let in meanwhile is not known: each of several may let
 * in nine tenths of the bound beyond it, for a second.
 */
export class WaitingRequests {
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();

  /** `now`: milliseconds that never go back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether so few wait that one more needs no count. It is counted here. */
  letIn(orgId: string, callerClass: CallerClass): boolean {
    const key = `${orgId} ${callerClass}`;
    const known = this.#known.get(key);
    if (known === undefined || known.waiting >= FEW || this.#now() >= known.until) {
      return false;
    }
    this.#known.set(key, { ...known, waiting: known.waiting + 1 });
    return true;
  }

  /** What the store has counted, the last one included. */
  counted(orgId: string, callerClass: CallerClass, waiting: number): void {
    if (this.#known.size >= MOST_KEPT) {
      this.#known.clear();
    }
    this.#known.set(`${orgId} ${callerClass}`, { waiting, until: this.#now() + GOES_BY_MS });
  }
}
