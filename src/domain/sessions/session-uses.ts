import type { CallContext } from '../ports.ts';
import type { Storage } from '../storage.ts';
import { within } from '../within.ts';
import { UNKNOWN_DEVICE } from './device.ts';
import type { SessionRecord, SessionUse } from './storage.ts';

/** A use is written where the last one was this long before: one write an hour, and not one for every call. */
export const USE_STEP_MS = 3_600_000;

/** Uses wait this long for others, which share their write: each commit makes every process look sessions up anew. */
const WRITE_EVERY_MS = 60_000;
/** Some 5 MB. The use of a session that finds no place is noted by its next call. */
const MOST_KEPT = 10_000;
/** Of one write: some milliseconds of SQLite's time. */
const WRITTEN_AT_ONCE = 500;
/** So long a stop waits for a store that does not answer. */
const CLOSED_WITHIN_MS = 2_000;

/**
 * Uses of sessions on their way into the store: at most one an hour for each session, written together once a minute, so that no call
 * waits for one. A process that dies loses those of its last minute; of a store that cannot be written they wait, in bounds.
 */
export class SessionUses {
  readonly #storage: Pick<Storage, 'recordSessionUses'>;
  readonly #unwritten = new Map<string, SessionUse>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  constructor(storage: Pick<Storage, 'recordSessionUses'>) {
    this.#storage = storage;
  }

  /** Takes the use of a session that a call was let in with. Costs a comparison where it was used within the hour. */
  note({ orgId, sessionId, lastUsedAt, createdAt }: SessionRecord, usedAt: number, call: CallContext): void {
    if (usedAt - (lastUsedAt ?? createdAt) < USE_STEP_MS || this.#unwritten.has(sessionId)) {
      return;
    }
    if (this.#unwritten.size >= MOST_KEPT || this.#closing !== null) {
      return;
    }
    this.#unwritten.set(sessionId, { orgId, sessionId, usedAt, ...(call.device?.() ?? UNKNOWN_DEVICE) });
    this.#schedule();
  }

  /** Writes all that there is, within two seconds, and takes nothing from now on. To be called before the store is closed. */
  close(): Promise<void> {
    this.#closing ??= within(CLOSED_WITHIN_MS, this.#writeLast());
    return this.#closing;
  }

  async #writeLast(): Promise<void> {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
    }
    await this.#writing;
    await this.#writeAll();
  }

  #schedule(): void {
    if (this.#writing === null && this.#closing === null) {
      this.#timer ??= setTimeout(() => this.#write(), WRITE_EVERY_MS).unref();
    }
  }

  #write(): void {
    this.#timer = null;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = null;
      if (this.#unwritten.size > 0) {
        this.#schedule();
      }
    });
  }

  async #writeAll(): Promise<void> {
    const uses = [...this.#unwritten.values()];
    for (let from = 0; from < uses.length; from += WRITTEN_AT_ONCE) {
      const slice = uses.slice(from, from + WRITTEN_AT_ONCE);
      try {
        await this.#storage.recordSessionUses(slice);
      } catch {
        // Nobody waits for it, and every call tells of a store that is away.
        return;
      }
      for (const { sessionId } of slice) {
        this.#unwritten.delete(sessionId);
      }
    }
  }
}
