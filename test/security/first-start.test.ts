import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Settings } from '../../src/config/settings.ts';
import { startTestServer } from '../support/running-server.ts';
import { sqliteStoreIn } from '../support/stores.ts';
import { times } from '../support/times.ts';
import { Backend, PASSWORD, send, serverOfTest } from './backend.ts';
import { Random } from './random.ts';
import { startServerProcess } from './server-process.ts';

const EMAIL = 'user@example.com';
const ROUNDS = times(4, { beside: 2 });

function folder(): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'authflow-a3-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  return dataDir;
}

/** The sentence with which a start is refused. */
async function refusalOf(dataDir: string, settings: Partial<Settings> = {}): Promise<string> {
  const started = await startTestServer({ testStore: sqliteStoreIn(dataDir), settings }).catch(
    (error: unknown) => error,
  );
  if (started instanceof Error) {
    return started.message;
  }
  throw new Error('The server started.');
}

async function storeIn(dataDir: string): Promise<void> {
  const server = await startTestServer({ testStore: sqliteStoreIn(dataDir) });
  await server.stop();
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('A3: the start stops', () => {
  test('for a secret under 32 bytes, given or in its file', async () => {
    expect(await refusalOf(folder(), { secret: Buffer.alloc(31, 'x') })).toContain('32 bytes');
    const dataDir = folder();
    await storeIn(dataDir);
    writeFileSync(join(dataDir, 'secret'), `${'x'.repeat(31)}\n`);
    expect(await refusalOf(dataDir)).toContain('32 bytes');
  });

  test("for another store's secret, and the store opens again under its own", async () => {
    const [own, other] = [folder(), folder()];
    await storeIn(own);
    await storeIn(other);
    renameSync(join(own, 'secret'), join(own, 'secret.own'));
    writeFileSync(join(own, 'secret'), readFileSync(join(other, 'secret')));
    expect(await refusalOf(own)).toContain('secret');
    renameSync(join(own, 'secret.own'), join(own, 'secret'));
    await storeIn(own);
  });

  test('for a missing secret beside an existing store, and makes none', async () => {
    const dataDir = folder();
    await storeIn(dataDir);
    rmSync(join(dataDir, 'secret'));
    expect(await refusalOf(dataDir)).toContain(join(dataDir, 'secret'));
    expect(readdirSync(dataDir)).not.toContain('secret');
  });
});

test('A3: a first start makes a folder of 0700 and files of 0600, whatever the umask', async () => {
  const dataDir = join(folder(), 'inner', 'data');
  const server = await startTestServer({
    testStore: sqliteStoreIn(dataDir),
    settings: { adminToken: null, database: { engine: 'sqlite', file: join(dataDir, 'a.db') } },
  });
  expect(modeOf(dataDir).toString(8)).toBe('700');
  const files = readdirSync(dataDir);
  expect(files).toEqual(expect.arrayContaining(['secret', 'admin-token', 'a.db']));
  expect(files.filter((file) => modeOf(join(dataDir, file)) !== 0o600)).toEqual([]);
  await server.stop();
});

test('A3: two stores made without settings have different secrets, of 256 bits', async () => {
  const secrets = await Promise.all(
    [folder(), folder()].map(async (dataDir) => {
      await storeIn(dataDir);
      return readFileSync(join(dataDir, 'secret'), 'utf8').trim();
    }),
  );
  expect(secrets[0]).not.toBe(secrets[1]);
  expect(secrets.map((secret) => Buffer.from(secret, 'base64url').length)).toEqual([32, 32]);
});

test('A3: first starts at once share one secret and one store', async () => {
  const dataDir = folder();
  const servers = await Promise.all(
    Array.from({ length: 4 }, () => serverOfTest({ testStore: sqliteStoreIn(dataDir) })),
  );
  const [first] = servers;
  if (first === undefined) {
    throw new Error('unreachable');
  }
  const { apiKey } = await first.createOrganization();
  // A nonce made by one is good at every other, and a session of one at every other: the secret is the same.
  for (const [index, server] of servers.entries()) {
    const email = `user${index}@example.com`;
    const elsewhere = servers[(index + 1) % servers.length] ?? first;
    const foobar = await new Backend(server.httpAddress, apiKey).nonce(email);
    const backend = new Backend(elsewhere.httpAddress, apiKey);
    const fields = { foobar, email, password: 'Correct-Horse-7', fullname: 'Ada', disclaimed: 'true' };
    expect((await backend.call('signUp', fields)).outcome).toBe('OK');
    const session = (await backend.login(email)).field('token');
    expect((await new Backend(server.httpAddress, apiKey).validate(email, session)).outcome).toBe('OK');
  }
  const identities = await Promise.all(servers.map(({ ports }) => ports.storage.readStoreIdentity()));
  expect(new Set(identities.map((identity) => identity?.storeId)).size).toBe(1);
  expect(readdirSync(dataDir).filter((file) => file.startsWith('secret'))).toEqual(['secret']);
});

test(`A3: ${ROUNDS} times two processes start at once on nothing: one secret, one admin token, one store`, async () => {
  const random = new Random(20_261_123);
  for (let round = 0; round < ROUNDS; round += 1) {
    const dataDir = join(folder(), 'data');
    const options = { adminToken: null, umask: '000' };
    const first = startServerProcess(sqliteStoreIn(dataDir), options);
    // From together to one after the other: the whole of a first start takes some 50 ms.
    await pause(random.below(10) * round);
    const servers = await Promise.all([first, startServerProcess(sqliteStoreIn(dataDir), options)]);

    const secret = readFileSync(join(dataDir, 'secret'), 'utf8');
    const adminToken = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim();
    expect(Buffer.from(secret.trim(), 'base64url')).toHaveLength(32);
    const headers = { authorization: `Bearer ${adminToken}` };
    const [here = '', there = ''] = servers.map(({ httpAddress }) => httpAddress);
    const made = await send(here, '/organizations', { body: { name: 'Acme' }, headers });
    expect(made.outcome).toBe('OK');
    expect((await send(there, `/organizations/${made.field('org_id')}`, { method: 'GET', headers })).outcome).toBe(
      'OK',
    );
    const [one, other] = [here, there].map((address) => new Backend(address, made.field('api_key')));
    if (one === undefined || other === undefined) {
      throw new Error('there are two servers');
    }
    // A nonce of one is good at the other, and a session of the other at the one.
    const fields = { foobar: await one.nonce(EMAIL), email: EMAIL, password: PASSWORD };
    expect((await other.call('signUp', { ...fields, fullname: 'Ada', disclaimed: 'true' })).outcome).toBe('OK');
    const session = (await other.login(EMAIL)).field('token');
    expect((await one.validate(EMAIL, session)).outcome).toBe('OK');

    const files = readdirSync(dataDir).sort();
    expect(files).toEqual(['admin-token', 'authflow.db', 'authflow.db-shm', 'authflow.db-wal', 'secret']);
    expect([dataDir, ...files.map((file) => join(dataDir, file))].map((path) => modeOf(path).toString(8))).toEqual([
      '700',
      ...files.map(() => '600'),
    ]);
    expect(await Promise.all(servers.map((server) => server.end('SIGTERM')))).toEqual([0, 0]);
    expect(readFileSync(join(dataDir, 'secret'), 'utf8')).toBe(secret);
  }
});
