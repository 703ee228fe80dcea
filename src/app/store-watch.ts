import { errorFields, errorKind, type Logger } from '../observability/logger.ts';
import type { StoreCounts } from '../observability/metrics.ts';
import type { RepeatedLines } from '../observability/repeated-lines.ts';
import type { StoreConnections, StoreObserver } from '../storage/engine.ts';

const NONE: StoreConnections = { idle: 0, busy: 0, waiting: 0 };

/** Writes down and counts what a store across a network meets. */
export class StoreWatch implements StoreObserver {
  readonly #logger: Logger;
  readonly #repeated: RepeatedLines;
  #count: (() => StoreConnections) | null = null;
  #connectionFailures = 0;
  #losses = 0;
  #toldMoved: string | null = null;

  constructor(logger: Logger, repeated: RepeatedLines) {
    this.#logger = logger;
    this.#repeated = repeated;
  }

  /** Null for a store that is a file. */
  counts(): StoreCounts | null {
    if (this.#count === null) {
      return null;
    }
    return { ...(this.#count() ?? NONE), connectionFailures: this.#connectionFailures, losses: this.#losses };
  }

  watchConnections(count: () => StoreConnections): void {
    this.#count = count;
  }

  connectionFailed(error: unknown): void {
    this.#connectionFailures += 1;
    this.#repeated.write({
      level: 'error',
      event: 'store_connection_failed',
      kind: errorKind(error),
      details: () => errorFields(error),
    });
  }

  storeGone(error: unknown, moved: string | null): void {
    if (moved !== null) {
      if (moved !== this.#toldMoved) {
        this.#toldMoved = moved;
        this.#logger.error('store_moved', { fault: moved });
      }
      return;
    }
    this.#repeated.write({
      level: 'error',
      event: 'store_moved',
      kind: errorKind(error),
      details: () => ({
        ...errorFields(error),
        meaning: 'the tables of the store are no longer there: it was moved while this process had it open, or removed',
        remedy:
          'give this process the database that the store was moved to (AUTHFLOW_DATABASE_URL), and start it again',
      }),
    });
  }

  writesLost(endings: number): void {
    this.#losses += 1;
    this.#logger.error('writes_lost', {
      meaning:
        'a standby without the last acknowledged writes became the primary; sign-ups and changes of the last moments are gone',
      done: 'nonces of before are refused, and the endings of the last minute are done again',
      endings,
      remedy: 'let the standby be synchronous (docs/operations.md)',
    });
  }

  endingNotRepeated(error: unknown): void {
    this.#logger.error('ending_not_repeated', errorFields(error));
  }
}
