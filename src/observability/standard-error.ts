import fs from 'node:fs';

const STANDARD_ERROR = 2;

/** Text that waits for a reader that has stopped reading. More is dropped: the log never holds up the service. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** How often a reader that is slow is asked again, while the process runs and at its end. */
const RETRY_EVERY_MS = 100;
const LAST_RETRY_EVERY_MS = 10;
const LAST_RETRIES = 50;

/**
 * Standard error for whole lines, from a process that outlives whoever reads them. `write` never throws and never
 * waits. What standard error does not take is tried again with the next line: a full disk may have room by then.
 *
 * At the process's end the rest is written at once, and what fails then is lost: a closed terminal or a full disk must
 * not keep the process from its end. A library's own stream tries for ever there. Make one for a process.
 */
export class StandardError {
  #waiting: string[] = [];
  #waitingBytes = 0;
  #rest: Buffer | null = null;
  #isWriting = false;

  constructor() {
    process.on('exit', () => this.#writeLast());
  }

  write(lines: string): void {
    const bytes = Buffer.byteLength(lines);
    if (this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      return;
    }
    this.#waiting.push(lines);
    this.#waitingBytes += bytes;
    this.#writeNext();
  }

  #writeNext(): void {
    const next = this.#isWriting ? null : this.#next();
    if (next === null) {
      return;
    }
    this.#isWriting = true;
    fs.write(STANDARD_ERROR, next, (error, written) => {
      this.#isWriting = false;
      if (error === null) {
        this.#taken(next, written);
        this.#writeNext();
      } else if (error.code === 'EAGAIN') {
        // It never holds the process open: its end writes what still waits.
        setTimeout(() => this.#writeNext(), RETRY_EVERY_MS).unref();
      }
    });
  }

  #writeLast(): void {
    if (this.#isWriting) {
      // What is on its way arrives by itself, and would come twice.
      this.#rest = null;
    }
    let retries = LAST_RETRIES;
    for (let next = this.#next(); next !== null && retries > 0; next = this.#next()) {
      try {
        this.#taken(next, fs.writeSync(STANDARD_ERROR, next));
      } catch (error) {
        retries = isFull(error) ? retries - 1 : 0;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_RETRY_EVERY_MS);
      }
    }
  }

  #next(): Buffer | null {
    if (this.#rest === null && this.#waiting.length > 0) {
      this.#rest = Buffer.from(this.#waiting.join(''));
      this.#waiting = [];
    }
    return this.#rest;
  }

  #taken(chunk: Buffer, written: number): void {
    this.#waitingBytes -= written;
    this.#rest = written < chunk.length ? chunk.subarray(written) : null;
  }
}

/** Whether a reader only has to catch up. */
function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
