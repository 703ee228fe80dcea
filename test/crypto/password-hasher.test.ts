import { createHmac, randomBytes, randomInt } from 'node:crypto';
import native from 'bcrypt';
import bcryptjs from 'bcryptjs';
import { afterAll, describe, expect, test } from 'vitest';
import { type Hashing, HashPool } from '../../src/crypto/hash-pool.ts';
import type { HashJob } from '../../src/crypto/hash-threads.ts';
import { PooledPasswordHasher } from '../../src/crypto/password-hasher.ts';
import type { HashSlot } from '../../src/domain/ports.ts';

const WANTED = { isAbandoned: () => false };
const CALLER = { orgId: 'acme', callerClass: 'private_key' } as const;
const bcryptOf = (cost: number) => ({ algorithm: 'bcrypt', cost }) as const;
const pool = new HashPool({ parameters: bcryptOf(4) });
const portablePool = new HashPool({ parameters: bcryptOf(4), native: false });
const higherPool = new HashPool({ parameters: bcryptOf(5) });

async function withSlot<T>(on: HashPool, work: (slot: HashSlot) => Promise<T>): Promise<T> {
  const slot = await new PooledPasswordHasher(on).acquire(CALLER, WANTED);
  return work(slot).finally(() => slot.release());
}

function hash(password: string, on = pool): Promise<string> {
  return withSlot(on, (slot) => slot.hash(password));
}

async function matches(password: string, passwordHash: string, on = pool): Promise<boolean> {
  return (await withSlot(on, (slot) => slot.verify(password, passwordHash))).matches;
}

afterAll(async () => {
  await Promise.all([pool, portablePool, higherPool].map((each) => each.close()));
});

