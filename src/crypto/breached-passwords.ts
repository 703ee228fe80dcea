import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AuthError } from '../domain/errors.ts';
import type { BreachedPasswords } from '../domain/ports.ts';
import { type ByteSource, checkHashFile, HashFileError, hasHash } from './hash-file.ts';

/** So many look-ups at once keep the threads that read files busy; the others wait without a descriptor. */
const MOST_AT_ONCE = 8;

/**
 * A list of breached passwords in a file as Have I Been Pwned gives it: SHA-1 hashes in order. It is opened anew for each
 * look-up, so that whoever renames a newer one to its path need do nothing else; in a file that is written over in place, look-ups
 * may fail meanwhile. Nothing of it is kept in memory.
 */
export class BreachedPasswordFile implements BreachedPasswords {
  readonly #path: string;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Looks at places all over the file. The size in bytes; throws HashFileError where it has another form, and what the system
   * throws where it cannot be read.
   */
  async check(): Promise<number> {
    return this.#open(async (source) => {
      await checkHashFile(source);
      return source.size;
    });
  }

  /** As {@link BreachedPasswords.has}. A list that was asked for and cannot be read lets no password pass unseen. */
  async has(password: string): Promise<boolean> {
    const hash = createHash('sha1').update(password).digest('hex').toUpperCase();
    await this.#enter();
    try {
      return await this.#open((source) => hasHash(source, hash));
    } catch (error) {
      throw new AuthError('UNAVAILABLE', {
        message: 'The list of breached passwords cannot be read. Nothing was done.',
        cause: error,
      });
    } finally {
      this.#leave();
    }
  }

  async #open<T>(use: (source: ByteSource) => Promise<T>): Promise<T> {
    // A pipe would otherwise hold a thread until somebody writes to it.
    const file = await open(this.#path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await use(await sourceOf(file));
    } finally {
      await file.close();
    }
  }

  async #enter(): Promise<void> {
    if (this.#busy < MOST_AT_ONCE) {
      this.#busy += 1;
      return;
    }
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Whoever waited longest takes the place over. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#busy -= 1;
    } else {
      next();
    }
  }
}

async function sourceOf(file: FileHandle): Promise<ByteSource> {
  const stats = await file.stat();
  if (!stats.isFile()) {
    throw new HashFileError('is no file');
  }
  return {
    size: stats.size,
    async read(offset, length) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    },
  };
}
