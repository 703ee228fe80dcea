import type { AuditOrigin } from '../audit/audit-event.ts';
import type { Clock, Ports } from '../ports.ts';
import type { Storage } from '../storage.ts';
import { within } from '../within.ts';
import type { TryEnding } from './storage.ts';
import { END_WITHIN_MS } from './tries.ts';
import type { TryGate } from './try-gate.ts';

/** How a try ended, before it is written. */
export type EndedTry = Omit<TryEnding, 'endId' | 'at'>;

/** An end that could not be written yet: some hundred bytes. */
interface UnwrittenEnd {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly ending: Omit<TryEnding, 'at'>;
  /** When it is too late for it. */
  readonly until: number;
}

/** A hard lock that an end brought about when nobody waited for it any more. */
export interface LateHardLock {
  readonly orgId: string;
  /** Null where the e-mail is nobody's. */
  readonly userId: string | null;
  /** Of the call whose try it was. */
  readonly origin: AuditOrigin;
}

export interface TryEndsOptions {
  /** For what is written again: a handle of a call holds on to all of the call. */
  readonly storage: Storage;
  readonly tryGate: TryGate;
}

/** More than are under way at once: while the store is away none begins. Beyond that the oldest stays a failure. */
const MOST_KEPT = 1_000;
/** How often a store that is away is asked: one of the ends goes first, and the others follow where it is written. */
const WRITE_AGAIN_MS = 500;
/** So long a stop waits for a store that does not answer. */
const CLOSED_WITHIN_MS = 2_000;

/**
 * Writes how tries ended. What cannot be written is kept and written again, until it is, or until it is too late: otherwise right
 * passwords during a short outage would keep the next ones of their user waiting until their tries are taken for failed ones
 * (docs/security.md, A1). An end is written under an id of its own, so that it is done once, whatever became of it before. Whoever
 * is locked for good by it is counted.
 */
export class TryEnds {
  readonly #options: TryEndsOptions;
  /** The one to be written next comes first. */
  readonly #unwritten = new Set<UnwrittenEnd>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #isClosed = false;
  #closing: Promise<void> | null = null;
  #onHardLock: (lock: LateHardLock) => void = () => undefined;

  constructor(options: TryEndsOptions) {
    this.#options = options;
  }

  /** Who is to be told when an end locked an e-mail for good, be it a user's or not, and nobody waited for it any more. */
  watchHardLocks(told: (lock: LateHardLock) => void): void {
    this.#onHardLock = told;
  }

  /**
   * Writes the end of a try that was counted at `begunAt`; tells whether that locked for good. Throws what the store throws, and has kept it
   * then to write it again.
   */
  async end(
    { storage, clock, ids }: Pick<Ports, 'storage' | 'clock' | 'ids'>,
    ended: EndedTry,
    begunAt: number,
  ): Promise<boolean> {
    const written = { clock, ending: { ...ended, endId: ids.uuidV4() }, until: begunAt + END_WITHIN_MS };
    try {
      return await this.#write({ ...written, storage });
    } catch (error) {
      const origin = storage.origin();
      this.#keep({ ...written, storage: this.#options.storage.causedBy(() => origin) });
      throw error;
    }
  }

  /** Writes what is kept once more, within two seconds, and keeps nothing from now on. To be called before the store is closed. */
  close(): Promise<void> {
    this.#closing ??= within(CLOSED_WITHIN_MS, this.#writeLast());
    return this.#closing;
  }

  async #writeLast(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
    }
    await this.#writing;
    await this.#writeAll();
  }

  #keep(unwritten: UnwrittenEnd): void {
    if (this.#isClosed) {
      return;
    }
    const [oldest] = this.#unwritten;
    if (oldest !== undefined && this.#unwritten.size >= MOST_KEPT) {
      this.#unwritten.delete(oldest);
    }
    this.#unwritten.add(unwritten);
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#isClosed && this.#writing === null && this.#unwritten.size > 0) {
      this.#timer ??= setTimeout(() => this.#writeAgain(), WRITE_AGAIN_MS).unref();
    }
  }

  #writeAgain(): void {
    this.#timer = null;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = null;
      this.#schedule();
    });
  }

  /** Until one cannot be written: it comes last the next time, so that the others do not wait for it alone. */
  async #writeAll(): Promise<void> {
    for (const unwritten of [...this.#unwritten]) {
      this.#unwritten.delete(unwritten);
      const { storage, clock, ending, until } = unwritten;
      if (clock.now() >= until) {
        continue;
      }
      try {
        if (await this.#write(unwritten)) {
          const { orgId, userId } = ending;
          this.#onHardLock({ orgId, userId, origin: storage.origin() });
        }
      } catch {
        // The call has told of it.
        this.#unwritten.add(unwritten);
        return;
      }
    }
  }

  async #write({ storage, clock, ending }: UnwrittenEnd): Promise<boolean> {
    const { isHardLocked } = await storage.endTry({ ...ending, at: clock.now() });
    if (isHardLocked) {
      this.#options.tryGate.noteHardLock();
    }
    return isHardLocked;
  }
}
