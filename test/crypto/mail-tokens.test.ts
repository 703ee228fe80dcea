import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HmacMailTokens } from '../../src/crypto/mail-tokens.ts';
import {
  MAIL_TOKEN_KINDS,
  type MailTokenKind,
  type MailTokenSubject,
  type MailTokenUser,
} from '../../src/domain/accounts/mail-token.ts';
import { mutate } from './mutate.ts';

interface Vectors {
  readonly secret: string;
  readonly store: { readonly storeId: string; readonly epoch: string };
  readonly at: number;
  readonly user: MailTokenUser;
  readonly newEmail: string;
  readonly addressVersion: number;
  readonly good: readonly { readonly kind: MailTokenKind; readonly expiresAt: number; readonly token: string }[];
  readonly bound: readonly {
    readonly why: string;
    readonly kind: MailTokenKind;
    readonly user: Partial<MailTokenUser>;
    readonly good: boolean;
  }[];
  readonly refused: readonly { readonly why: string; readonly token: string }[];
}

const VECTORS: Vectors = JSON.parse(readFileSync(new URL('../vectors/mail-tokens.json', import.meta.url), 'utf8'));
const SECRET = Buffer.from(VECTORS.secret, 'hex');
const USER = VECTORS.user;
const SUBJECT: MailTokenSubject = { ...USER, newEmail: VECTORS.newEmail, addressVersion: VECTORS.addressVersion };
const { at } = VECTORS;
const tokens = new HmacMailTokens({ secrets: [SECRET], store: VECTORS.store });

/** Whether a text is a token of these tokens, and this user's. */
function isGood(text: string, user: MailTokenUser = USER, of = tokens): boolean {
  const read = of.read(text);
  return read !== null && of.prove(read, user) !== null;
}

function made(kind: MailTokenKind): string {
  return VECTORS.good.find((row) => row.kind === kind)?.token ?? '';
}

describe('the token of a mail', () => {
  test.each(VECTORS.good)('$kind is made, read and proven as it is described', ({ kind, token, expiresAt }) => {
    expect(tokens.sign(kind, SUBJECT, at)).toEqual({ token, expiresAt });
    const { orgId, userId, email } = USER;
    const address = { change_email: VECTORS.newEmail, email_change_warning: email }[kind as string] ?? null;
    const read = tokens.read(token);
    const addressVersion = kind === 'email_change_warning' ? VECTORS.addressVersion : null;
    expect(read).toEqual({ kind, orgId, userId, expiresAt, address, addressVersion, token });
    expect(read && tokens.prove(read, USER)).toBe(VECTORS.store.epoch);
  });

  test.each(VECTORS.bound)('$why: good is $good', ({ kind, user, good }) => {
    expect(isGood(made(kind), { ...USER, ...user })).toBe(good);
  });

  test.each(VECTORS.refused)('M1: is none: $why', ({ token }) => {
    expect(isGood(token)).toBe(false);
  });

  test('is none, of any other kind by its name or its length', () => {
    const texts = [
      'a.b.c',
      'A'.repeat(1_000_000),
      '\0'.repeat(96),
      '💥'.repeat(40),
      `${'A'.repeat(97)}`,
      randomBytes(400),
    ];
    for (const text of texts.map(String)) {
      expect(isGood(text)).toBe(false);
    }
  });

  test('is signed for a change with an address alone, and for ids that are ids', () => {
    expect(() => tokens.sign('change_email', { ...USER, addressVersion: 0 }, at)).toThrow(RangeError);
    expect(() => tokens.sign('reset_password', { ...SUBJECT, userId: 'ann' }, at)).toThrow(RangeError);
  });

  test('has 443 characters at most', () => {
    const email = `${'a'.repeat(242)}@example.com`;
    expect(email).toHaveLength(254);
    const { token } = tokens.sign('email_change_warning', { ...SUBJECT, email }, at);
    expect(token.length).toBe(443);
    expect(isGood(token)).toBe(true);
  });

  test('of an epoch that has ended since is refused, also by who made it', () => {
    const own = new HmacMailTokens({ secrets: [SECRET], store: VECTORS.store });
    own.use('another', [SECRET]);
    for (const kind of MAIL_TOKEN_KINDS) {
      expect(isGood(made(kind), USER, own)).toBe(false);
      const { token } = own.sign(kind, SUBJECT, at);
      const read = own.read(token);
      expect(read && own.prove(read, USER)).toBe('another');
      expect(isGood(token)).toBe(false);
    }
  });

  test('while a secret is replaced is good under both, and signed under the first; afterwards under the new one alone', () => {
    const next = randomBytes(32);
    const { store } = VECTORS;
    const [behind, ahead] = [
      new HmacMailTokens({ secrets: [SECRET, next], store }),
      new HmacMailTokens({ secrets: [SECRET, next], store }),
    ];
    ahead.use(store.epoch, [next, SECRET]);
    for (const kind of MAIL_TOKEN_KINDS) {
      const [old, young] = [behind.sign(kind, SUBJECT, at).token, ahead.sign(kind, SUBJECT, at).token];
      expect([old, young].flatMap((token) => [behind, ahead].map((of) => isGood(token, USER, of)))).toEqual(
        Array(4).fill(true),
      );
      expect(isGood(young)).toBe(false);
    }
    ahead.use(store.epoch, [next]);
    expect(isGood(behind.sign('invite', SUBJECT, at).token, USER, ahead)).toBe(false);
  });

  test('M1: 0 of 100,000 mutations are accepted', () => {
    const kinds = MAIL_TOKEN_KINDS.map(made);
    const accepted = Array.from({ length: 100_000 }, (_, round) => kinds[round % kinds.length] ?? '').filter(
      (token) => {
        const mutant = mutate(token);
        return mutant !== token && isGood(mutant);
      },
    );
    expect(accepted).toEqual([]);
  });
});
