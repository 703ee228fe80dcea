import { afterAll, assert, describe, expect, test } from 'vitest';
import { HashPool } from '../../../src/crypto/hash-pool.ts';
import { readForeignHash } from '../../../src/crypto/hashes/foreign-hash.ts';
import { readStoredHash } from '../../../src/crypto/hashes/stored-hash.ts';
import { PooledPasswordHasher } from '../../../src/crypto/password-hasher.ts';
import vectors from '../../vectors/password-hashes.json' with { type: 'json' };

const WANTED = { isAbandoned: () => false };
const CALLER = { orgId: 'acme', callerClass: 'private_key' } as const;
const pool = new HashPool({ parameters: { algorithm: 'bcrypt', cost: 4 } });
const hasher = new PooledPasswordHasher(pool);

async function verify(password: string, stored: string) {
  const slot = await hasher.acquire(CALLER, WANTED);
  return slot.verify(password, stored).finally(() => slot.release());
}

function storedForm(given: string): string {
  const read = readForeignHash(given);
  assert('stored' in read, 'It is taken.');
  return read.stored;
}

const faultOf = (given: string) => {
  const read = readForeignHash(given);
  return 'fault' in read ? read.fault : null;
};

afterAll(() => pool.close());

describe.each(vectors)('$source', ({ password, hash }) => {
  test('is verified as it was made, and no other password is', async () => {
    const stored = storedForm(hash);
    expect(stored.length).toBeLessThanOrEqual(512);
    expect(await verify(password, stored)).toMatchObject({ matches: true });
    for (const other of [`${password}!`, password.slice(1), `${password.slice(0, -1)}~`, 'authflow']) {
      expect(await verify(other, stored)).toMatchObject({ matches: false });
    }
    // What is stored is read again as it is: an export is imported.
    expect(storedForm(stored)).toBe(stored);
  });

  test('P6: is refused with a digest that is cut to less than 16 bytes, before it is stored and before it is used', async () => {
    const hashes = pool.counters().hashes;
    const stored = storedForm(hash);
    const start = stored.lastIndexOf('$') + 1;
    const isBcrypt = stored.includes('$2');
    // Of 16 bytes base64 has 22 characters; of bcrypt salt and digest have 53, and none may be missing.
    for (let kept = 0; kept < (isBcrypt ? 53 : 22); kept += 1) {
      const cut = stored.slice(0, start + kept);
      expect(faultOf(cut)).not.toBeNull();
      await expect(verify(password, cut)).rejects.toThrow('does not know');
    }
    expect(pool.counters().hashes).toBe(hashes);
  });
});

