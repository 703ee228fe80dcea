import type { Caller } from '../caller.ts';
import { AuthError } from '../errors.ts';
import { type Claimant, FairPlaces } from '../fair-places.ts';
import type { CallContext } from '../ports.ts';
import type { CountedAs } from './tries.ts';

/** Whose tries go through one line of the gate. */
export interface TryLine {
  /** Who asks: none of a lower class stands before one of a higher. */
  readonly caller: Caller;
  readonly email: string;
  readonly countedAs: CountedAs;
}

/** A way through the gate. */
export interface TryTurn {
  /** What was known of the tries before may have changed. */
  readonly hasWaited: boolean;
  /** To be called at the end, once. */
  leave(): void;
}

/** So many may wait for tries at one user: more than a right password brings together in any honest way. */
const MOST_OF_ONE = 128;
/** And so many at all users: some 200 bytes each. They are shared like the places before a hash. */
const MOST_IN_ALL = 1_024;
/** Told to one who finds the line full: by then some of those in it have been answered. */
const RETRY_AFTER_MS = 1_000;
/** How often others in other processes are asked whether they have ended: a hash takes about as long. */
const ASK_AGAIN_MS = 50;

interface Waiting extends Claimant {
  readonly line: Line;
  readonly call: CallContext;
  readonly goOn: () => void;
  readonly giveUp: (error: AuthError) => void;
}

interface Line {
  inside: number;
  /** Oldest first. */
  readonly waiting: Waiting[];
}

/**
 * Lets so many tries at one user be made at once in this process as could all be reserved, in the order in which they came; the rest wait
 * here, and hold neither a place in the queue of hashes nor a connection to the store. What decides is the reservation in the
 * store, over all processes (docs/security.md, A1): this spares asking for it in vain. Also counts what locks did here.
 */
export class TryGate {
  readonly #atOnce: number;
  readonly #lines = new Map<string, Line>();
  /** Who waits in all lines. A turn comes by a line, and none by these. */
  readonly #places = new FairPlaces<Waiting>({ places: MOST_IN_ALL, turnsPerClass: 0 });
  #refused = 0;
  #hardLocks = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Since the start: tries that a lock refused, and hard locks that a failure brought about. */
  get counts(): { readonly refused: number; readonly hardLocks: number } {
    return { refused: this.#refused, hardLocks: this.#hardLocks };
  }

  noteRefused(): void {
    this.#refused += 1;
  }

  noteHardLock(): void {
    this.#hardLocks += 1;
  }

  /**
   * Fulfilled when one may go on. Throws AuthError OVERLOADED with a wait where too many wait, or where one who has fewer there comes,
   * DEADLINE_EXCEEDED where nobody waits for the call any more as its turn comes.
   */
  async enter({ caller, email, countedAs }: TryLine, call: CallContext): Promise<TryTurn> {
    const name = JSON.stringify([caller.orgId, caller.callerClass, countedAs, email]);
    const line = this.#lines.get(name) ?? { inside: 0, waiting: [] };
    this.#lines.set(name, line);
    const hasWaited = line.inside >= this.#atOnce;
    if (!hasWaited) {
      line.inside += 1;
    } else {
      await new Promise<void>((goOn, giveUp) => this.#wait({ caller, line, call, goOn, giveUp }));
    }
    return { hasWaited, leave: () => this.#leave(name, line) };
  }

  /** A while, in which tries in other processes may end. Throws DEADLINE_EXCEEDED once nobody waits for the call. */
  async pause(call: CallContext): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    if (call.isAbandoned()) {
      throw new AuthError('DEADLINE_EXCEEDED');
    }
  }

  /** The place goes to the next whose caller is still there. */
  #leave(name: string, line: Line): void {
    for (let next = line.waiting.shift(); next !== undefined; next = line.waiting.shift()) {
      this.#places.withdraw(next);
      if (!next.call.isAbandoned()) {
        next.goOn();
        return;
      }
      next.giveUp(new AuthError('DEADLINE_EXCEEDED'));
    }
    line.inside -= 1;
    if (line.inside === 0) {
      this.#lines.delete(name);
    }
  }

  #wait(newcomer: Waiting): void {
    const { line } = newcomer;
    if (line.waiting.length >= MOST_OF_ONE) {
      this.#dropAbandoned((waiting) => waiting.line === line);
    }
    if (this.#places.isFull) {
      this.#dropAbandoned(() => true);
    }
    const arrival = line.waiting.length < MOST_OF_ONE ? this.#places.arrive(newcomer) : REFUSED;
    if (!arrival.admitted) {
      newcomer.giveUp(overloaded());
      return;
    }
    line.waiting.push(newcomer);
    if (arrival.evicted !== null) {
      sendAway(arrival.evicted, overloaded());
    }
  }

  #dropAbandoned(applies: (waiting: Waiting) => boolean): void {
    for (const gone of this.#places.remove((waiting) => applies(waiting) && waiting.call.isAbandoned())) {
      sendAway(gone, new AuthError('DEADLINE_EXCEEDED'));
    }
  }
}

const REFUSED = { admitted: false } as const;

function overloaded(): AuthError {
  return new AuthError('OVERLOADED', { retryAfterMs: RETRY_AFTER_MS });
}

/** Of one who has no place any more. */
function sendAway(waiting: Waiting, why: AuthError): void {
  const { line, giveUp } = waiting;
  line.waiting.splice(line.waiting.indexOf(waiting), 1);
  giveUp(why);
}
