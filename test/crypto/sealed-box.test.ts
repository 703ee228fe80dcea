import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SealedBox, SealedBoxError, type SealedPlace, secretIdOf } from '../../src/crypto/sealed-box.ts';
import { readSecretState, writeSecretState } from '../../src/crypto/secret-state.ts';

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

describe('while a secret is replaced', () => {
  const NEXT = randomBytes(32);
  const KEY: SealedPlace = { purpose: 'signing-key', orgId: '', rowId: 'kid' };
  const before = new SealedBox(SECRET);
  const after = new SealedBox(NEXT);
  const STATE = { resealingFrom: null, compromised: [], former: [] };
  const store = (secretCheck: Uint8Array) => ({ storeId: 'store', secretCheck });

  test('both open, and the store says which one seals, whichever was given first', () => {
    const box = new SealedBox(NEXT, SECRET);
    for (const [check, secretId] of [
      [before.sealSecretCheck('store'), before.secretId],
      [after.sealSecretCheck('store', { ...STATE, resealingFrom: before.secretId }), after.secretId],
    ] as const) {
      box.follow(store(check));
      expect(box.secretId).toBe(secretId);
      expect(secretIdOf(box.seal(PLACE, PLAINTEXT))).toBe(secretId);
      for (const sealed of [before, after].map((each) => each.seal(PLACE, PLAINTEXT))) {
        expect(box.open(PLACE, sealed)).toEqual(PLAINTEXT);
      }
    }
    expect(box.signingSecrets).toEqual([NEXT, SECRET]);
  });

  test('a value is sealed anew once, and is then as good in its place as before', () => {
    const box = new SealedBox(NEXT, SECRET);
    const anew = box.reseal(PLACE, before.seal(PLACE, PLAINTEXT)) ?? Buffer.of();
    expect(after.open(PLACE, anew)).toEqual(PLAINTEXT);
    expect(box.reseal(PLACE, anew)).toBeNull();
    expect(faultOf(() => box.reseal({ ...PLACE, rowId: 'other' }, before.seal(PLACE, PLAINTEXT)))).toBe('damaged');
  });

  test('until all is sealed anew the new secret alone is refused, by a sentence that names the other', () => {
    const check = store(after.sealSecretCheck('store', { ...STATE, resealingFrom: before.secretId }));
    expect(() => new SealedBox(NEXT).follow(check)).toThrow(before.secretId);
    expect(faultOf(() => new SealedBox(NEXT).checkSecret(check))).toBe('half_rotated');
    expect(faultOf(() => new SealedBox(SECRET).checkSecret(check))).toBe('other_secret');
    expect(() => new SealedBox(SECRET).checkSecret(check)).toThrow(after.secretId);
  });

  test('of a compromised one nothing is believed, not even that it is in force again; API keys open until they are sealed anew', () => {
    const box = new SealedBox(NEXT, SECRET);
    box.follow(store(before.sealSecretCheck('store')));
    box.follow(
      store(
        after.sealSecretCheck('store', { ...STATE, resealingFrom: before.secretId, compromised: [before.secretId] }),
      ),
    );
    expect(box.signingSecrets).toEqual([NEXT]);
    expect(faultOf(() => box.open(KEY, before.seal(KEY, PLAINTEXT)))).toBe('compromised');
    expect(faultOf(() => box.reseal(KEY, before.seal(KEY, PLAINTEXT)))).toBe('compromised');
    expect(box.open(PLACE, before.seal(PLACE, PLAINTEXT))).toEqual(PLAINTEXT);
    expect(faultOf(() => box.follow(store(before.sealSecretCheck('store'))))).toBe('rotation_lost');
    expect(box.secretId).toBe(after.secretId);
  });

  test('the secret in force and the one before it are known, older ones are not', () => {
    const [third, box] = [randomBytes(32), new SealedBox(SECRET)];
    expect([box.know(NEXT), box.know(NEXT)]).toEqual([true, false]);
    box.follow(store(after.sealSecretCheck('store')));
    box.know(third);
    box.follow(store(new SealedBox(third).sealSecretCheck('store')));
    expect(box.signingSecrets).toEqual([third, NEXT]);
    expect(faultOf(() => box.open(PLACE, before.seal(PLACE, PLAINTEXT)))).toBe('other_secret');
  });

  test('what a store says of its secrets is read as it was written, and nothing else is', () => {
    const ids = ['00112233', 'aabbccdd'];
    for (const resealingFrom of [null, '01234567']) {
      for (const compromised of [[], ids.slice(1), ids]) {
        for (const former of [[], ids.slice(1), ids]) {
          const state = { resealingFrom, compromised, former };
          expect(readSecretState('store', writeSecretState('store', state))).toEqual(state);
        }
      }
    }
    for (const text of [
      '',
      'other',
      'storey',
      'store ',
      'store resealing:xyz',
      'store compromised:',
      'store former:x',
      'store\n',
    ]) {
      expect(readSecretState('store', text)).toBeNull();
    }
  });
});
