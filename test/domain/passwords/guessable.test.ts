import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMON_WORDS } from '../../../src/domain/passwords/common-words.ts';
import { whyGuessable } from '../../../src/domain/passwords/guessable.ts';
import { HOSTED, requirePolicy } from '../../../src/domain/passwords/password-policy.ts';
import { Random } from '../../security/random.ts';
import { README, ROOT } from '../../support/readme-blocks.ts';
import { COMPAT } from '../../support/rules.ts';

const { commonWords } = COMPAT;
const WORDS = COMMON_WORDS.trim().split(/\s+/);
const OWN = ['Ada King Lovelace', 'Acme, Inc.'];
const EMAIL = 'ada.lovelace@engines.example';

const why = (password: string, names: readonly string[] = OWN, email = EMAIL): string | null =>
  whyGuessable(password, { commonWords, names, email });

const fitsPolicy = (password: string): boolean => {
  try {
    requirePolicy(password, HOSTED);
    return true;
  } catch {
    return false;
  }
};

describe('P3: a password that would be guessed among the first is refused', () => {
  test.each([
    'Password1!',
    'P@ssw0rd2024',
    'Pa$$w0rd123!',
    'PASSWORD-1',
    '123Password!',
    'Pass-word-1',
    'Drowssap1!',
    'PasswordPassword1!',
    'passwordpassword',
    'Password!!!!!!!!!!!!!!!',
    'Welcome2024!',
    'Summer-25',
    'Passwört-2024',
    'Test123!',
    '@dmin1234!',
    'Trustno1!',
    'Iloveyou-1',
  ])('%s: a common word', (password) => expect(why(password)).toContain('common'));

  test.each(['Passwrd1!', 'Monkeyy1!', 'Psasword1!', 'Dragn123!', 'Fodtball1!'])(
    '%s: a common word with one letter changed',
    (password) => expect(why(password)).toContain('common'),
  );

  test.each([
    'Qwerty12345!',
    '1Qaz2wsx!',
    '!QAZ2wsx',
    'Asdfghjkl-1',
    'Abcd1234!',
    'Abc123!!',
    'Zyxwvu-98',
    'Azertyuiop1!',
  ])('%s: neighbours', (password) => expect(why(password)).toContain('neighbours'));

  test.each(['Aaaaaaa1!', 'Ab1!Ab1!', 'Blablabla1!', 'A1!A1!A1!A1!', 'aaaaaaaaaaaaaaa', 'xyxyxyxyxyxyxyx'])(
    '%s: the same again',
    (password) => expect(why(password)).toMatch(/repeat|neighbours/),
  );

  test.each([
    'Lovelace-1843',
    'L0velace-1843',
    'Lovelacee-18',
    'AdaLovelace1!',
    'Ada.Lovelace-1',
    'LovelaceAda1!',
    'Alovelace-18',
    'Ada12345!',
    'Acme-2024!',
    'Acm3-2024!',
    'AcmeLovelace1!',
    'ADA.LOVELACE-2024',
  ])('%s: names', (password) => expect(why(password)).toContain('e-mail'));

  test.each([
    'Ada.Lovelace@engines.example1',
    '1.ADA.LOVELACE@engines.Example',
    'Ada.Lovelace@engines1',
    'Ada-Lovelace@Engines-1815',
    'Engines-1815',
    'Eng1nes-2024!',
    'AdaEngines1!',
  ])('%s: the e-mail, or its domain', (password) => expect(why(password, [])).toContain('e-mail'));

  test.each([`a${'b'.repeat(63)}@example.com`, '12@example.com', 'ada+shop_1@mail.acme.co.uk', "o'hara@münchen.de"])(
    '%s: the e-mail itself, whatever it is made of',
    (email) => {
      expect(why(email, [], email)).toContain('e-mail');
      expect(why(`X-${email}-1`, [], email)).toContain('e-mail');
    },
  );

  test('an e-mail beside a secret is part of a password as any other text', () => {
    expect(why(`${EMAIL} kqzpwvtrm`, [])).toBeNull();
    expect(why('Lovelace-1843', [], '')).toBeNull();
  });

  test('names alone are those of this user and organization', () => {
    expect(why('Lovelace-1843', ['Grace Hopper', 'Globex'], 'grace@example.com')).toBeNull();
    expect(why('Hopper-1843', ['Grace Hopper', 'Globex'], 'grace@example.com')).not.toBeNull();
  });

  test('of every common word, with the endings that satisfy the policy, none is accepted', () => {
    const endings = ['1!', '123!', '!1', '2024!', '@123', '#1', '12345!', '1234$', '-2023', '!!1', '99.', '1?'];
    const passwords = new Set(
      WORDS.flatMap((word, index) => {
        const capital = word.slice(0, 1).toUpperCase() + word.slice(1);
        if (/\d/.test(word)) {
          return [`${capital}!`, `${capital}!!`];
        }
        const [ending = '', other = ''] = [endings[index % endings.length], endings[(index + 5) % endings.length]];
        const signs = capital.replace(/(?<=.)a/, '@').replace(/(?<=.)o/, '0');
        return [`${capital}${ending}`, `${capital}${other}`, ...(word.length >= 6 ? [`${signs}${ending}`] : [])];
      }),
    );
    const fitting = [...passwords].filter(fitsPolicy);
    expect(fitting.length).toBeGreaterThanOrEqual(3_000);
    expect(fitting.filter((password) => why(password, [], '') === null)).toEqual([]);
  });

  test('nor of any with one letter changed', () => {
    const random = new Random(1843);
    const letter = (): string => String.fromCharCode(97 + random.below(26));
    const changed = WORDS.filter((word) => /^[a-z]{7,}$/.test(word)).map((word) => {
      const at = 1 + random.below(word.length - 1);
      const rest = word.slice(at);
      const edited = [rest.slice(1), letter() + rest, letter() + rest.slice(1)][random.below(3)] ?? '';
      return `${word.slice(0, 1).toUpperCase()}${word.slice(1, at)}${edited}-24`;
    });
    expect(changed.length).toBeGreaterThan(2_000);
    expect(changed.filter((password) => why(password, [], '') === null)).toEqual([]);
  });
});

