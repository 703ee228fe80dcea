import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { HmacChallengeTokens } from '../../src/crypto/challenge-tokens.ts';
import { HmacMailTokens } from '../../src/crypto/mail-tokens.ts';
import { HmacNonceSigner } from '../../src/crypto/nonce-signer.ts';
import { MAIL_TOKEN_KINDS } from '../../src/domain/accounts/mail-token.ts';
import { CHALLENGE_KINDS } from '../../src/domain/second-factors/challenge.ts';
import { mutate } from './mutate.ts';

const SECRET = randomBytes(32);
const STORE = { storeId: randomUUID(), epoch: randomUUID() };
const AT = 1_760_000_000_000;
const ORG_ID = randomUUID();
const tokens = new HmacChallengeTokens({ secrets: [SECRET], store: STORE });

const newChallenge = (kind = CHALLENGE_KINDS[0] as (typeof CHALLENGE_KINDS)[number]) => ({
  kind,
  orgId: ORG_ID,
  challengeId: randomUUID(),
  expiresAt: AT,
});

describe('the token of a challenge', () => {
  test.each(CHALLENGE_KINDS)('%s says what it was made of, in 96 letters', (kind) => {
    const challenge = newChallenge(kind);
    const token = tokens.sign(challenge);
    expect(token).toMatch(/^[A-Za-z0-9_-]{96}$/);
    expect(tokens.read(token)).toEqual({ ...challenge, epoch: STORE.epoch });
  });

  test('is read however old it is: that is for the caller to judge', () => {
    for (const expiresAt of [0, AT, Date.UTC(9999, 11, 31)]) {
      expect(tokens.read(tokens.sign({ ...newChallenge(), expiresAt }))?.expiresAt).toBe(expiresAt);
    }
  });

  test('is made for ids that are ids', () => {
    expect(() => tokens.sign({ ...newChallenge(), orgId: 'acme' })).toThrow(RangeError);
    expect(() => tokens.sign({ ...newChallenge(), challengeId: '' })).toThrow(RangeError);
  });

  test('of another secret, store or epoch is refused', () => {
    const others = [
      new HmacChallengeTokens({ secrets: [randomBytes(32)], store: STORE }),
      new HmacChallengeTokens({ secrets: [SECRET], store: { ...STORE, storeId: randomUUID() } }),
      new HmacChallengeTokens({ secrets: [SECRET], store: { ...STORE, epoch: randomUUID() } }),
      new HmacChallengeTokens({
        secrets: [SECRET],
        store: { storeId: `${STORE.storeId}${STORE.epoch.slice(0, 1)}`, epoch: STORE.epoch.slice(1) },
      }),
    ];
    for (const other of others) {
      expect(tokens.read(other.sign(newChallenge()))).toBeNull();
      expect(other.read(tokens.sign(newChallenge()))).toBeNull();
    }
  });

  test('of an epoch that has ended since is refused, also by who made it', () => {
    const own = new HmacChallengeTokens({ secrets: [SECRET], store: STORE });
    const before = own.sign(newChallenge());
    own.use('another', [SECRET]);
    expect(own.read(before)).toBeNull();
    expect(own.read(own.sign(newChallenge()))).toMatchObject({ epoch: 'another' });
    expect(tokens.read(own.sign(newChallenge()))).toBeNull();
  });

  test('while a secret is replaced is good under both, and signed under the first; afterwards under the new one alone', () => {
    const next = randomBytes(32);
    const both = new HmacChallengeTokens({ secrets: [SECRET, next], store: STORE });
    const ahead = new HmacChallengeTokens({ secrets: [SECRET, next], store: STORE });
    ahead.use(STORE.epoch, [next, SECRET]);
    const [old, young] = [both.sign(newChallenge()), ahead.sign(newChallenge())];
    for (const token of [old, young]) {
      expect([both.read(token), ahead.read(token)]).not.toContain(null);
    }
    expect(tokens.read(old)).not.toBeNull();
    expect(tokens.read(young)).toBeNull();
    ahead.use(STORE.epoch, [next]);
    expect(ahead.read(old)).toBeNull();
  });

  test('of one kind is none of another, with the rest as it is', () => {
    for (const [kind] of CHALLENGE_KINDS.entries()) {
      for (const [other] of CHALLENGE_KINDS.entries()) {
        const bytes = Buffer.from(tokens.sign(newChallenge(CHALLENGE_KINDS[kind])), 'base64url');
        bytes[1] = other;
        expect(tokens.read(bytes.toString('base64url')) !== null).toBe(kind === other);
      }
    }
  });

  test('of a kind that there is not, or of a later version, is none, well signed or not', () => {
    const bytes = Buffer.from(tokens.sign(newChallenge()), 'base64url');
    for (const [offset, value] of [
      [0, 130],
      [0, 1],
      [1, CHALLENGE_KINDS.length],
      [1, 255],
    ] as const) {
      const changed = Buffer.from(bytes);
      changed[offset] = value;
      expect(tokens.read(changed.toString('base64url'))).toBeNull();
    }
    // With the secret itself in the place of its subkey.
    const forged = Buffer.concat([
      bytes.subarray(0, 40),
      createHmac('sha256', SECRET).update(bytes.subarray(0, 40)).digest(),
    ]);
    expect(tokens.read(forged.toString('base64url'))).toBeNull();
  });

  test.each([
    '',
    'a.b.c',
    'A'.repeat(95),
    'A'.repeat(96),
    'A'.repeat(97),
    'A'.repeat(1_000_000),
    '\0'.repeat(96),
    '💥'.repeat(24),
  ])('is no text of another form (%#)', (text) => {
    expect(tokens.read(text)).toBeNull();
  });

  test('has one spelling: none with space, padding or the other alphabet', () => {
    const token = tokens.sign(newChallenge());
    for (const spelled of [` ${token}`, `${token}\n`, `${token}=`, `${token}A`]) {
      expect(tokens.read(spelled)).toBeNull();
    }
    const standard = Buffer.from(token, 'base64url').toString('base64');
    expect(tokens.read(standard) === null).toBe(standard !== token);
  });

  test('M1: 0 of 100,000 mutations are accepted', () => {
    const made = CHALLENGE_KINDS.map((kind) => tokens.sign(newChallenge(kind)));
    const accepted = Array.from({ length: 100_000 }, (_, round) => made[round % made.length] ?? '').filter((token) => {
      const mutant = mutate(token);
      return mutant !== token && tokens.read(mutant) !== null;
    });
    expect(accepted).toEqual([]);
  });
});

