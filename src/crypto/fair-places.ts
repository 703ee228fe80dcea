import { CALLER_CLASSES, type Caller, type CallerClass } from '../domain/caller.ts';

/** Somebody who asks for a turn. */
export interface Claimant {
  readonly caller: Caller;
}

export interface FairPlacesOptions {
  /** How many may have a turn or wait for one. */
  readonly places: number;
  /** How many of one organization and class have a turn at once. */
  readonly turnsPerClass: number;
}

/** Who came may wait, perhaps in the place of the one who was `evicted` and had no turn; or nobody gives way. */
export type Arrival<C> = { readonly admitted: true; readonly evicted: C | null } | { readonly admitted: false };

/** The places of one class of an organization's callers. */
interface Line<C> {
  turns: number;
  /** Oldest first. */
  readonly waiting: C[];
}

type Share<C> = Readonly<Record<CallerClass, Line<C>>>;

/** A lower class keeps this part of its organization's places: as large as its part of the turns. */
const LOWER_CLASS_PART = 1 / 8;

/**
 * A bounded number of places before something that is done for a few at once, shared over organizations and within one
 * over the classes of its callers (security row L0). Who has a place waits until {@link call} gives the turn: each class
 * of each organization always has one at once, so nobody waits for another's, and more of them while places enough are
 * left that can still be taken back. When all places are taken, one who has less than another takes the place of the
 * newest there who waits. Holds nothing of organizations of whom nobody is here.
 */
export class FairPlaces<C extends Claimant> {
  readonly #maxPlaces: number;
  readonly #turnsPerClass: number;
  readonly #shares = new Map<string, Share<C>>();
  #places = 0;
  #turns = 0;

  constructor({ places, turnsPerClass }: FairPlacesOptions) {
    this.#maxPlaces = places;
    this.#turnsPerClass = turnsPerClass;
  }

  /** Places taken. */
  get taken(): number {
    return this.#places;
  }

  get isFull(): boolean {
    return this.#places >= this.#maxPlaces;
  }

  /** Gives a place where there is one, or where another has to give way. */
  arrive(claimant: C): Arrival<C> {
    const { orgId, callerClass } = claimant.caller;
    let evicted: C | null = null;
    if (this.isFull) {
      evicted = this.#evictFor(claimant.caller);
      if (evicted === null) {
        return { admitted: false };
      }
    }
    const share = this.#shares.get(orgId) ?? newShare();
    this.#shares.set(orgId, share);
    share[callerClass].waiting.push(claimant);
    this.#places += 1;
    return { admitted: true, evicted };
  }

  /** One whose turn has come, of those who have the fewest; undefined when nobody's has. To be asked until it is. */
  call(): C | undefined {
    let next: Line<C> | null = null;
    for (const share of this.#shares.values()) {
      for (const callerClass of CALLER_CLASSES) {
        const line = share[callerClass];
        if (line.waiting.length > 0 && (next === null || line.turns < next.turns)) {
          next = line;
        }
      }
    }
    if (next === null || (next.turns > 0 && !this.#mayHaveMore(next))) {
      return undefined;
    }
    next.turns += 1;
    this.#turns += 1;
    return next.waiting.shift();
  }

  /** Gives back a place whose turn had come. */
  leave({ orgId, callerClass }: Caller): void {
    const share = this.#shares.get(orgId);
    if (share !== undefined) {
      share[callerClass].turns -= 1;
      this.#turns -= 1;
      this.#places -= 1;
      this.#forgetIfEmpty(orgId, share);
    }
  }

  /** Takes out those who wait and to whom it applies. */
  remove(applies: (claimant: C) => boolean): readonly C[] {
    const removed: C[] = [];
    for (const [orgId, share] of this.#shares) {
      for (const callerClass of CALLER_CLASSES) {
        const { waiting } = share[callerClass];
        // Asked once of each: what applies may depend on the time.
        for (const claimant of waiting.splice(0)) {
          (applies(claimant) ? removed : waiting).push(claimant);
        }
      }
      this.#forgetIfEmpty(orgId, share);
    }
    this.#places -= removed.length;
    return removed;
  }

  /** Half of the places stay with those who wait: a turn that has come cannot be taken back. */
  #mayHaveMore({ turns }: Line<C>): boolean {
    return turns < this.#turnsPerClass && this.#turns < this.#maxPlaces / 2;
  }

  /** Null when it is the newcomer who would have more than the others. */
  #evictFor(newcomer: Caller): C | null {
    const { orgId, callerClass } = newcomer;
    const own = this.#shares.get(orgId) ?? newShare();
    const ownSize = sizeOf(own) + 1;
    // More than by the place that changes hands: otherwise two would take it from each other in turn.
    let largest: Share<C> | null = null;
    for (const share of this.#shares.values()) {
      if (share !== own && hasWaiting(share) && sizeOf(share) > (largest === null ? ownSize : sizeOf(largest))) {
        largest = share;
      }
    }
    const line = largest === null ? lineToGiveWay(own, own[callerClass]) : lineToGiveWay(largest, null);
    const evicted = (line === own[callerClass] ? undefined : line?.waiting.pop()) ?? null;
    this.#places -= Number(evicted !== null);
    return evicted;
  }

  #forgetIfEmpty(orgId: string, share: Share<C>): void {
    if (sizeOf(share) === 0) {
      this.#shares.delete(orgId);
    }
  }
}

/** The lowest class that holds more than its part. `arriving` is counted as if it had one more, who waits. */
function lineToGiveWay<C>(share: Share<C>, arriving: Line<C> | null): Line<C> | undefined {
  const sizeWith = (line: Line<C>) => sizeOfLine(line) + Number(line === arriving);
  const part = Math.max(1, Math.floor((sizeOf(share) + Number(arriving !== null)) * LOWER_CLASS_PART));
  const lowestFirst = CALLER_CLASSES.toReversed()
    .map((callerClass) => share[callerClass])
    .filter((line) => line === arriving || line.waiting.length > 0);
  return lowestFirst.find((line) => sizeWith(line) > part) ?? lowestFirst[0];
}

function newShare<C>(): Share<C> {
  return {
    private_key: { turns: 0, waiting: [] },
    token_key: { turns: 0, waiting: [] },
    no_key: { turns: 0, waiting: [] },
  };
}

function hasWaiting<C>(share: Share<C>): boolean {
  return CALLER_CLASSES.some((callerClass) => share[callerClass].waiting.length > 0);
}

function sizeOf<C>(share: Share<C>): number {
  return sizeOfLine(share.private_key) + sizeOfLine(share.token_key) + sizeOfLine(share.no_key);
}

function sizeOfLine<C>({ turns, waiting }: Line<C>): number {
  return turns + waiting.length;
}