describe('a password hash', () => {
  test('says how it was made: $2b$ up to 72 bytes, a form of its own beyond', async () => {
    expect(await hash('a'.repeat(72))).toMatch(/^\$2b\$04\$[./A-Za-z0-9]{53}$/);
    expect(await hash('a'.repeat(73))).toMatch(/^\$authflow-hs256-2b\$[A-Za-z0-9_-]{22}\$2b\$04\$[./A-Za-z0-9]{53}$/);
    // Bytes decide, not characters: 25 of them have 75 bytes.
    expect(await hash('中'.repeat(25))).toMatch(/^\$authflow-/);
  });

  test('P1: 1,000 random pairs that differ beyond 72 bytes alone are told apart', async () => {
    for (let round = 0; round < 1000; round += 1) {
      const start = randomBytes(36).toString('hex');
      const [one, other] = [`${start}a`, `${start}b`].map((text) => text + randomBytes(randomInt(28)).toString('hex'));
      const stored = await hash(one ?? '');
      expect(await matches(one ?? '', stored)).toBe(true);
      expect(await matches(other ?? '', stored)).toBe(false);
      expect(await matches(start, stored)).toBe(false);
    }
  });

  test('P1: 32 emoji count to the last', async () => {
    const emoji = '😀'.repeat(31);
    const stored = await hash(`${emoji}😀`);
    expect(await matches(`${emoji}😀`, stored)).toBe(true);
    expect(await matches(`${emoji}😁`, stored)).toBe(false);
    expect(await matches('😀'.repeat(18), stored)).toBe(false);
  });

  test('P1: NUL inside never matches, although bcrypt alone would take it', async () => {
    const stored = await hash('Kk1!Kk1!');
    expect(bcryptjs.compareSync('Kk1!Kk1!\0Kk1!Kk1!', stored)).toBe(true);
    for (const trick of ['Kk1!Kk1!\0Kk1!Kk1!', 'Kk1!Kk1!\0', '\0Kk1!Kk1!', 'Kk1!Kk1!\n']) {
      expect(await matches(trick, stored)).toBe(false);
    }
    await expect(hash('Kk1!\0Kk1!')).rejects.toBeInstanceOf(RangeError);
  });

  test('P1: the digest of a long password is no password', async () => {
    const password = 'Ää1!'.repeat(20);
    const stored = await hash(password);
    const salt = Buffer.from(stored.split('$')[2] ?? '', 'base64url');
    const label = Buffer.from('authflow password digest v1\0');
    const digest = createHmac('sha256', Buffer.concat([label, salt]))
      .update(password)
      .digest('base64');
    const inner = stored.slice(stored.indexOf('$2b$'));
    // It is what bcrypt saw; and yet it opens neither the form it came from nor that form cut down to plain bcrypt.
    expect(bcryptjs.compareSync(digest, inner)).toBe(true);
    expect(await matches(digest, stored)).toBe(false);
    expect(await matches(password, inner)).toBe(false);
  });

  test('every refusal costs one hash, as a right password does', async () => {
    const [short, long] = [await hash('short'), await hash('l'.repeat(80))];
    const tries = [
      ['short', short],
      ['wrong', short],
      ['l'.repeat(80), short],
      ['short', long],
      ['nul\0', short],
    ] as const;
    for (const [password, stored] of tries) {
      const before = pool.counters().hashes;
      await matches(password, stored);
      expect(pool.counters().hashes).toBe(before + 1);
    }
  });

  test('P2: passwords come normalized: other spellings are other passwords here', async () => {
    const stored = await hash('é'.normalize('NFC').repeat(8));
    expect(await matches('é'.normalize('NFC').repeat(8), stored)).toBe(true);
    expect(await matches('é'.normalize('NFD').repeat(8), stored)).toBe(false);
  });

  test('P4: 1,000 equal passwords give 1,000 strings', async () => {
    const hashes = [];
    for (let round = 0; round < 1000; round += 1) {
      hashes.push(await hash(round % 2 ? 'Equal-1!' : 'Equal-1!'.repeat(10)));
    }
    expect(new Set(hashes).size).toBe(1000);
    expect(new Set(hashes.map((stored) => stored.slice(-60, -31))).size).toBe(1000);
  });

  test('P4: made under another cost it still verifies, and is outdated where the cost was lower, never where it was higher', async () => {
    const stored = await hash('Equal-1!');
    const verdict = (on: HashPool, passwordHash = stored) =>
      withSlot(on, (slot) => slot.verify('Equal-1!', passwordHash));
    expect(await verdict(pool)).toEqual({ matches: true, outdated: false });
    expect(await verdict(higherPool)).toEqual({ matches: true, outdated: true });
    expect(await verdict(pool, await hash('Equal-1!', higherPool))).toEqual({ matches: true, outdated: false });
    const upgraded = await hash('Equal-1!', higherPool);
    expect(upgraded).toMatch(/^\$2b\$05\$/);
    expect(await matches('Equal-1!', upgraded)).toBe(true);
  });

  test('A2: of nobody costs what one of this setting costs, and fits no password', async () => {
    const jobs: HashJob[] = [];
    const watched: Hashing = {
      parameters: higherPool.parameters,
      requirePlace: () => undefined,
      waitFor: () => null,
      close: async () => {},
      acquire: async (...args) => {
        const turn = await higherPool.acquire(...args);
        return {
          run: (job) => {
            jobs.push(job);
            return turn.run(job);
          },
          release: () => turn.release(),
        };
      },
    };
    const slot = await new PooledPasswordHasher(watched).acquire(CALLER, WANTED);
    expect(await slot.verifyNobody('Equal-1!')).toEqual({ matches: false, outdated: false });
    expect(await slot.verifyNobody('Equal-1!'.repeat(10))).toMatchObject({ matches: false });
    slot.release();
    const digest = expect.stringMatching(/^[./A-Za-z0-9]{31}$/);
    const ofNobody = { kind: 'verify', computation: { algorithm: 'bcrypt', cost: 5, digest } };
    expect(jobs).toMatchObject([ofNobody, ofNobody]);
    expect(new Set(jobs.map((job) => JSON.stringify(job))).size).toBe(2);
  });

  test('A2: of nobody costs what one by argon2id does, where the setting says so', async () => {
    const argon2id = { algorithm: 'argon2id', memoryKiB: 64, passes: 1, parallelism: 1 } as const;
    const jobs: HashJob[] = [];
    const on: Hashing = {
      parameters: argon2id,
      requirePlace: () => undefined,
      waitFor: () => null,
      close: async () => {},
      acquire: async () => ({ run: async (job) => jobs.push(job) < 0, release: () => undefined }),
    };
    const slot = await new PooledPasswordHasher(on).acquire(CALLER, WANTED);
    expect(await slot.verifyNobody('Equal-1!')).toEqual({ matches: false, outdated: false });
    expect(jobs).toMatchObject([{ kind: 'verify', computation: argon2id }]);
  });

  test('by argon2id the whole password counts, in one form, and a NUL is none of it', async () => {
    const on = new HashPool({ parameters: { algorithm: 'argon2id', memoryKiB: 64, passes: 1, parallelism: 1 } });
    const long = 'Ää1!'.repeat(20);
    const stored = await hash(long, on);
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    expect(await matches(long, stored, on)).toBe(true);
    expect(await matches(`${long}a`, stored, on)).toBe(false);
    expect(await matches(`${long}\0`, stored, on)).toBe(false);
    await on.close();
  });

  test('of an unknown form is a fault, not a wrong password, and is never compared', async () => {
    const hashes = pool.counters().hashes;
    const stored = await hash('Equal-1!');
    const unknown = [
      '',
      'x',
      stored.replace('$2b$', '$2x$'),
      stored.replace('$04$', '$31$'),
      '$argon2id$v=19$',
      `${stored}a`,
    ];
    for (const form of unknown) {
      await expect(matches('Equal-1!', form)).rejects.toThrow('does not know');
    }
    expect(pool.counters().hashes).toBe(hashes + 1);
  });

  test('a caller that gave up is not hashed for', async () => {
    const hashes = pool.counters().hashes;
    let gaveUp = false;
    const call = { isAbandoned: () => gaveUp };
    const slot = await new PooledPasswordHasher(pool).acquire(CALLER, call);
    gaveUp = true;
    await expect(slot.hash('Equal-1!')).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    slot.release();
    const late = new PooledPasswordHasher(pool).acquire(CALLER, call);
    await expect(late).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    expect(pool.counters()).toMatchObject({ hashes, slots: 0 });
  });
});

describe('the two implementations', () => {
  const passwords = [
    'Aa1!',
    'a'.repeat(71),
    'a'.repeat(72),
    `${'é'.repeat(35)}a`,
    'é'.repeat(36),
    '😀'.repeat(18),
    'ß中\u{1d4b3}!',
  ];

  test.each(passwords)('verify each other’s hashes: %s', async (password) => {
    for (const stored of [native.hashSync(password, 4), bcryptjs.hashSync(password, 4)]) {
      expect(await matches(password, stored)).toBe(true);
      expect(await matches(password, stored, portablePool)).toBe(true);
      expect(await matches(`${password.slice(0, -2)}x`, stored)).toBe(false);
      expect(await matches(`${password.slice(0, -2)}x`, stored, portablePool)).toBe(false);
    }
    for (const on of [pool, portablePool]) {
      const stored = await hash(password, on);
      expect(native.compareSync(password, stored)).toBe(true);
      expect(bcryptjs.compareSync(password, stored)).toBe(true);
    }
  });
});
