import { createHash, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { jwksDocument } from '../../src/crypto/jwks.ts';
import { Keyring } from '../../src/crypto/keyring.ts';
import { SealedBox, SealedBoxError } from '../../src/crypto/sealed-box.ts';
import { createSigningKey } from '../../src/crypto/signing-key.ts';
import { signingKeyStates } from '../../src/crypto/signing-key-states.ts';
import { FakeClock, SigningKeyRows } from './signing-key-rows.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = 1_760_000_000_000;
const box = new SealedBox(randomBytes(32));

let clock: FakeClock;
let storage: SigningKeyRows;
let keyring: Keyring;
let first: string;

function published(): string[] {
  return jwksDocument(keyring, clock.now()).keys.map((key) => key.kid);
}

/** Another process over the same store. */
async function anotherKeyring(): Promise<Keyring> {
  const other = new Keyring({ storage, box, clock });
  await other.refresh();
  return other;
}

beforeEach(async () => {
  clock = new FakeClock(START);
  storage = new SigningKeyRows();
  const record = createSigningKey(box, { createdAt: START, activatesAt: START });
  first = record.kid;
  storage.rows = [record];
  keyring = new Keyring({ storage, box, clock });
  await keyring.refresh();
});

describe('a signing key', () => {
  test('is named by its RFC 7638 thumbprint and published without its private part', () => {
    const [jwk] = jwksDocument(keyring, START).keys;
    const { crv, kty, x, y } = jwk ?? {};
    const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
    expect(jwk).toEqual({ kty: 'EC', crv: 'P-256', x, y, kid: thumbprint, use: 'sig', alg: 'ES256' });
    expect(JSON.parse(storage.rows[0]?.publicJwk ?? '')).toEqual(jwk);
  });

  test('signs from the start when it is the first, even if this clock is behind', () => {
    expect(keyring.currentKeyId(START)).toBe(first);
    expect(keyring.currentKeyId(START - 5_000)).toBe(first);
  });

  test('is unsealed once: a key that is loaded keeps its KeyObject', async () => {
    const before = keyring.privateKey(first);
    await keyring.rotate({ compromised: false });
    expect(keyring.privateKey(first)).toBe(before);
  });

  test('missing altogether: UNAVAILABLE', async () => {
    storage.rows = [];
    await keyring.refresh();
    expect(() => keyring.currentKeyId(START)).toThrow(expect.objectContaining({ reason: 'UNAVAILABLE' }));
  });
});

describe('K2: rotation', () => {
  test('publishes the new key for ten minutes before it signs, and the old one until its last token ends', async () => {
    const second = await keyring.rotate({ compromised: false });
    expect(published()).toEqual([first, second]);
    clock.advance(10 * MINUTE - 1);
    expect(keyring.currentKeyId(clock.now())).toBe(first);
    storage.signedUntil(first, clock.now() + DAY);
    clock.advance(1);
    expect(keyring.currentKeyId(clock.now())).toBe(second);
    await keyring.refresh();
    clock.advance(DAY - 2);
    expect(published()).toEqual([first, second]);
    clock.advance(1);
    expect(published()).toEqual([second]);
  });

  test('twice in a row: each key signs after the one before it', async () => {
    const second = await keyring.rotate({ compromised: false });
    const third = await keyring.rotate({ compromised: false });
    const order = storage.rows.map((row) => row.activatesAt);
    expect(order).toEqual([START, START + 10 * MINUTE, START + 10 * MINUTE + 1]);
    expect(keyring.currentKeyId(START + 10 * MINUTE - 1)).toBe(first);
    expect(keyring.currentKeyId(START + 10 * MINUTE)).toBe(second);
    expect(keyring.currentKeyId(START + 10 * MINUTE + 1)).toBe(third);
  });

  test('by time: once the newest key is old enough, one of the processes adds one, which is published before it signs', async () => {
    const other = await anotherKeyring();
    clock.advance(30 * DAY - 1);
    expect(await keyring.rotateWhenDue(30 * DAY)).toBeNull();
    clock.advance(1);
    const made = await Promise.all([keyring.rotateWhenDue(30 * DAY), other.rotateWhenDue(30 * DAY)]);
    const [second = ''] = made.flatMap((kid) => kid ?? []);
    expect(made.filter((kid) => kid !== null)).toHaveLength(1);
    expect(published()).toContain(second);
    expect([keyring, other].map((each) => each.currentKeyId(clock.now()))).toEqual([first, first]);
    clock.advance(10 * MINUTE);
    await other.refresh();
    expect([keyring, other].map((each) => each.currentKeyId(clock.now()))).toEqual([second, second]);
  });

  test('by time: a clock that jumps ahead and back adds a key of its own each interval, and never one for every jump', async () => {
    const ahead = new FakeClock(START + 3_650 * DAY);
    const wrong = new Keyring({ storage, box, clock: ahead });
    for (let day = 0; day < 100; day += 1) {
      await wrong.rotateWhenDue(30 * DAY);
      await keyring.rotateWhenDue(30 * DAY);
      clock.advance(DAY);
      ahead.advance(DAY);
    }
    // At days 30, 60 and 90 by the right clock; at days 0, 30, 60 and 90 by the other.
    expect(storage.rows).toHaveLength(1 + 3 + 4);
  });

  test('at one instant in two processes: the key that the store has last signs', async () => {
    const records = [0, 1].map(() => createSigningKey(box, { createdAt: START, activatesAt: START + 1 }));
    storage.rows = [...storage.rows, ...records];
    const other = await anotherKeyring();
    expect(other.currentKeyId(START)).toBe(first);
    expect(other.currentKeyId(START + 1)).toBe(records[1]?.kid);
  });

  test('a key that another process added is found at once', async () => {
    const other = await anotherKeyring();
    const second = await other.rotate({ compromised: false });
    expect((await keyring.findVerifying(second))?.kid).toBe(second);
  });

  test('a superseded key that just signed stays published although its last exp is not known yet', async () => {
    await keyring.rotate({ compromised: false });
    clock.advance(10 * MINUTE + 59_999);
    expect(published()).toContain(first);
    clock.advance(1);
    expect(published()).not.toContain(first);
  });
});

describe('a key that was made while the clock was ahead', () => {
  const YEAR = 365 * DAY;
  const states = () =>
    Object.fromEntries(
      signingKeyStates(storage.rows, { damagedKeyIds: keyring.damagedKeyIds, now: clock.now() }).map((key) => [
        key.kid,
        key.state,
      ]),
    );

  test('with the store: it signs, is published and called current', async () => {
    clock.advance(-YEAR);
    expect(keyring.currentKeyId(clock.now())).toBe(first);
    expect(published()).toEqual([first]);
    expect(states()).toEqual({ [first]: 'current' });
    expect(await keyring.covers(first, clock.now() + DAY, clock.now())).toBe(true);
  });

  test('with the store: a planned rotation takes its place after ten minutes, for good', async () => {
    clock.advance(-YEAR);
    const second = await keyring.rotate({ compromised: false });
    expect(storage.rows.at(-1)?.activatesAt).toBe(clock.now() + 10 * MINUTE);
    expect(published()).toEqual([first, second]);
    expect(states()).toEqual({ [first]: 'current', [second]: 'next' });
    clock.advance(10 * MINUTE - 1);
    expect(keyring.currentKeyId(clock.now())).toBe(first);
    const expiresAt = clock.now() + DAY;
    storage.signedUntil(first, expiresAt);
    clock.advance(1);
    await keyring.refresh();
    expect(keyring.currentKeyId(clock.now())).toBe(second);
    expect(states()).toEqual({ [first]: 'verifying', [second]: 'current' });
    expect(published()).toEqual([first, second]);
    expect(keyring.coversAsLoaded(first, expiresAt, clock.now())).toBe(true);
    expect(keyring.coversAsLoaded(first, expiresAt + 1, clock.now())).toBe(false);
    clock.advance(2 * DAY);
    expect(states()).toEqual({ [first]: 'retired', [second]: 'current' });
    expect(published()).toEqual([second]);
    // What its date was comes: it has handed over long since.
    clock.advance(YEAR);
    expect(keyring.currentKeyId(clock.now())).toBe(second);
    expect(states()).toEqual({ [first]: 'retired', [second]: 'current' });
    expect(published()).toEqual([second]);
  });

  test('with the store, and rotated once with the wrong date: the next rotation is in time', async () => {
    clock.advance(-YEAR);
    const late = createSigningKey(box, { createdAt: clock.now(), activatesAt: START + 1 });
    storage.rows = [...storage.rows, late];
    await keyring.refresh();
    expect(states()).toEqual({ [first]: 'current', [late.kid]: 'next' });
    const third = await keyring.rotate({ compromised: false });
    expect(keyring.currentKeyId(clock.now())).toBe(first);
    clock.advance(10 * MINUTE);
    expect(keyring.currentKeyId(clock.now())).toBe(third);
    expect(states()).toEqual({ [first]: 'retired', [late.kid]: 'retired', [third]: 'current' });
    clock.advance(YEAR);
    expect(keyring.currentKeyId(clock.now())).toBe(third);
  });

  test('by a rotation: the one before it signs on, and the next rotation is in time', async () => {
    const ahead = new Keyring({ storage, box, clock: new FakeClock(START + YEAR) });
    await ahead.load();
    const second = await ahead.rotate({ compromised: false });
    await keyring.refresh();
    expect(states()).toEqual({ [first]: 'current', [second]: 'next' });
    const third = await keyring.rotate({ compromised: false });
    clock.advance(10 * MINUTE);
    expect(keyring.currentKeyId(clock.now())).toBe(third);
    clock.advance(YEAR);
    expect(keyring.currentKeyId(clock.now())).toBe(third);
    expect(published()).toEqual([third]);
  });

  test('after a compromise: it signs at once, and called so', async () => {
    const ahead = new Keyring({ storage, box, clock: new FakeClock(START + YEAR) });
    const fresh = await ahead.rotate({ compromised: true });
    await keyring.refresh();
    expect(keyring.currentKeyId(START)).toBe(fresh);
    expect(states()).toEqual({ [first]: 'retired', [fresh]: 'current' });
    expect(published()).toEqual([fresh]);
  });
});

describe('K2: what a superseded key covers', () => {
  const expiresAt = START + DAY;

  beforeEach(async () => {
    await keyring.rotate({ compromised: false });
    storage.signedUntil(first, expiresAt);
    clock.advance(10 * MINUTE);
  });

  test('the store is read before a token is refused: another process may have signed meanwhile', async () => {
    expect(keyring.coversAsLoaded(first, expiresAt, clock.now())).toBe(false);
    expect(await keyring.covers(first, expiresAt, clock.now())).toBe(true);
    expect(keyring.coversAsLoaded(first, expiresAt, clock.now())).toBe(true);
  });

  test('a read that was under way does not count: it may have missed the write', async () => {
    storage.rows = storage.rows.map((row) => ({ ...row, verifiesUntil: 0 }));
    let open: () => void = () => {};
    storage.gate = new Promise((resolve) => {
      open = resolve;
    });
    const early = keyring.refresh();
    storage.signedUntil(first, expiresAt);
    const verdict = keyring.covers(first, expiresAt, clock.now());
    open();
    expect(await verdict).toBe(true);
    await early;
  });

  test('a token that claims to outlive what it signed is refused, an expired one is still recognised', async () => {
    expect(await keyring.covers(first, expiresAt + 1, clock.now())).toBe(false);
    clock.advance(2 * DAY);
    expect(await keyring.covers(first, expiresAt, clock.now())).toBe(true);
    expect(await keyring.covers(first, clock.now() + DAY, clock.now())).toBe(false);
  });

  test('while it signs, any expiry is covered without a read', async () => {
    const reads = storage.reads;
    const current = keyring.currentKeyId(clock.now());
    expect(await keyring.covers(current, clock.now() + 400 * DAY, clock.now())).toBe(true);
    expect(storage.reads).toBe(reads);
  });
});

describe('K2: a compromised rotation', () => {
  test('retires every other key at once, the next one too, and signs at once', async () => {
    const next = await keyring.rotate({ compromised: false });
    storage.signedUntil(first, START + DAY);
    const fresh = await keyring.rotate({ compromised: true });
    expect(keyring.currentKeyId(START)).toBe(fresh);
    expect(published()).toEqual([fresh]);
    for (const retired of [first, next]) {
      expect(await keyring.findVerifying(retired)).toBeNull();
      expect(await keyring.covers(retired, START + 1, START)).toBe(false);
      expect(() => keyring.privateKey(retired)).toThrow(expect.objectContaining({ reason: 'UNAVAILABLE' }));
    }
  });

  test('is seen by another process at its next refresh, which says that something changed', async () => {
    const other = await anotherKeyring();
    const version = other.version;
    await keyring.rotate({ compromised: true });
    expect(other.coversAsLoaded(first, START + DAY, START)).toBe(true);
    await other.refresh();
    expect(other.coversAsLoaded(first, START + DAY, START)).toBe(false);
    expect(other.version).toBeGreaterThan(version);
  });

  test('by a process whose clock is ahead: the others sign with the new key nevertheless', async () => {
    const ahead = new Keyring({ storage, box, clock: new FakeClock(START + 3_000) });
    const fresh = await ahead.rotate({ compromised: true });
    await keyring.refresh();
    expect(keyring.currentKeyId(START)).toBe(fresh);
    expect(keyring.coversAsLoaded(fresh, START + DAY, START)).toBe(true);
  });
});

describe('reading the store', () => {
  test('T4: unknown kids read it at most once a second, together', async () => {
    const reads = storage.reads;
    const kids = Array.from({ length: 100 }, (_, index) => `kid ${index}`);
    expect(await Promise.all(kids.map((kid) => keyring.findVerifying(kid)))).toEqual(kids.map(() => null));
    expect(storage.reads).toBe(reads + 1);
    clock.advance(999);
    await keyring.findVerifying('unknown');
    expect(storage.reads).toBe(reads + 1);
    clock.advance(1);
    await keyring.findVerifying('unknown');
    expect(storage.reads).toBe(reads + 2);
  });

  test('nothing changed: the version stays, also when a key signed for longer', async () => {
    const version = keyring.version;
    storage.signedUntil(first, START + DAY);
    await keyring.refresh();
    expect(keyring.version).toBe(version);
  });

  test('fails: the loaded keys stay in force, and an unknown kid gets the failure', async () => {
    storage.failure = new Error('gone');
    await expect(keyring.refresh()).rejects.toThrow('gone');
    await expect(keyring.findVerifying('unknown')).rejects.toThrow('gone');
    expect((await keyring.findVerifying(first))?.kid).toBe(first);
    storage.failure = null;
    await keyring.refresh();
  });

  test('K2: sealed keys swapped between rows neither sign nor verify, and are reported once', async () => {
    const [one, other] = [0, 1].map(() => createSigningKey(box, { createdAt: START, activatesAt: START + 1 }));
    if (one === undefined || other === undefined) {
      throw new Error('two keys');
    }
    storage.rows = [
      ...storage.rows,
      { ...one, sealedPrivateKey: other.sealedPrivateKey },
      { ...other, sealedPrivateKey: one.sealedPrivateKey },
    ];
    await expect(keyring.refresh()).rejects.toBeInstanceOf(SealedBoxError);
    await expect(keyring.refresh()).rejects.toBeInstanceOf(SealedBoxError);
    await keyring.refresh();
    expect(keyring.currentKeyId(START + 1)).toBe(first);
    expect(await keyring.findVerifying(one.kid)).toBeNull();
    expect(published()).toEqual([first]);
  });

  test('a row that does not open stops nothing: the key before it signs on, and the row can be retired', async () => {
    const second = await keyring.rotate({ compromised: false });
    storage.change(second, (row) => ({ ...row, sealedPrivateKey: randomBytes(100) }));
    clock.advance(10 * MINUTE);
    const started = new Keyring({ storage, box, clock });
    await started.load();
    expect(started.damagedKeyIds).toEqual([second]);
    expect(started.currentKeyId(clock.now())).toBe(first);
    expect(started.coversAsLoaded(first, START + DAY, clock.now())).toBe(true);
    await started.ensureKey();
    expect(storage.rows).toHaveLength(2);
    await expect(started.refresh()).rejects.toBeInstanceOf(SealedBoxError);
    await started.refresh();

    const repairing = new Keyring({ storage, box, clock });
    await repairing.load();
    const fresh = await repairing.rotate({ compromised: true });
    expect(storage.rows.filter((row) => row.retiredAt === null).map((row) => row.kid)).toEqual([fresh]);
    await repairing.load();
    expect(repairing.damagedKeyIds).toEqual([]);
  });

  test('no row that opens: a key that signs at once is made where one is asked for', async () => {
    storage.change(first, (row) => ({ ...row, sealedPrivateKey: randomBytes(100) }));
    const started = new Keyring({ storage, box, clock });
    await started.load();
    expect(() => started.currentKeyId(START)).toThrow(expect.objectContaining({ reason: 'UNAVAILABLE' }));
    await started.ensureKey();
    expect(started.currentKeyId(START)).toBe(storage.rows[1]?.kid);
    expect(storage.rows.map((row) => row.retiredAt)).toEqual([null, null]);
    await started.ensureKey();
    expect(storage.rows).toHaveLength(2);
  });

  test('a key that was loaded before its secret was called compromised is trusted no longer than that', async () => {
    const [leaked, good] = [randomBytes(32), randomBytes(32)];
    const following = new SealedBox(good, leaked);
    const followed = new Keyring({ storage, box: following, clock });
    const planted = createSigningKey(new SealedBox(leaked), { createdAt: START, activatesAt: START });
    const kept = createSigningKey(following, { createdAt: START, activatesAt: START });
    storage.rows = [kept, planted];
    await followed.refresh();
    expect(followed.currentKeyId(START)).toBe(planted.kid);
    const state = { resealingFrom: null, compromised: [new SealedBox(leaked).secretId], former: [] };
    following.follow({ storeId: 'store', secretCheck: following.sealSecretCheck('store', state) });
    await expect(followed.refresh()).rejects.toMatchObject({ fault: 'compromised' });
    await followed.refresh();
    expect(await followed.findVerifying(planted.kid)).toBeNull();
    expect(followed.currentKeyId(START)).toBe(kept.kid);
    expect(followed.damagedKeyIds).toEqual([planted.kid]);
  });

  test('a public key written into a row is not trusted: the sealed one decides', async () => {
    const foreign = createSigningKey(new SealedBox(randomBytes(32)), { createdAt: START, activatesAt: START });
    const before = jwksDocument(keyring, START);
    storage.change(first, (row) => ({ ...row, publicJwk: foreign.publicJwk }));
    const other = await anotherKeyring();
    expect(jwksDocument(other, START)).toEqual(before);
    storage.rows = [...storage.rows, foreign];
    await expect(keyring.refresh()).rejects.toMatchObject({ fault: 'other_secret' });
    expect(await keyring.findVerifying(foreign.kid)).toBeNull();
  });
});
