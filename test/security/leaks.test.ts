import { describe, expect, test } from 'vitest';
import { expectNoLeak } from './expect-no-leak.ts';
import { leakSearch } from './leak-search.ts';
import { MARK } from './marked-secrets.ts';

const ROUNDS = 100;

describe.runIf(process.platform === 'linux')('W5: secrets stay where they belong', () => {
  test('of one process, none is in its files, arguments, lines, answers or backups', () =>
    expectNoLeak({ rounds: ROUNDS, workers: 1 }));

  test('nor of several', () => expectNoLeak({ rounds: ROUNDS, workers: 2 }));

  test.each<[string, (text: string) => string | Buffer]>([
    ['as it is', (text) => text],
    ['in hexadecimal', (text) => Buffer.from(text).toString('hex')],
    ['in base64', (text) => Buffer.from(text).toString('base64')],
    ['in base64, one byte later', (text) => Buffer.from(`1${text}`).toString('base64')],
    ['in base64, two bytes later', (text) => Buffer.from(`12${text}`).toString('base64')],
    ['in UTF-16', (text) => Buffer.from(text, 'utf16le')],
  ])('a secret is found %s', (_title, spelled) => {
    expect(leakSearch([]).in(spelled(`${MARK}-first-1`))).toHaveLength(1);
    expect(leakSearch([]).in(spelled('nothing of the kind'))).toEqual([]);
  });
});
