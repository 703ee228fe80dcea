import type { LogFields, Logger } from './logger.ts';

/** What a line tells, apart from what only its first one does. */
export interface RepeatedLine {
  readonly level: 'warn' | 'error';
  readonly event: string;
  /** What makes it one of its kind: few values, and short. */
  readonly kind: LogFields;
  /** Further fields of the first of its kind. */
  readonly details?: () => LogFields;
}

const INTERVAL_MS = 60_000;

/** Beyond these, all are of one kind. */
const MAX_KINDS = 100;

interface Kind {
  readonly line: RepeatedLine;
  readonly timer: NodeJS.Timeout;
  repeats: number;
}

/**
 * Lines that a fault may cause with every call. The first of its kind is written at once; those that follow within a
 * minute are counted, and told by one line with `repeats` when it is over. A fault under load would flood the log.
 */
export class RepeatedLines {
  readonly #logger: Logger;
  readonly #kinds = new Map<string, Kind>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  write(line: RepeatedLine): void {
    const known = JSON.stringify([line.event, line.kind]);
    const key = this.#kinds.has(known) || this.#kinds.size < MAX_KINDS ? known : OTHERS;
    const kind = this.#kinds.get(key);
    if (kind !== undefined) {
      kind.repeats += 1;
      return;
    }
    this.#logger[line.level](line.event, { ...line.kind, ...line.details?.() });
    const timer = setTimeout(() => this.#end(key), INTERVAL_MS);
    // The end of the process need not wait: `close` tells the counts.
    timer.unref();
    this.#kinds.set(key, { line: key === OTHERS ? { ...line, kind: { others: true } } : line, timer, repeats: 0 });
  }

  /** Tells the counts so far. */
  close(): void {
    for (const [key, { timer }] of this.#kinds) {
      clearTimeout(timer);
      this.#end(key);
    }
  }

  #end(key: string): void {
    const kind = this.#kinds.get(key);
    this.#kinds.delete(key);
    if (kind !== undefined && kind.repeats > 0) {
      const { level, event, kind: fields } = kind.line;
      this.#logger[level](event, { ...fields, repeats: kind.repeats });
    }
  }
}

const OTHERS = 'others';
