import { expect, test } from 'vitest';
import { describeSettings, readSettings } from '../../src/config/settings.ts';
import { SettingsError } from '../../src/config/settings-error.ts';
import { placeOf } from '../../src/storage/database.ts';
import { CERTIFICATES } from '../support/certificates.js';
import { temporaryFile } from './temporary-folder.ts';

const CREDENTIALS = { AUTHFLOW_SECRET: 's'.repeat(32), AUTHFLOW_ADMIN_TOKEN: `afadm_${'A'.repeat(43)}` };
const URL_OF = 'AUTHFLOW_DATABASE_URL';

function databaseOf(url: string, env: Record<string, string> = {}) {
  return readSettings({ ...CREDENTIALS, ...env, [URL_OF]: url }).database;
}

function shown(url: string, env: Record<string, string> = {}): string | null | undefined {
  const given = { ...CREDENTIALS, ...env, [URL_OF]: url };
  return describeSettings(given, readSettings(given)).find(({ name }) => name === URL_OF)?.value;
}

test('a PostgreSQL URL names user, hosts and database; the other settings have defaults', () => {
  expect(databaseOf('postgres://app:p%40ss@db.example.com/auth')).toEqual({
    engine: 'postgres',
    hosts: [{ host: 'db.example.com', port: 5432 }],
    user: 'app',
    password: 'p@ss',
    database: 'auth',
    schema: 'authflow',
    poolSize: 10,
    statementTimeoutMs: 5000,
    lockTimeoutMs: 2000,
    connectTimeoutMs: 2000,
    idleTimeoutMs: 600_000,
    tls: { ca: null },
    namedStatements: true,
  });
});

test.each([
  [
    'postgres://u@a,b:5433,[::1]:5434/db',
    [
      ['a', 5432],
      ['b', 5433],
      ['::1', 5434],
    ],
  ],
  ['postgresql://u@localhost/db', [['localhost', 5432]]],
  ['postgres://u@/db?host=/run/postgresql', [['/run/postgresql', 5432]]],
  ['postgres://u@:5433/db?host=/run/postgresql', [['/run/postgresql', 5433]]],
] as const)('%s', (url, hosts) => {
  expect(databaseOf(url)).toMatchObject({ hosts: hosts.map(([host, port]) => ({ host, port })), password: null });
  // What is shown can be given again.
  expect(databaseOf(shown(url) ?? '')).toEqual(databaseOf(url));
});

test.each(['postgres://app@db', 'postgres://app@db/', 'postgres://db/auth'])(
  '%s lacks the user or the database',
  (url) => {
    expect(() => databaseOf(url)).toThrow(SettingsError);
    try {
      databaseOf(url);
    } catch (error) {
      expect((error as SettingsError).faults).toMatchObject([
        { message: expect.stringContaining('must name the user and the database') },
      ]);
    }
  },
);

test('TLS is left out on this machine alone, unless that is chosen', () => {
  for (const near of ['postgres://u@127.0.0.1/db', 'postgres://u@localhost,[::1]/db', 'postgres://u@/db?host=/run']) {
    expect(databaseOf(near)).toMatchObject({ tls: null });
  }
  expect(databaseOf('postgres://u@localhost,db/db')).toMatchObject({ tls: { ca: null } });
  expect(databaseOf('postgres://u@db/db', { AUTHFLOW_DATABASE_TLS: 'disable' })).toMatchObject({ tls: null });
  const ca = temporaryFile(CERTIFICATES.ca);
  const env = { AUTHFLOW_DATABASE_TLS_CA: ca };
  expect(databaseOf('postgres://u@db/db', env)).toMatchObject({ tls: { ca: CERTIFICATES.ca } });
  expect(() => databaseOf('postgres://u@localhost/db', env)).toThrow(SettingsError);
});

test('neither the table of settings nor a fault nor a sentence shows the password', () => {
  const url = 'postgres://app:hunter2@db/auth';
  expect(shown(url)).toBe('postgres://app:***@db:5432/auth');
  const place = placeOf(databaseOf(url));
  expect(place).toBe('postgres://db:5432/auth (schema authflow)');
  for (const bad of [
    'postgres://app:hunter2@/auth',
    `${url}?sslmode=require`,
    'postgres://hunter2',
    'postgres://app:hunter2@db:x/auth',
  ]) {
    let message = '';
    try {
      databaseOf(bad);
    } catch (error) {
      message = (error as SettingsError).faults.map((fault) => fault.message).join();
    }
    expect(message).not.toBe('');
    expect(message).not.toContain('hunter2');
  }
});

test('the URL can come from a file', () => {
  const file = temporaryFile('postgres://u@db/auth\n');
  const { database } = readSettings({ ...CREDENTIALS, AUTHFLOW_DATABASE_URL_FILE: file });
  expect(database).toMatchObject({ engine: 'postgres', database: 'auth' });
});

test('on PostgreSQL the secret and the admin token must be given, each in a sentence that says how one is made', () => {
  const read = (env: Record<string, string>) => () => readSettings({ ...env, [URL_OF]: 'postgres://u@db/auth' });
  expect(read(CREDENTIALS)).not.toThrow();
  try {
    read({})();
    expect.unreachable();
  } catch (error) {
    const faults = (error as SettingsError).faults;
    expect(faults.map(({ name }) => name)).toEqual(['AUTHFLOW_SECRET', 'AUTHFLOW_ADMIN_TOKEN']);
    expect(faults.map(({ message }) => message)).toEqual(Array(2).fill(expect.stringContaining('openssl rand')));
  }
});
