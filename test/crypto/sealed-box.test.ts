import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SealedBox, SealedBoxError, type SealedPlace } from '../../src/crypto/sealed-box.ts';

const SECRET = randomBytes(32);
const PLACE: SealedPlace = { purpose: 'api-key', orgId: 'org', rowId: 'row' };
const PLAINTEXT = Buffer.from('af_secret');

function faultOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof SealedBoxError) {
      return error.fault;
    }
    throw error;
  }
  return 'opened';
}

describe('a sealed box', () => {
  test('opens where it was sealed, in another process too', () => {
    const box = new SealedBox(SECRET).seal(PLACE, PLAINTEXT);
    expect(new SealedBox(SECRET).open(PLACE, box)).toEqual(PLAINTEXT);
    expect(box.includes(PLAINTEXT)).toBe(false);
  });

  test('of an empty value opens', () => {
    const sealedBox = new SealedBox(SECRET);
    expect(sealedBox.open(PLACE, sealedBox.seal(PLACE, Buffer.alloc(0)))).toHaveLength(0);
  });

  test('differs each time', () => {
    const sealedBox = new SealedBox(SECRET);
    const boxes = Array.from({ length: 1000 }, () => sealedBox.seal(PLACE, PLAINTEXT).toString('hex'));
    expect(new Set(boxes).size).toBe(1000);
  });

  test('K2: swapped to another row, organization or purpose does not open', () => {
    const sealedBox = new SealedBox(SECRET);
    const box = sealedBox.seal(PLACE, PLAINTEXT);
    const elsewhere: SealedPlace[] = [
      { ...PLACE, rowId: 'row2' },
      { ...PLACE, orgId: 'org2' },
      { ...PLACE, purpose: 'signing-key' },
      { ...PLACE, purpose: 'secret-check' },
      // The same letters, divided otherwise.
      { ...PLACE, orgId: 'orgr', rowId: 'ow' },
      { ...PLACE, orgId: '', rowId: 'orgrow' },
    ];
    for (const place of elsewhere) {
      expect(faultOf(() => sealedBox.open(place, box))).toBe('damaged');
    }
  });

  test('does not open when any byte was changed or the end cut off', () => {
    const sealedBox = new SealedBox(SECRET);
    const box = sealedBox.seal(PLACE, PLAINTEXT);
    for (let index = 0; index < box.length; index += 1) {
      const changed = Buffer.from(box);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      const expected = index === 0 ? 'unknown_version' : index < 5 ? 'other_secret' : 'damaged';
      expect(faultOf(() => sealedBox.open(PLACE, changed))).toBe(expected);
      expect(faultOf(() => sealedBox.open(PLACE, box.subarray(0, index)))).toBe('damaged');
    }
  });

  test('A3: says that the secret is another one, and a store made under another secret is recognised', () => {
    const identity = { storeId: 'store', secretCheck: new SealedBox(SECRET).sealSecretCheck('store') };
    expect(faultOf(() => new SealedBox(SECRET).checkSecret(identity))).toBe('opened');
    expect(faultOf(() => new SealedBox(randomBytes(32)).checkSecret(identity))).toBe('other_secret');
    expect(faultOf(() => new SealedBox(SECRET).checkSecret({ ...identity, storeId: 'other' }))).toBe('damaged');
  });

  test('A3: a secret under 32 bytes is refused', () => {
    expect(() => new SealedBox(randomBytes(31))).toThrow(RangeError);
  });
});