describe('beside what else the same secret signs', () => {
  const user = { orgId: ORG_ID, userId: randomUUID(), email: 'ada@example.com', credentialVersion: 1 };
  const mailTokens = new HmacMailTokens({ secrets: [SECRET], store: STORE });
  const nonces = new HmacNonceSigner({ secrets: [SECRET], store: STORE });

  test('M1: no token of a mail is a challenge, and no challenge the token of a mail', () => {
    for (const kind of MAIL_TOKEN_KINDS) {
      const { token } = mailTokens.sign(kind, { ...user, newEmail: 'new@example.com', addressVersion: 0 }, AT);
      expect(tokens.read(token)).toBeNull();
    }
    for (const kind of CHALLENGE_KINDS) {
      // The id of a user in the place of that of a challenge, so that the layouts meet.
      expect(mailTokens.read(tokens.sign({ ...newChallenge(kind), challengeId: user.userId }))).toBeNull();
    }
  });

  test('nor with the first byte of the other', () => {
    const { token } = mailTokens.sign('verify_email', { ...user, addressVersion: 0 }, AT);
    const mail = Buffer.from(token, 'base64url');
    const challenge = Buffer.from(tokens.sign({ ...newChallenge(), challengeId: user.userId }), 'base64url');
    expect(mail).toHaveLength(challenge.length);
    [mail[0], challenge[0]] = [challenge[0] ?? 0, mail[0] ?? 0];
    expect(tokens.read(mail.toString('base64url'))).toBeNull();
    const read = mailTokens.read(challenge.toString('base64url'));
    expect(read && mailTokens.prove(read, user)).toBeNull();
  });

  test('no nonce is a challenge, and no challenge a nonce', () => {
    const binding = { email: user.email, orgId: ORG_ID };
    expect(tokens.read(nonces.sign({ nonceId: randomUUID(), expiresAt: AT }, binding))).toBeNull();
    expect(nonces.verify(tokens.sign(newChallenge()), binding)).toBeNull();
  });
});
