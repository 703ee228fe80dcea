/** What bytes are read of, of any size. */
export interface ByteSource {
  readonly size: number;
  /** Up to so many bytes from here on; fewer at the end alone. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** The file has another form than is searched here. Its message is a sentence without a full stop. */
export class HashFileError extends Error {
  override readonly name = 'HashFileError';
}

/** A line has 41 bytes and the digits of a count: a block holds more than 80. */
const BLOCK_BYTES = 4_096;

/**
 * From here on every look halves what is left. Before, a look goes where hashes that are spread evenly have it: in 38 GB the third or
 * fourth finds it.
 */
const INTERPOLATED_LOOKS = 8;

/** How many places are looked at when a file is checked. */
const SAMPLES = 64;

/** SHA-1 in hexadecimal, alone or with how often it was seen, as Have I Been Pwned writes it. */
const LINE = /^[0-9A-F]{40}(?::\d+)?$/;
const HASH_DIGITS = 40;

const LOWEST = '0'.repeat(HASH_DIGITS);
const HIGHEST = 'F'.repeat(HASH_DIGITS);

/**
 * Whether a file of lines that are ordered by their hashes has one of this hash (40 digits, upper case). Reads some blocks of 4 KiB.
 * Throws HashFileError where it meets a line of another form, or out of order.
 */
export async function hasHash(source: ByteSource, hash: string): Promise<boolean> {
  // The line, where there is one, begins from `from` on and before `to`; those before and after have these hashes.
  let range = { from: 0, to: source.size, below: LOWEST, above: HIGHEST };
  for (let look = 0; range.from < range.to; look++) {
    const { first, last, hashes } = await linesAround(source, placeOf(hash, range, look), range);
    const [lowest = '', highest = ''] = [hashes[0], hashes.at(-1)];
    if (lowest < range.below || highest > range.above) {
      throw new HashFileError('is not ordered by hash');
    }
    if (hashes.includes(hash)) {
      return true;
    }
    if (hash < lowest) {
      range = { ...range, to: first, above: lowest };
    } else if (hash > highest) {
      range = { ...range, from: last, below: highest };
    } else {
      return false;
    }
  }
  return false;
}

/** Looks at the beginning, the end and places between. Throws HashFileError where one has another form, or they are out of order. */
export async function checkHashFile(source: ByteSource): Promise<void> {
  if (source.size === 0) {
    throw new HashFileError('is empty');
  }
  const whole = { from: 0, to: source.size };
  let before = '';
  for (let sample = 0; sample <= SAMPLES; sample++) {
    const place = Math.floor((source.size / SAMPLES) * sample) - BLOCK_BYTES / 2;
    const last = (await linesAround(source, place, whole)).hashes.at(-1) ?? '';
    if (last < before) {
      throw new HashFileError('is not ordered by hash');
    }
    before = last;
  }
}

interface Part {
  /** Where a line begins. */
  readonly from: number;
  /** Where a line ends. */
  readonly to: number;
}

interface Range extends Part {
  readonly below: string;
  readonly above: string;
}

/** Where to look next: the middle of the block lies where the hash should. */
function placeOf(hash: string, { from, to, below, above }: Range, look: number): number {
  const [low, high] = [numberOf(below), numberOf(above)];
  const share = look < INTERPOLATED_LOOKS && high > low ? (numberOf(hash) - low) / (high - low) : 1 / 2;
  const place = Math.floor(from + share * (to - from) - BLOCK_BYTES / 2);
  return Math.max(from, Math.min(place, to - BLOCK_BYTES));
}

/** The first 52 of its 160 bits: what a number holds exactly. */
function numberOf(hash: string): number {
  return Number.parseInt(hash.slice(0, 13), 16);
}

interface Lines {
  /** Where the first begins, and what follows the last. */
  readonly first: number;
  readonly last: number;
  /** In order, at least one. */
  readonly hashes: readonly string[];
}

/** The whole lines of the block at a place in a part of the file that holds some. */
async function linesAround(source: ByteSource, place: number, { from, to }: Part): Promise<Lines> {
  const offset = Math.max(from, Math.min(place, to - BLOCK_BYTES));
  // One byte before tells whether a line begins at the place itself.
  const start = offset === from ? offset : offset - 1;
  const block = (await source.read(start, Math.min(BLOCK_BYTES + 1, to - start))).toString('latin1');
  const begin = offset === from ? 0 : block.indexOf('\n') + 1;
  const isAtEnd = start + block.length >= to;
  const end = isAtEnd ? block.length : block.lastIndexOf('\n') + 1;
  const hashes = block
    .slice(begin, end)
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.replace(/\r$/, '').toUpperCase());
  if (end <= begin || !hashes.every((line) => LINE.test(line))) {
    throw new HashFileError(
      'holds other lines than SHA-1 hashes of 40 hexadecimal digits, each with a colon and a count or alone',
    );
  }
  const ordered = hashes.map((line) => line.slice(0, HASH_DIGITS));
  if (ordered.some((each, at) => at > 0 && each <= (ordered[at - 1] ?? ''))) {
    throw new HashFileError('is not ordered by hash');
  }
  return { first: start + begin, last: start + end, hashes: ordered };
}
