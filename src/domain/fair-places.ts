import { CALLER_CLASSES, type Caller, type CallerClass } from './caller.ts';

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

/**
 * The parts of all places in which no caller below this class has a turn. A turn cannot be taken back: without them the
 * keyless callers of many organizations would leave no place that a key opens.
 */
const KEPT_FOR: Readonly<Record<CallerClass, number>> = { private_key: 1 / 4, token_key: 1 / 8, no_key: 0 };

/** A lower class keeps this part of its organization's places: as large as its part of the turns. */
const LOWER_CLASS_PART = 1 / 8;

/**
 * A bounded number of places before something that is done for a few at once, shared over organizations and within one
 * over the classes of its callers (docs/security.md, L0). Who has a place waits until {@link call} gives the turn: each class
 * of each organization has one at once, but for what is {@link KEPT_FOR} higher ones, so nobody waits for another's; and
 * more of them while places enough are left that can still be taken back. When all places are taken, one who has less than
 * another takes the place of the newest there who waits, and a higher class that of a lower one. Holds nothing of
 * organizations of whom nobody is here.
 */
export class FairPlaces<C extends Claimant> {
  readonly #maxPlaces: number;
  readonly #turnsPerClass: number;
  /** Those whose last turn is the longest ago first. */
  readonly #shares = new Map<string, Share<C>>();
  readonly #turns: Record<CallerClass, number> = { private_key: 0, token_key: 0, no_key: 0 };
  #places = 0;

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

  /** How many of a class of an organization have a turn or wait for one: so many are before one who comes. */
  before({ orgId, callerClass }: Caller): number {
    const share = this.#shares.get(orgId);
    return share === undefined ? 0 : sizeOfLine(share[callerClass]);
  }

  /** Whether one who came now would get a place, be it another's. */
  hasPlaceFor(caller: Caller): boolean {
    return !this.isFull || (this.#lineToEvictFrom(caller)?.waiting.length ?? 0) > 0;
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
    let next: { readonly orgId: string; readonly callerClass: CallerClass; readonly line: Line<C> } | null = null;
    for (const callerClass of CALLER_CLASSES.filter((name) => this.#hasTurnsLeft(name))) {
      for (const [orgId, { [callerClass]: line }] of this.#shares) {
        const isOpen = line.waiting.length > 0 && (line.turns === 0 || this.#mayHaveMore(line));
        if (isOpen && (next === null || line.turns < next.line.turns)) {
          next = { orgId, callerClass, line };
        }
      }
    }
    if (next === null) {
      return undefined;
    }
    next.line.turns += 1;
    this.#turns[next.callerClass] += 1;
    this.#moveToEnd(next.orgId);
    return next.line.waiting.shift();
  }

  /** Gives back a place whose turn had come. */
  leave({ orgId, callerClass }: Caller): void {
    const share = this.#shares.get(orgId);
    if (share !== undefined) {
      share[callerClass].turns -= 1;
      this.#turns[callerClass] -= 1;
      this.#places -= 1;
      this.#forgetIfEmpty(orgId, share);
    }
  }

  /** Takes out one who waits; nothing where it has no place. */
  withdraw(claimant: C): void {
    const { orgId, callerClass } = claimant.caller;
    const share = this.#shares.get(orgId);
    const index = share?.[callerClass].waiting.indexOf(claimant) ?? -1;
    if (share !== undefined && index >= 0) {
      share[callerClass].waiting.splice(index, 1);
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

  /** Whether a class may have one turn more, beside those that it and the ones below it have. */
  #hasTurnsLeft(callerClass: CallerClass): boolean {
    const upToThis = classesUpTo(callerClass);
    const higher = CALLER_CLASSES.filter((name) => !upToThis.includes(name));
    const most = this.#maxPlaces - sum(higher, (name) => Math.ceil(this.#maxPlaces * KEPT_FOR[name]));
    return sum(upToThis, (name) => this.#turns[name]) < Math.max(1, most);
  }

  /** Half of the places stay with those who wait: a turn that has come cannot be taken back. */
  #mayHaveMore({ turns }: Line<C>): boolean {
    return turns < this.#turnsPerClass && sum(CALLER_CLASSES, (name) => this.#turns[name]) < this.#maxPlaces / 2;
  }

  /** Null when it is the newcomer who would have more than the others. */
  #evictFor(newcomer: Caller): C | null {
    const line = this.#lineToEvictFrom(newcomer);
    const evicted = line?.waiting.pop() ?? null;
    this.#places -= Number(evicted !== null);
    return evicted;
  }

  #lineToEvictFrom({ orgId, callerClass }: Caller): Line<C> | undefined {
    const own = this.#shares.get(orgId) ?? newShare();
    // More than by the place that changes hands: otherwise two would take it from each other in turn.
    const largest = this.#largestBut(own, sizeOf(own) + 2, hasWaiting);
    if (largest !== undefined) {
      return lineToGiveWay(largest, null);
    }
    const line = lineToGiveWay(own, own[callerClass]);
    if (line !== own[callerClass]) {
      return line;
    }
    // What its own organization's lower classes have is not counted against it, and they never take a place back.
    const lower = classesUpTo(callerClass).filter((name) => name !== callerClass);
    const lowerLines = (share: Share<C>) =>
      lower.map((name) => share[name]).filter(({ waiting }) => waiting.length > 0);
    const ownSize = sizeOf(own) - sum(lower, (name) => sizeOfLine(own[name])) + 1;
    const share = this.#largestBut(own, ownSize, (other) => lowerLines(other).length > 0);
    return share && lowerLines(share)[0];
  }

  /** The largest of the shares, but this one, that have a size at least and to which it applies. */
  #largestBut(own: Share<C>, minSize: number, applies: (share: Share<C>) => boolean): Share<C> | undefined {
    let largest: Share<C> | undefined;
    for (const share of this.#shares.values()) {
      const isLarger = largest === undefined ? sizeOf(share) >= minSize : sizeOf(share) > sizeOf(largest);
      if (share !== own && isLarger && applies(share)) {
        largest = share;
      }
    }
    return largest;
  }

  #moveToEnd(orgId: string): void {
    const share = this.#shares.get(orgId);
    if (share !== undefined) {
      this.#shares.delete(orgId);
      this.#shares.set(orgId, share);
    }
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

/** A class and those below it, the lowest first. */
function classesUpTo(callerClass: CallerClass): readonly CallerClass[] {
  return CALLER_CLASSES.slice(CALLER_CLASSES.indexOf(callerClass)).reverse();
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
  return sum(CALLER_CLASSES, (callerClass) => sizeOfLine(share[callerClass]));
}

function sum(classes: readonly CallerClass[], count: (callerClass: CallerClass) => number): number {
  return classes.reduce((total, callerClass) => total + count(callerClass), 0);
}

function sizeOfLine<C>({ turns, waiting }: Line<C>): number {
  return turns + waiting.length;
}
