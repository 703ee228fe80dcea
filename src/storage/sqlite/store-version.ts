import { openSync, readSync, realpathSync } from 'node:fs';

/**
 * The part of the WAL index that tells readers which state of the store is the newest: its first header
 * (https://sqlite.org/walformat.html, "The WAL-Index Header"). Every commit of every process counts it up before it is
 * answered, and SQLite itself compares these bytes to learn whether anything has changed.
 */
const HEADER_BYTES = 48;

/**
 * Whether a store has changed, for a fifth of what a query costs: one read of a page that the system holds in memory. To be asked
 * only for as long as a connection to the store is open, which keeps the file in its place.
 *
 * Its descriptor is never closed while the process runs: SQLite holds locks on this file, and whichever descriptor of a file is
 * closed, the system drops all locks that the process has on it (https://sqlite.org/howtocorrupt.html, section 2.2). A server has
 * one store, and so one descriptor.
 */
export class StoreVersion {
  readonly #descriptor: number;
  readonly #now = Buffer.alloc(HEADER_BYTES);
  readonly #last = Buffer.alloc(HEADER_BYTES);
  #isKnown = false;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** The version of a database file in WAL mode; null where its index cannot be read. */
  static open(databaseFile: string): StoreVersion | null {
    try {
      // SQLite resolves links, and names the index after the file that it finds.
      return new StoreVersion(openSync(`${realpathSync(databaseFile)}-shm`, 'r'));
    } catch {
      return null;
    }
  }

  /** Whether nothing was committed since this was last asked. */
  isUnchanged(): boolean {
    const isWhole = this.#read();
    const isUnchanged = isWhole && this.#isKnown && this.#now.equals(this.#last);
    this.#isKnown = isWhole;
    this.#now.copy(this.#last);
    return isUnchanged;
  }

  #read(): boolean {
    try {
      return readSync(this.#descriptor, this.#now, 0, HEADER_BYTES, 0) === HEADER_BYTES;
    } catch {
      return false;
    }
  }
}
