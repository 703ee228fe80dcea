import type { LogFields, Logger } from './logger.ts';

/** A line that callers cause, as often as they like. */
export interface CausedLine {
  /** Callers who proved themselves have lines of their own: strangers, who have any number of addresses, take none of these. */
  readonly share: 'proven' | 'stranger';
  /** Whose line it is. */
  readonly source: string;
  /** What it is counted as where it is not written: one of few words. */
  readonly reason: string;
  readonly fields: () => LogFields;
}

const WINDOW_MS = 1_000;

/** Of the ten lines of a share in a second five are anybody's, then three theirs who come for the first time in it … */
const ANYBODYS = 5;
const NEWCOMERS = 8;
/** … and the last two theirs who did not come in the second before either. */
const MOST = 10;

/** How many sources a share remembers of a second. Beyond these a source counts as new. */
const MAX_SOURCES = 1_000;

/**
 * Lines at level info that strangers can cause: at most ten a second for each share, fairly among its sources, so that one that
 * causes thousands leaves the others theirs. Those that were not written are counted, and told by one line a second with their
 * number and how many were of which reason. What is remembered is bounded.
 */
export class FairLines {
  readonly #logger: Logger;
  readonly #event: string;
  readonly #shares = { proven: new Share(), stranger: new Share() };
  readonly #untold = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;

  constructor(logger: Logger, event: string) {
    this.#logger = logger;
    this.#event = event;
  }

  write({ share, source, reason, fields }: CausedLine): void {
    // The end of the process need not wait: `close` tells the counts.
    this.#timer ??= setTimeout(() => this.#endWindow(), WINDOW_MS).unref();
    if (this.#shares[share].admits(source)) {
      this.#logger.info(this.#event, fields());
    } else {
      this.#untold.set(reason, (this.#untold.get(reason) ?? 0) + 1);
    }
  }

  /** Tells the counts so far. */
  close(): void {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
    this.#tellCounts();
  }

  #endWindow(): void {
    this.#tellCounts();
    const hadLines = [this.#shares.proven.next(), this.#shares.stranger.next()].includes(true);
    this.#timer = hadLines ? setTimeout(() => this.#endWindow(), WINDOW_MS).unref() : null;
  }

  #tellCounts(): void {
    if (this.#untold.size > 0) {
      const counts = Object.fromEntries(this.#untold);
      const untold = Object.values(counts).reduce((sum, count) => sum + count);
      this.#untold.clear();
      this.#logger.info(`${this.#event}_untold`, { untold, ...counts });
    }
  }
}

/** The lines of one share in one second. */
class Share {
  #lines = 0;
  #sources = new Set<string>();
  #sourcesBefore: ReadonlySet<string> = new Set();

  admits(source: string): boolean {
    const isNew = !this.#sources.has(source);
    const isNewest = isNew && !this.#sourcesBefore.has(source);
    if (this.#sources.size < MAX_SOURCES) {
      this.#sources.add(source);
    }
    if (this.#lines >= (isNewest ? MOST : isNew ? NEWCOMERS : ANYBODYS)) {
      return false;
    }
    this.#lines += 1;
    return true;
  }

  /** Begins the next second; tells whether this one had a line. */
  next(): boolean {
    const hadLines = this.#lines > 0;
    this.#lines = 0;
    this.#sourcesBefore = this.#sources;
    this.#sources = new Set();
    return hadLines;
  }
}
