import { randomFillSync, randomUUID } from 'node:crypto';
import type { IdSource } from '../domain/ports.ts';
import { formatUuid } from './uuid.ts';

/** Random bytes of one id: 4 to seed the counter, 6 for its tail. */
const BYTES_PER_ID = 10;
/** One call into OpenSSL serves this many ids. */
const IDS_PER_FILL = 128;
/** The counter spans the 12 bits of rand_a and the first 14 of rand_b. */
const COUNTER_LIMIT = 2 ** 26;

/**
 * Random ids. UUIDv7 of one source ascend strictly in the order they were asked for, even within a millisecond or
 * when an earlier instant is given: RFC 9562 6.2, method 1 with a 26-bit counter that begins anew, at a random
 * value below half its span, in each millisecond. 48 random bits keep ids of several processes apart.
 */
export class RandomIdSource implements IdSource {
  readonly #random = Buffer.allocUnsafe(BYTES_PER_ID * IDS_PER_FILL);
  #used = this.#random.length;
  #lastAt = 0;
  #counter = 0;

  uuidV4(): string {
    return randomUUID();
  }

  uuidV7(at: number): string {
    const random = this.#nextRandom();
    const seed = random.readUInt32BE(0) % (COUNTER_LIMIT / 2);
    if (at > this.#lastAt) {
      this.#lastAt = at;
      this.#counter = seed;
    } else if (++this.#counter === COUNTER_LIMIT) {
      this.#lastAt += 1;
      this.#counter = seed;
    }
    const id = Buffer.allocUnsafe(16);
    id.writeUIntBE(this.#lastAt, 0, 6);
    id.writeUInt16BE(0x7000 | (this.#counter >>> 14), 6);
    id.writeUInt16BE(0x8000 | (this.#counter & 0x3fff), 8);
    random.copy(id, 10, 4);
    return formatUuid(id);
  }

  #nextRandom(): Buffer {
    if (this.#used === this.#random.length) {
      randomFillSync(this.#random);
      this.#used = 0;
    }
    this.#used += BYTES_PER_ID;
    return this.#random.subarray(this.#used - BYTES_PER_ID, this.#used);
  }
}