describe('P3: no other password is refused', () => {
  test('that of an example: every one that README, docs and examples show', () => {
    const shown = [README, ...textsIn('docs', /\.md$/), ...textsIn('examples', /\.(?:ts|js|py|go|rs|java|md)$/)];
    const passwords = new Set(shown.flatMap((text) => text.match(/\b[A-Z][a-z]+-\d{2,6}\b/g) ?? []).filter(fitsPolicy));
    expect([...passwords]).toEqual(expect.arrayContaining(['Analytical-1843', 'Difference-1822']));
    expect([...passwords].filter((password) => why(password) !== null)).toEqual([]);
  });

  test('of 10,000 random ones that fit the policy, none', () => {
    const random = new Random(1);
    const passwords = Array.from({ length: 10_000 }, (_, index) => randomPassword(random, 8 + (index % 25)));
    expect(passwords.filter((password) => why(password) !== null)).toEqual([]);
  });

  test('of 10,000 phrases of random common words, none', () => {
    const random = new Random(2);
    const words = WORDS.filter((word) => /^[a-z]{4,}$/.test(word));
    const phrases = Array.from({ length: 10_000 }, (_, index) => {
      const picked = Array.from({ length: 3 + (index % 3) }, () => random.pick(words));
      return index % 2 === 0 ? picked.join(' ') : `${picked.map(capitalized).join('-')}${random.below(100)}`;
    });
    expect(phrases.filter((password) => why(password, [], '') !== null)).toEqual([]);
  });

  test.each([
    'Correct-Horse-7',
    'a fine day for engines',
    'Password-4817162946',
    'ein schöner Tag',
    '😀🎉🚀🌍🍕🎸📚⚽',
    'Пять-слов-42',
  ])('%s', (password) => expect(why(password)).toBeNull());
});

test('P3: whatever the password is, judging it takes less than a millisecond', () => {
  const passwords = [
    ...[
      'Analytical-1843',
      'Kqzpwvtrmbx1!!',
      `${'x'.repeat(63)}y`,
      'a1'.repeat(64),
      `${'ab'.repeat(15)}-1`,
      '!'.repeat(128),
    ],
    ...[
      '😀'.repeat(128),
      `1${'@'.repeat(60)}a${'1'.repeat(60)}`,
      'ﷺ'.repeat(128),
      Array.from('qzxj'.repeat(8)).join('1'),
    ],
  ];
  const names = ['Ab '.repeat(66), 'Acme '.repeat(20)];
  const email = `${'a.b.c.d'.repeat(8)}@${'e.f.g.h.'.repeat(20)}example`;
  const judge = (): void => {
    for (const password of passwords) {
      why(password, names, email);
    }
  };
  judge();
  const rounds = 20;
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    judge();
  }
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000 / rounds / passwords.length).toBeLessThan(1);
});

function textsIn(folder: string, names: RegExp): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && names.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

function randomPassword(random: Random, length: number): string {
  for (;;) {
    const characters = Array.from({ length }, () => String.fromCharCode(33 + random.below(94)));
    const password = characters.join('');
    if (fitsPolicy(password)) {
      return password;
    }
  }
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
