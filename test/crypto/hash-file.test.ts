import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type ByteSource, checkHashFile, HashFileError, hasHash } from '../../src/crypto/hash-file.ts';
import { Random } from '../security/random.ts';

const hashOf = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase();

/** A source that tells what was read of it. */
function sourceOf(text: string): ByteSource & { readonly reads: number[] } {
  const bytes = Buffer.from(text, 'latin1');
  const reads: number[] = [];
  return {
    size: bytes.length,
    reads,
    async read(offset, length) {
      reads.push(offset);
      return bytes.subarray(offset, offset + length);
    },
  };
}

const hashes = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => hashOf(`password ${index}`)).sort();

const FORMS: readonly (readonly [string, (hash: string, index: number) => string, string, string])[] = [
  [
    'hashes with counts, lines ended as Have I Been Pwned does',
    (hash, index) => `${hash}:${(index * 7) ** 3}`,
    '\r\n',
    '',
  ],
  ['hashes with counts', (hash, index) => `${hash}:${index + 1}`, '\n', '\n'],
  ['hashes alone, without a last line break', (hash) => hash, '\n', ''],
  ['hashes alone, in lower case', (hash) => hash.toLowerCase(), '\r\n', '\r\n'],
];

describe.each(FORMS)('%s', (_, lineOf, between, end) => {
  test.each([1, 2, 50, 99, 100, 101, 200, 5_000])('of %i lines each is found, and nothing else', async (count) => {
    const all = hashes(count);
    const source = sourceOf(all.map(lineOf).join(between) + end);
    await checkHashFile(source);
    for (const hash of count > 1_000 ? all.filter((__, index) => index % 37 === 0) : all) {
      expect(await hasHash(source, hash)).toBe(true);
    }
    for (let index = 0; index < 200; index++) {
      expect(await hasHash(source, hashOf(`another ${index}`))).toBe(false);
    }
    for (const edge of ['0'.repeat(40), 'F'.repeat(40)]) {
      expect(await hasHash(source, edge)).toBe(false);
    }
    expect(await hasHash(source, all.at(0) ?? '')).toBe(true);
    expect(await hasHash(source, all.at(-1) ?? '')).toBe(true);
  });
});

test('hashes that are not spread evenly are found in as many looks as halving takes', async () => {
  const count = 200_000;
  // All but one share their first 36 digits.
  const all = Array.from({ length: count }, (_, index) => index.toString(16).toUpperCase().padStart(40, '0'));
  all.push(`F${'0'.repeat(39)}`);
  const source = sourceOf(all.join('\n'));
  const random = new Random(5);
  for (let round = 0; round < 100; round++) {
    source.reads.length = 0;
    expect(await hasHash(source, random.pick(all))).toBe(true);
    expect(source.reads.length).toBeLessThanOrEqual(8 + Math.ceil(Math.log2(source.size / 4_096)) + 1);
  }
});

describe('a file of 38 GB', () => {
  const LINE_BYTES = 44;
  const LINES = 900_000_000n;
  const SPACE = 1n << 160n;

  /** Hashes spread evenly, each moved a little within its share: the line of an index is computed. */
  const hashAt = (index: bigint): string => {
    const share = SPACE / LINES;
    const moved = (index * 2_654_435_761n) % 1_000n;
    return (index * share + (share * moved) / 1_000n).toString(16).toUpperCase().padStart(40, '0');
  };
  const reads: number[] = [];
  const source: ByteSource = {
    size: Number(LINES) * LINE_BYTES,
    async read(offset, length) {
      reads.push(offset);
      const first = Math.floor(offset / LINE_BYTES);
      const lines: string[] = [];
      for (let index = first; index * LINE_BYTES < offset + length && index < Number(LINES); index++) {
        lines.push(`${hashAt(BigInt(index))}:2\r\n`);
      }
      const start = offset - first * LINE_BYTES;
      return Buffer.from(lines.join('').slice(start, start + length), 'latin1');
    },
  };

  test('is checked at places all over it', async () => {
    expect(source.size).toBeGreaterThan(2 ** 35);
    reads.length = 0;
    await checkHashFile(source);
    expect(reads.length).toBeLessThanOrEqual(65);
    expect(Math.max(...reads)).toBeGreaterThan(source.size - 8_192);
  });

  test('is searched with a few reads, beyond 4 GiB too', async () => {
    const random = new Random(6);
    for (let round = 0; round < 300; round++) {
      const hash = hashAt(BigInt(random.below(900_000_000)));
      reads.length = 0;
      expect(await hasHash(source, hash)).toBe(true);
      expect(reads.length).toBeLessThanOrEqual(8);
      expect(await hasHash(source, `${hash.slice(0, 39)}${hash.endsWith('0') ? '1' : '0'}`)).toBe(false);
    }
  });
});

describe('what is no such file', () => {
  test.each([
    ['nothing', '', 'empty'],
    ['text', 'password\n123456\n', 'other lines'],
    ['NTLM hashes', 'AD1E4F2B8C9D0E1F2A3B4C5D6E7F8091:3\nBD1E4F2B8C9D0E1F2A3B4C5D6E7F8091:3\n', 'other lines'],
    ['bytes', '\0'.repeat(10_000), 'other lines'],
    ['an order of another kind', hashes(500).toReversed().join('\n'), 'not ordered'],
    [
      'an order by count, in a large file',
      [...hashes(3_000).slice(1_500), ...hashes(3_000).slice(0, 1_500)].join('\n'),
      'not ordered',
    ],
    ['a line twice', `${hashOf('a')}\n${hashOf('a')}\n`, 'not ordered'],
  ])('%s', async (_, text, sentence) => {
    await expect(checkHashFile(sourceOf(text))).rejects.toThrow(HashFileError);
    await expect(checkHashFile(sourceOf(text))).rejects.toThrow(sentence);
  });

  test('one whose disorder only a search meets is told then', async () => {
    const all = hashes(100_000);
    const spoiled = sourceOf(all.with(50_000, all.at(-1) ?? '').join('\n'));
    const found = await Promise.allSettled(all.slice(49_900, 50_100).map((hash) => hasHash(spoiled, hash)));
    expect(found.some(({ status }) => status === 'rejected')).toBe(true);
  });
});
