import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { KeyedLoginCodes } from '../../src/crypto/login-codes.ts';
import { SealedBox } from '../../src/crypto/sealed-box.ts';
import { parseRecoveryCode } from '../../src/domain/second-factors/recovery-code.ts';
import { times } from '../support/times.ts';

const ADA = { orgId: randomUUID(), userId: randomUUID() };
const CHALLENGE = { orgId: ADA.orgId, challengeId: randomUUID() };
const SECRET = randomBytes(32);
const GUESSES = times(1_000_000, { beside: 50_000 });
const codes = new KeyedLoginCodes(new SealedBox(SECRET));

const hex = (digest: Uint8Array) => Buffer.from(digest).toString('hex');
const digestOf = (text: string) => hex(codes.recoveryDigest(ADA, parseRecoveryCode(text) ?? 'none'));

describe('recovery codes', () => {
  test('are ten, of 16 symbols of Crockford in groups of four, with their digests in the same order', () => {
    const made = codes.createRecoveryCodes(ADA);
    expect(made.codes).toHaveLength(10);
    for (const code of made.codes) {
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
    }
    expect(made.digests.map(hex)).toEqual(made.codes.map(digestOf));
  });

  test('are others each time, and hold every symbol about as often', () => {
    const made = Array.from({ length: 1_000 }, () => codes.createRecoveryCodes(ADA).codes).flat();
    expect(new Set(made).size).toBe(10_000);
    const counts = new Map<string, number>();
    for (const symbol of made.join('').replaceAll('-', '')) {
      counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    }
    expect(counts.size).toBe(32);
    // 5,000 of each are expected, with a deviation of 70: ten of these are never met.
    expect(Math.min(...counts.values())).toBeGreaterThan(4_300);
    expect(Math.max(...counts.values())).toBeLessThan(5_700);
  });

  test('are read in any spelling as one', () => {
    const spelled = 'ABCD-0123-1KMN-VWXZ';
    for (const same of [
      'abcd-0123-1kmn-vwxz',
      'ABCD01231KMNVWXZ',
      ' abcd 0123 1kmn vwxz ',
      'ABCD-O123-IKMN-VWXZ',
      'abcd-oi23-lkmn-vwxz',
      'a-b-c-d-0-1-2-3-1-k-m-n-v-w-x-z',
      'ABCD\t0123\n1KMN\u00a0VWXZ',
    ]) {
      expect(digestOf(same)).toBe(digestOf(spelled));
    }
    expect(parseRecoveryCode(spelled)).toBe('ABCD01231KMNVWXZ');
  });

  test.each([
    '',
    'ABCD-0123-1KMN-VWX',
    'ABCD-0123-1KMN-VWXZ0',
    // Crockford leaves it out, and reads it as no other.
    'ABCD-0123-1KMN-VWXU',
    'ABCD_0123_1KMN_VWXZ',
    'ABCD-0123-1KMN-VWX\0',
    'ABCD–0123–1KMN–VWXZ',
    'ÀBCD-0123-1KMN-VWXZ',
    '٠123-0123-1KMN-VWXZ',
    // Letters that are others in upper case.
    'ABCD-0123-1KMN-VWXſ',
    'ABCD-0123-1KMN-VWß',
    'ABCD-0123-ıKMN-VWXZ',
    'ﬀ'.repeat(8),
  ])('are not %j', (text) => {
    expect(parseRecoveryCode(text)).toBeNull();
  });

  test('have a digest of their user alone', () => {
    const code = 'ABCD01231KMNVWXZ';
    const others = [
      { ...ADA, userId: randomUUID() },
      { ...ADA, orgId: randomUUID() },
    ];
    const digests = [ADA, ...others].map((user) => hex(codes.recoveryDigest(user, code)));
    expect(new Set(digests).size).toBe(3);
  });
});

describe('the code of a mail', () => {
  test('is six digits, of which the first may be nought', () => {
    const made = Array.from({ length: 2_000 }, () => codes.createEmailCode(CHALLENGE).code);
    expect(made.filter((code) => !/^[0-9]{6}$/.test(code))).toEqual([]);
    expect(made.some((code) => code.startsWith('0'))).toBe(true);
    expect(new Set(made).size).toBeGreaterThan(1_900);
  });

  test('is matched by its digest for its challenge alone', () => {
    const { code, digest } = codes.createEmailCode(CHALLENGE);
    expect(codes.matchingDigest(CHALLENGE, code, digest)).toBe(digest);
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    expect(codes.matchingDigest(CHALLENGE, wrong, digest)).toBeNull();
    for (const other of [
      { ...CHALLENGE, challengeId: randomUUID() },
      { ...CHALLENGE, orgId: randomUUID() },
    ]) {
      expect(codes.matchingDigest(other, code, digest)).toBeNull();
    }
  });

  test('matches nothing where none was mailed, whatever it is', () => {
    for (const code of ['000000', '123456', '']) {
      expect(codes.matchingDigest(CHALLENGE, code, null)).toBeNull();
    }
  });

  test(`F3: is not to be looked for by its digest without the secret: of ${GUESSES} guesses none fits`, () => {
    const { code, digest } = codes.createEmailCode(CHALLENGE);
    const thief = new KeyedLoginCodes(new SealedBox(randomBytes(32)));
    // From the code itself on, round over all there are.
    const guesses = Array.from({ length: GUESSES }, (_, further) => (Number(code) + further) % 1_000_000);
    const fitting = guesses
      .map((guess) => String(guess).padStart(6, '0'))
      .filter((guess) => thief.matchingDigest(CHALLENGE, guess, digest) !== null);
    expect(fitting).toEqual([]);
    expect(new KeyedLoginCodes(new SealedBox(SECRET)).matchingDigest(CHALLENGE, code, digest)).toBe(digest);
  });
});
