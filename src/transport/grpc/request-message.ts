import { MAX_MESSAGE_BYTES } from '../limits.ts';
import { GatheredBytes } from '../net/gathered-bytes.ts';

/** Before the message stand a flag, which says whether it is compressed, and its length. */
export const PREFIX_BYTES = 5;

const COMPRESSED = 1;
const NO_BYTES = new Uint8Array(0);

/** Why a request holds no message that can be read: a flag that does not exist, too many bytes, none or more than one message. */
export type MessageFault = 'unreadable' | 'too_large' | 'not_one';

/** A message as it was sent. */
export interface SentMessage {
  readonly isCompressed: boolean;
  readonly bytes: Uint8Array;
}

/**
 * The one message of a unary request, while its bytes come. A fault is told as soon as it shows: nothing that will be refused is
 * kept or inflated.
 */
export class RequestMessage {
  readonly #mostFlag: number;
  /** All that has come, as it came; null where it is none or was copied. */
  #only: Buffer | null = null;
  #copied: GatheredBytes | null = null;
  /** The prefix, where it came in pieces. */
  #prefix: Buffer | null = null;
  #flag = 0;
  /** Null until the prefix is whole. */
  #length: number | null = null;
  #received = 0;

  /** `isCompressible`: whether the request names a compression. */
  constructor(isCompressible: boolean) {
    this.#mostFlag = isCompressible ? COMPRESSED : 0;
  }

  /**
   * Copies what it has and what will come: to be called where it must wait for more. A piece as it came keeps all that was read of the
   * connection with it. The memory that it then holds is {@link roomBytes}.
   */
  keep(): void {
    this.#copied ??= new GatheredBytes(PREFIX_BYTES + MAX_MESSAGE_BYTES);
    if (this.#only !== null) {
      this.#copied.add(this.#only);
      this.#only = null;
    }
  }

  /** The memory that it holds once it is kept. */
  get roomBytes(): number {
    return this.#copied?.roomBytes ?? 0;
  }

  /** Takes the next bytes. After a fault it is not to be used any more. */
  add(piece: Buffer): MessageFault | null {
    this.#readPrefix(piece);
    this.#received += piece.length;
    if (this.#flag > this.#mostFlag) {
      return 'unreadable';
    }
    if (this.#length !== null && this.#length > MAX_MESSAGE_BYTES) {
      return 'too_large';
    }
    if (this.#length !== null && this.#received > PREFIX_BYTES + this.#length) {
      return 'not_one';
    }
    if (this.#received === piece.length && this.#copied === null) {
      this.#only = piece;
    } else {
      this.keep();
      this.#copied?.add(piece);
    }
    return null;
  }

  /** The message, after the last bytes came, which are not kept here any more. */
  end(): SentMessage | MessageFault {
    if (this.#received === 0) {
      return 'not_one';
    }
    if (this.#length === null || this.#received < PREFIX_BYTES + this.#length) {
      return 'unreadable';
    }
    const bytes = this.#only ?? this.#copied?.bytes() ?? NO_BYTES;
    this.#only = null;
    this.#copied = null;
    return { isCompressed: this.#flag === COMPRESSED, bytes: bytes.subarray(PREFIX_BYTES) };
  }

  #readPrefix(piece: Buffer): void {
    if (this.#received >= PREFIX_BYTES || piece.length === 0) {
      return;
    }
    let prefix = piece;
    if (this.#received > 0 || piece.length < PREFIX_BYTES) {
      this.#prefix ??= Buffer.alloc(PREFIX_BYTES);
      piece.copy(this.#prefix, this.#received);
      prefix = this.#prefix;
    }
    this.#flag = prefix.readUInt8(0);
    if (this.#received + piece.length >= PREFIX_BYTES) {
      this.#length = prefix.readUInt32BE(1);
    }
  }
}
