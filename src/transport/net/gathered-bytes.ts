const EMPTY = new Uint8Array(0);

/** The room that a request of several pieces is given at once, which grows with what has come. */
const FIRST_BLOCK_BYTES = 1_024;
const LARGEST_BLOCK_BYTES = 8_192;

/** How much more than itself a piece may keep: a whole small request is kept as it was read. */
const MAX_SPARE_BYTES = 4_096;

/**
 * The bytes of a request, of at most so many, in blocks of their own. Node's pieces are views: one of a few bytes keeps all that was read of the
 * socket with it, so that little of what is held would be counted. Blocks do not move, which would leave as much behind.
 */
export class GatheredBytes {
  readonly #maxBytes: number;
  /** The first piece as it came; what most bodies are whole in. */
  #only: Uint8Array = EMPTY;
  readonly #blocks: Uint8Array[] = [];
  /** What is left of the last block. */
  #spare: Uint8Array = EMPTY;
  #length = 0;
  #roomBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False, and not taken, where they would be too many. */
  add(piece: Uint8Array): boolean {
    if (this.#length + piece.length > this.#maxBytes) {
      return false;
    }
    if (this.#length === 0 && piece.buffer.byteLength - piece.length <= MAX_SPARE_BYTES) {
      this.#only = piece;
      this.#roomBytes = piece.length;
    } else {
      const first = this.#only;
      this.#only = EMPTY;
      this.#copy(first);
      this.#copy(piece);
    }
    this.#length += piece.length;
    return true;
  }

  /** The memory that they hold. */
  get roomBytes(): number {
    return this.#roomBytes;
  }

  bytes(): Uint8Array {
    return this.#blocks.length === 0 ? this.#only : Buffer.concat(this.#blocks, this.#length);
  }

  #copy(piece: Uint8Array): void {
    const fitting = Math.min(piece.length, this.#spare.length);
    this.#spare.set(piece.subarray(0, fitting));
    this.#spare = this.#spare.subarray(fitting);
    if (fitting < piece.length) {
      this.#addBlock(piece.subarray(fitting));
    }
  }

  /** A block that begins with these bytes: as large as what there is, so that many small pieces need few. */
  #addBlock(piece: Uint8Array): void {
    const growth = Math.min(Math.max(this.#length, FIRST_BLOCK_BYTES), LARGEST_BLOCK_BYTES);
    const block = new Uint8Array(Math.max(piece.length, growth));
    block.set(piece);
    this.#blocks.push(block);
    this.#spare = block.subarray(piece.length);
    this.#roomBytes = this.#blocks.length === 1 ? block.length : this.#roomBytes + block.length;
  }
}