describe('P6: each bound is taken, and one more is refused, before it is stored and before it is used', () => {
  const base64 = (bytes: number) => Buffer.alloc(bytes, 0xa5).toString('base64').replace(/=+$/, '');
  const [salt, digest] = [base64(16), base64(32)];
  const bcrypt = (cost: string) => `$2b$${cost}$${'a'.repeat(53)}`;
  const argon2 = (parameters: string, of = 'argon2id') => `$${of}$v=19$${parameters}$${salt}$${digest}`;
  const scrypt = (parameters: string, of = 'scrypt') => `$${of}$${parameters}$${salt}$${digest}`;
  const pbkdf2 = (iterations: number, of = 'sha256', digestBytes = 32) =>
    `$pbkdf2-${of}$i=${iterations}$${salt}$${base64(digestBytes)}`;
  const ofSizes = (saltBytes: number, digestBytes: number) => [
    `$argon2i$v=19$m=64,t=1,p=1$${base64(saltBytes)}$${base64(digestBytes)}`,
    `$scrypt$ln=4,r=1,p=1$${base64(saltBytes)}$${base64(digestBytes)}`,
    `$firebase-scrypt$ln=4,r=1,p=1$${base64(saltBytes)}$${base64(digestBytes)}`,
    `$pbkdf2-sha512$i=1$${base64(saltBytes)}$${base64(digestBytes)}`,
  ];

  test.each<[string, string[], string[]]>([
    ['bcrypt costs 4 to 15', [bcrypt('04'), bcrypt('15')], [bcrypt('03'), bcrypt('16'), bcrypt('31')]],
    [
      "Django's bcrypt too",
      [`bcrypt_sha256$${bcrypt('15')}`],
      [
        `bcrypt_sha256$${bcrypt('16')}`,
        `bcrypt$${bcrypt('16')}`,
        `$authflow-hs256-2b$${'a'.repeat(22)}${bcrypt('16')}`,
      ],
    ],
    [
      'argon2: 100 MiB',
      ['argon2id', 'argon2i', 'argon2d'].map((of) => argon2('m=102400,t=1,p=1', of)),
      ['argon2id', 'argon2i', 'argon2d'].map((of) => argon2('m=102401,t=1,p=1', of)),
    ],
    [
      'argon2: 640 MiB times passes',
      [argon2('m=65536,t=10,p=8'), argon2('m=102400,t=6,p=8'), argon2('m=81920,t=8,p=1')],
      [argon2('m=65537,t=10,p=8'), argon2('m=102400,t=7,p=8'), argon2('m=81921,t=8,p=1')],
    ],
    ['argon2: 10 passes', [argon2('m=64,t=10,p=1')], [argon2('m=64,t=11,p=1'), argon2('m=64,t=0,p=1')]],
    [
      'argon2: 8 lanes, of 8 KiB at least',
      [argon2('m=64,t=1,p=8')],
      [argon2('m=72,t=1,p=9'), argon2('m=63,t=1,p=8'), argon2('m=64,t=1,p=0')],
    ],
    ['argon2 of version 19 alone', [argon2('m=64,t=1,p=1')], [argon2('m=64,t=1,p=1').replace('v=19', 'v=16')]],
    [
      'scrypt: 80 MiB, be it by N, r or p',
      [scrypt('ln=16,r=10,p=1'), scrypt('ln=14,r=8,p=5'), scrypt('ln=15,r=10,p=2'), scrypt('ln=14,r=20,p=2')],
      [
        scrypt('ln=17,r=8,p=1'),
        scrypt('ln=16,r=11,p=1'),
        scrypt('ln=14,r=8,p=6'),
        scrypt('ln=16,r=8,p=2'),
        scrypt('ln=1,r=33,p=1'),
        scrypt('ln=1,r=1,p=17'),
        scrypt('ln=0,r=8,p=1'),
        scrypt('ln=999,r=1,p=1'),
      ],
    ],
    [
      "Firebase's scrypt too",
      [scrypt('ln=16,r=10,p=1', 'firebase-scrypt')],
      [scrypt('ln=17,r=8,p=1', 'firebase-scrypt'), scrypt('ln=16,r=11,p=1', 'firebase-scrypt')],
    ],
    [
      'PBKDF2: 3,000,000 iterations, fewer with SHA-1 and SHA-512',
      [pbkdf2(2_000_000, 'sha1'), pbkdf2(3_000_000, 'sha256'), pbkdf2(1_500_000, 'sha512')],
      [
        ...[pbkdf2(2_000_001, 'sha1'), pbkdf2(3_000_001, 'sha256'), pbkdf2(1_500_001, 'sha512')],
        ...[pbkdf2(0), pbkdf2(1, 'md5'), pbkdf2(1, 'toString')],
      ],
    ],
    [
      'PBKDF2: and as many over all blocks of a digest, each of which takes all of them',
      [pbkdf2(1_500_000, 'sha1', 80), pbkdf2(1_500_000, 'sha256', 64), pbkdf2(750_000, 'sha512', 128)],
      [pbkdf2(1_500_001, 'sha1', 80), pbkdf2(1_500_001, 'sha256', 64), pbkdf2(750_001, 'sha512', 128)],
    ],
    ['salts of 8 to 64 bytes', [...ofSizes(8, 32), ...ofSizes(64, 32)], [...ofSizes(7, 32), ...ofSizes(65, 32)]],
    ['digests of 16 bytes and more', ofSizes(16, 16), [...ofSizes(16, 15), ...ofSizes(16, 0)]],
    [
      'strings of 512 characters',
      [`$pbkdf2-sha512$i=1$${base64(12)}$`.padEnd(512, 'A')],
      [`$pbkdf2-sha512$i=1$${base64(12)}$`.padEnd(514, 'A'), ...ofSizes(16, 400)],
    ],
    [
      'base64 of one spelling',
      [],
      [pbkdf2(1).replace(/.$/, 'B'), pbkdf2(1).replace(digest, '*'.repeat(43)), argon2('m=64,t=1,p=1').slice(0, -1)],
    ],
  ])('%s', async (_, taken, refused) => {
    for (const form of taken) {
      expect(readForeignHash(form)).toEqual({ stored: form });
      expect(readStoredHash(form)).not.toBeNull();
    }
    for (const form of refused) {
      expect(faultOf(form)).not.toBeNull();
      await expect(verify('Analytical-1843', form)).rejects.toThrow('does not know');
    }
  });

  test('other spellings too', () => {
    const django =
      'scrypt$16384$seasalt2seasalt2$8$5$B8zjbi4FkdhC5lm/KmWP7s6GiG92vmjzs33utxyqaaemIci8EMrGpmL14NGPuIJ793DWNqS3BKv+FdeYGhF4ig==';
    expect(faultOf(django)).toBeNull();
    expect(faultOf(django.replace('$8$5$', '$8$6$'))).toContain('out of bounds');
    expect(
      faultOf(
        'argon2$argon2id$v=19$m=102401,t=2,p=8$c2Vhc2FsdDJzZWFzYWx0Mg$lwMsu5PjzK0nozP0D3OQ9SpAfXvXqoh3aP9ZfUhnLVo',
      ),
    ).toContain('out of bounds');
    expect(faultOf('pbkdf2_sha256$3000001$seasalt2$hlDLKsxgkgb1aeOppkM5atCYw5rPzAjCNQZ4NYyUROw=')).toContain(
      'out of bounds',
    );
    expect(faultOf('$pbkdf2$2000001$c2Vhc2FsdDJzZWFzYWx0Mg$pLc0o0mp3A9vpOySzOh0N0EvK2o')).toContain('out of bounds');
    const firebase = '$fbscrypt$v=1,n=14,r=8,p=1,ss=,sk=$$';
    expect(faultOf(firebase)).not.toBeNull();
  });
});

