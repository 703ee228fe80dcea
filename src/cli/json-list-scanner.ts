/** An object of the list: on which line it begins, and its bytes; null where it is longer than allowed. */
export interface ListedObject {
  readonly line: number;
  readonly bytes: Buffer | null;
}

interface BegunObject {
  readonly line: number;
  length: number;
  readonly pieces: Buffer[];
}

const [QUOTE, BACKSLASH, COMMA, NEWLINE] = Buffer.from('"\\,\n');
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = Buffer.from('{}[]');

/**
 * Finds the objects of one list in a JSON document that comes in pieces: of the document itself, or of a member of the object that the
 * document is. Holds one object at a time. Looks at nothing but brackets, strings and colons: whether an object is JSON, its reader tells.
 */
export class JsonListScanner {
  readonly #member: string | null;
  readonly #maxBytes: number;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** How deep the objects of the list begin; null outside of it. */
  #listDepth: number | null = null;
  #hasSeenList = false;
  #line = 1;
  /** The member of the outermost object that is being read. */
  #name: number[] = [];
  #object: BegunObject | null = null;

  /** `member`: null where the document itself is the list. */
  constructor(member: string | null, maxBytes: number) {
    this.#member = member;
    this.#maxBytes = maxBytes;
  }

  get hasSeenList(): boolean {
    return this.#hasSeenList;
  }

  /** The line that was read last, from 1 on. */
  get line(): number {
    return this.#line;
  }

  /** Whether every value that was begun has ended. */
  get isAtEnd(): boolean {
    return this.#depth === 0 && !this.#isInString;
  }

  *push(chunk: Buffer): Generator<ListedObject> {
    let begin = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === NEWLINE) {
        this.#line += 1;
      }
      if (this.#isInString) {
        this.#readString(byte);
      } else if (byte === QUOTE) {
        this.#isInString = true;
        this.#name = [];
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (byte === OPEN_OBJECT && this.#depth === this.#listDepth) {
          this.#object = { line: this.#line, length: 0, pieces: [] };
          begin = at;
        }
        this.#open(byte);
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        this.#depth -= 1;
        if (this.#object !== null && this.#depth === this.#listDepth) {
          this.#keep(chunk.subarray(begin, at + 1));
          yield this.#take(this.#object);
        } else if (this.#listDepth !== null && this.#depth < this.#listDepth) {
          this.#listDepth = null;
        }
      } else if (byte === COMMA && this.#depth === 1) {
        this.#name = [];
      }
    }
    this.#keep(chunk.subarray(begin));
  }

  #open(byte: number | undefined): void {
    const isOutermost = this.#member === null ? this.#depth === 0 : this.#depth === 1 && this.#isNamed();
    if (byte === OPEN_LIST && isOutermost && this.#listDepth === null) {
      this.#listDepth = this.#depth + 1;
      this.#hasSeenList = true;
    }
    this.#depth += 1;
  }

  #isNamed(): boolean {
    return Buffer.from(this.#name).toString() === this.#member;
  }

  #readString(byte: number | undefined): void {
    if (this.#isEscaped) {
      this.#isEscaped = false;
    } else if (byte === BACKSLASH) {
      this.#isEscaped = true;
    } else if (byte === QUOTE) {
      this.#isInString = false;
      return;
    }
    if (this.#depth === 1 && byte !== undefined && this.#name.length < 16) {
      this.#name.push(byte);
    }
  }

  #keep(piece: Buffer): void {
    if (this.#object !== null) {
      this.#object.length += piece.length;
      if (this.#object.length <= this.#maxBytes) {
        this.#object.pieces.push(piece);
      }
    }
  }

  #take({ line, length, pieces }: BegunObject): ListedObject {
    this.#object = null;
    return { line, bytes: length > this.#maxBytes ? null : Buffer.concat(pieces) };
  }
}
