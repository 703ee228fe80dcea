import { describe, expect, test } from 'vitest';
import { StartError, StoreMissingError } from '../../src/app/start-error.ts';
import { explain, UsageError } from '../../src/cli/failure.ts';
import { SettingsError } from '../../src/config/settings-error.ts';
import { SealedBoxError } from '../../src/crypto/sealed-box.ts';
import { AuthError } from '../../src/domain/errors.ts';
import { StoreError } from '../../src/storage/store-error.ts';

describe('exit codes', () => {
  test.each([
    ['a rule', 1, new AuthError('ORGANIZATION_EXISTS')],
    ['a missing store', 3, new StoreMissingError('/somewhere/authflow.db')],
    ['an unreachable store', 3, new AuthError('UNAVAILABLE')],
    ['a store that does not fit', 3, new StoreError('Newer.')],
    ['a start that cannot be', 3, new StartError('No secret.')],
    ['another secret', 3, new SealedBoxError('other_secret')],
    ['a file that the system does not give', 3, fileError()],
    ['wrong usage', 2, new UsageError('Either this or that.')],
    ['wrong settings', 2, new SettingsError([{ name: 'AUTHFLOW_HOST', message: 'is wrong' }])],
    ['a fault', 70, new TypeError('hunter2')],
    ['a fault of the rules', 70, new AuthError('INTERNAL')],
    ['something thrown', 70, 'hunter2'],
  ])('%s: %i', (_, exitCode, error) => {
    const failure = explain(error);
    expect(failure.exitCode).toBe(exitCode);
    expect(failure.lines.length).toBeGreaterThan(0);
    expect(failure.lines.join()).not.toContain('hunter2');
  });
});

test('every fault of the settings has its line', () => {
  const faults = [
    { name: 'AUTHFLOW_HOST', message: 'is wrong' },
    { name: 'AUTHFLOW_SECRET', message: 'must be at least 32 bytes' },
  ];
  expect(explain(new SettingsError(faults)).lines).toEqual([
    'AUTHFLOW_HOST is wrong',
    'AUTHFLOW_SECRET must be at least 32 bytes',
  ]);
});

test('a missing store is told with its path', () => {
  expect(explain(new StoreMissingError('/somewhere/authflow.db')).lines[0]).toContain('/somewhere/authflow.db');
});

test('a store that a restore replaced in this moment is told to be tried again', () => {
  const cause = Object.assign(new Error('hunter2'), { code: 'SQLITE_READONLY_DBMOVED' });
  const { exitCode, lines } = explain(new AuthError('UNAVAILABLE', { cause }));
  expect({ exitCode, lines }).toEqual({ exitCode: 3, lines: [expect.stringContaining('Try again.')] });
});

test('a store that cannot take a write is told with the code of its cause', () => {
  const cause = Object.assign(new Error('hunter2'), { code: 'SQLITE_READONLY' });
  const { exitCode, lines } = explain(new AuthError('UNAVAILABLE', { cause }));
  expect({ exitCode, lines }).toEqual({
    exitCode: 3,
    lines: [expect.stringContaining('(UNAVAILABLE, SQLITE_READONLY)')],
  });
  expect(lines.join()).not.toContain('hunter2');
});

function fileError(): Error {
  return Object.assign(new Error('hunter2'), { code: 'EACCES', syscall: 'mkdir', path: '/srv/data' });
}