describe('what is none of these', () => {
  test.each([
    '',
    'x',
    'Analytical-1843',
    '5f4dcc3b5aa765d61d8327deb882cf99',
    '$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/',
    '$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e',
    'md5$seasalt2$3f86d0d3d465b7b458c231bf3555c0e3',
    '!unusable',
    '{',
    '{}',
    '{"credentialData":"{}","secretData":"{}"}',
    '{"credentialData":{"algorithm":"argon2","hashIterations":5},"secretData":{"value":"AAAA","salt":"AAAA"}}',
    '{"credentialData":{"algorithm":"pbkdf2-sha256","hashIterations":"1$"},"secretData":{"value":"AAAA","salt":"AAAA"}}',
    '[]',
    'a'.repeat(100_000),
  ])('%.40s is refused, by a reason that quotes nothing of it', (given) => {
    expect(faultOf(given)).toMatch(/^(has a form that is not known|is too long|is cut off or out of bounds.*)$/);
  });
});

describe('a stored hash that is not of the setting', () => {
  test('is renewed when it is weaker, or of an algorithm that is none of both, and never goes back', async () => {
    const argon2id = { algorithm: 'argon2id', memoryKiB: 64, passes: 2, parallelism: 1 } as const;
    const stronger = new HashPool({ parameters: argon2id });
    const strongest = new HashPool({ parameters: { ...argon2id, passes: 3 } });
    const made = async (on: HashPool) => {
      const slot = await new PooledPasswordHasher(on).acquire(CALLER, WANTED);
      return slot.hash('Analytical-1843').finally(() => slot.release());
    };
    const outdated = async (on: HashPool, stored: string) => {
      const slot = await new PooledPasswordHasher(on).acquire(CALLER, WANTED);
      const verdict = await slot.verify('Analytical-1843', stored).finally(() => slot.release());
      expect(verdict.matches).toBe(true);
      return verdict.outdated;
    };
    const [byBcrypt, byArgon2id, byMore] = [await made(pool), await made(stronger), await made(strongest)];
    expect(byArgon2id).toMatch(/^\$argon2id\$v=19\$m=64,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await outdated(pool, byBcrypt)).toBe(false);
    expect(await outdated(stronger, byBcrypt)).toBe(true);
    expect(await outdated(stronger, byArgon2id)).toBe(false);
    expect(await outdated(strongest, byArgon2id)).toBe(true);
    expect(await outdated(stronger, byMore)).toBe(false);
    expect(await outdated(pool, byArgon2id)).toBe(false);
    await Promise.all([stronger.close(), strongest.close()]);
  });

  test.each(vectors)('of $source: by its form', async ({ password, hash }) => {
    const stored = storedForm(hash);
    const isKept = /^\$(2|argon2)/.test(stored);
    expect((await verify(password, stored)).outdated).toBe(!isKept);
  });
});
