/** What becomes of an answer that tells a caller to wait. */
export interface Manner {
  /** How long it is kept back, in milliseconds. */
  readonly holdMs: number;
  /** Whether its connection ends with it; of HTTP/2 its stream is ended in its place. */
  readonly ends: boolean;
}

/** An honest caller's answer: at once, and its connection stays. */
export const AT_ONCE: Manner = { holdMs: 0, ends: false };

/** Refusals in a row, each asked for within the wait that the one before had named, after which … */
/** … the answer is kept back: a client that repeats at once a few times, as some do by themselves, is none that never waits. */
const HELD_FROM = 8;
/** … a call is refused before it is read while no place is left: it would be refused after it, too. About a second of held answers. */
const UNREAD_FROM = 32;
/** … its connection ends: some four seconds of held answers. */
const ENDED_FROM = 128;

/**
 * An answer is kept back for this long and until the next of instants that lie so far apart: below the 50 ms in which a refusal is told
 * (docs/security.md, R6), and long against the tenths of a millisecond that one costs. So a caller that never waits has some 28 answers a
 * second in the place of hundreds; and some of them leave together, since much of what each costs is to wake who reads it, while all
 * of them at once would hold up others by milliseconds. What one caller of HTTP/1.1 sends without waiting for answers is held one
 * after the other.
 */
const HOLD_MS = { least: 30, spread: 5, apart: 5 };

/**
 * What comes closer together was on its way at once, as by the streams of HTTP/2: none of it could know of a refusal of the others. One
 * caller who goes on to send many at once while its answers are held knows of those before, and each is one more to be held.
 */
const ROUND_MS = 5;

/**
 * Who keeps a wait starts afresh, but for shorter ones: those of limits end some milliseconds after any call, and who never waits comes
 * after many of them by chance. Such a call is none that came early, and no more. A second is the least that `Retry-After` can say.
 */
const AFRESH_AFTER_MS = 1_000;

/** So many waits are remembered of a connection that many share: more of them in one wait count as repeats again. */
const MOST_WAITS = 128;

export interface RepeatsOptions {
  /** Whether others of its network were ended of late: its first refusal is kept back, and calls that come early after it are unread. */
  readonly isKnown: boolean;
  /** Whether its connection carries the calls of many at once: each wait that was told is then one person's, and allows one call. */
  readonly isShared: boolean;
}

/**
 * What a connection was told, and whether it waits as told. Who repeats without waiting is answered ever more cheaply, and at last no
 * more. When all waits are over, or a call was served, it is one like any other. On a connection that many share each wait that is
 * over allows one call, whoever else still waits; one that takes a call at a time counts as one caller, to whom a wait that is over
 * allows one call until that is answered, and any number after a second.
 */
export class Repeats {
  /** Where it stands at its first refusal. */
  readonly #first: number;
  /** When the waits end that no call came after yet; null where it is one caller's connection. */
  readonly #waits: number[] | null;
  #streak: number | null = null;
  /** How many calls may come once the wait is over. */
  #allowed = Number.POSITIVE_INFINITY;
  #toldAt = 0;
  #waitEndsAt = 0;
  #countedAt = 0;
  #heldUntil = 0;

  constructor({ isKnown, isShared }: RepeatsOptions) {
    this.#first = isKnown ? UNREAD_FROM : 0;
    this.#waits = isShared ? [] : null;
  }

  /** Whether a call that comes early is to be refused unread where no place is left. */
  get isUnread(): boolean {
    return (this.#streak ?? 0) >= UNREAD_FROM;
  }

  /** A call has come that may be refused; whether it came before its time. `now`: milliseconds that never go back, as everywhere here. */
  arrive(now: number): boolean {
    if (this.#streak === null) {
      return false;
    }
    const hasWaited = this.#endWait(now);
    if (now >= this.#waitEndsAt && now - this.#toldAt >= AFRESH_AFTER_MS) {
      this.#streak = 0;
      this.#allowed = Number.POSITIVE_INFINITY;
    }
    if (hasWaited) {
      return false;
    }
    if (now >= this.#waitEndsAt && this.#allowed > 0) {
      this.#allowed -= 1;
      return false;
    }
    const isHeldAlone = this.#waits === null && this.#streak >= HELD_FROM;
    if (isHeldAlone || now - this.#countedAt >= ROUND_MS) {
      this.#streak += 1;
      this.#countedAt = now;
    }
    return true;
  }

  /**
   * One was refused, with this wait, which begins when that is told; how it is to be told to one that came early. `random`: from 0
   * to 1.
   */
  refuse(now: number, waitMs: number, random: number): Manner {
    this.#streak ??= this.#first;
    const isHeld = this.#streak >= HELD_FROM;
    const toldAt = isHeld ? this.#hold(now, random) : now;
    this.#toldAt = toldAt;
    this.#allowed = this.#waits === null ? 1 : Number.POSITIVE_INFINITY;
    this.#waitEndsAt = toldAt + waitMs;
    if (this.#waits !== null && this.#waits.length < MOST_WAITS) {
      this.#waits.push(this.#waitEndsAt);
    }
    return isHeld ? { holdMs: toldAt - now, ends: this.#streak >= ENDED_FROM } : AT_ONCE;
  }

  /** One was served. */
  serve(): void {
    this.#streak &&= 0;
    this.#waitEndsAt = 0;
    this.#allowed = Number.POSITIVE_INFINITY;
  }

  /** One was answered otherwise: the next one may come in its place. */
  pass(): void {
    this.#allowed = Math.max(this.#allowed, 1);
  }

  /** When an answer leaves that is held from now on. */
  #hold(now: number, random: number): number {
    const from = this.#waits === null ? Math.max(now, this.#heldUntil) : now;
    const earliest = from + HOLD_MS.least + random * HOLD_MS.spread;
    this.#heldUntil = Math.ceil(earliest / HOLD_MS.apart) * HOLD_MS.apart;
    return this.#heldUntil;
  }

  /** Takes one of the waits that are over, where there is one. */
  #endWait(now: number): boolean {
    const over = this.#waits?.findIndex((endsAt) => endsAt <= now) ?? -1;
    this.#waits?.splice(over, over === -1 ? 0 : 1);
    return over !== -1;
  }
}
