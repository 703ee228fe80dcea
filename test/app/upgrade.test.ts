import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startSchemaWatch } from '../../src/app/schema-watch.ts';
import { SealedBox, SealedBoxError } from '../../src/crypto/sealed-box.ts';
import { migrationsOf } from '../../src/storage/migrations.ts';
import { migrate } from '../../src/storage/migrator.ts';
import { createFile, openConnection } from '../../src/storage/sqlite/connection.ts';
import { sqliteMigrationStore } from '../../src/storage/sqlite/migration-store.ts';
import { RotationLostError, StoreError } from '../../src/storage/store-error.ts';
import { runHere } from '../cli/captured-terminal.ts';
import { engineAt } from '../storage/sqlite-files.ts';
import { startTestServer } from '../support/running-server.ts';
import { sqliteStoreIn } from '../support/stores.ts';

const NEWEST = migrationsOf('sqlite').length;
const SECRET = Buffer.from('s'.repeat(32));
const IDENTITY = ['store', 'epoch', new SealedBox(SECRET).sealSecretCheck('store')];

/** A folder with a store of schema 3 in it. */
async function oldStore() {
  const dataDir = mkdtempSync(join(tmpdir(), 'authflow-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const file = join(dataDir, 'authflow.db');
  createFile(file);
  const connection = await openConnection(file, 1_000);
  await migrate(sqliteMigrationStore(connection, 1_000), migrationsOf('sqlite').slice(0, 3), '0.1.0');
  connection.prepare('INSERT INTO store VALUES (1, ?, ?, ?)').run(IDENTITY);
  connection.close();
  return { dataDir, schemaVersion: async () => (await engineAt(file).inspect()).schemaVersion };
}

test('R13: a start with another secret leaves an older store as it is', async () => {
  const { dataDir, schemaVersion } = await oldStore();
  const starting = startTestServer({
    testStore: sqliteStoreIn(dataDir),
    settings: { secret: Buffer.from('o'.repeat(32)) },
  });
  await expect(starting).rejects.toThrow(SealedBoxError);
  expect(await schemaVersion()).toBe(3);
});

test.each(['httpPort', 'grpcPort'])(
  'R13: a start whose %s another has leaves an older store as it is',
  async (port) => {
    const { dataDir, schemaVersion } = await oldStore();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const settings = { secret: SECRET, host: '127.0.0.1', [port]: (other.address() as AddressInfo).port };
    await expect(startTestServer({ testStore: sqliteStoreIn(dataDir), settings })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    expect(await schemaVersion()).toBe(3);
  },
);

test('an older store is backed up before it is migrated, without its secret, and the backup is restored by this release', async () => {
  const { dataDir, schemaVersion } = await oldStore();
  const env = { AUTHFLOW_DATA_DIR: dataDir };
  const backup = join(dataDir, 'backup.db');
  expect(await runHere(['backup', backup], env)).toMatchObject({ code: 0 });
  expect(await schemaVersion()).toBe(3);
  expect((await engineAt(backup).inspect()).schemaVersion).toBe(3);
  expect(await runHere(['restore', backup], { ...env, AUTHFLOW_SECRET: String(SECRET) })).toMatchObject({ code: 0 });
  expect(await schemaVersion()).toBe(NEWEST);
});

test('a start that migrates says so in one line, and the next in none', async () => {
  const { dataDir, schemaVersion } = await oldStore();
  for (const lines of [[expect.stringContaining(`"from":3,"to":${NEWEST}`)], []]) {
    await using server = await startTestServer({ testStore: sqliteStoreIn(dataDir), settings: { secret: SECRET } });
    expect(server.logLines.filter((line) => line.includes('store_migrated'))).toEqual(lines);
  }
  expect(await schemaVersion()).toBe(NEWEST);
});

test('the schema is looked at every second until it is beyond this release; a store that does not answer is no reason', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const outcomes = [null, new Error('locked'), null, new StoreError('of a newer release')];
  const told: unknown[] = [];
  let looks = 0;
  const watch = startSchemaWatch({
    async checkStore() {
      const outcome = outcomes[looks];
      looks += 1;
      if (outcome) {
        throw outcome;
      }
    },
    onUnfit: (error) => told.push(error.message),
  });
  await vi.advanceTimersByTimeAsync(3_999);
  expect({ looks, told }).toEqual({ looks: 3, told: [] });
  await vi.advanceTimersByTimeAsync(60_000);
  expect({ looks, told }).toEqual({ looks: 4, told: ['of a newer release'] });
  await watch.stop();
});

test('a compromised secret that is in force again is looked at for ten seconds: who replaced it may do so again', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const lost = new RotationLostError('lost');
  const outcomes = [...Array.from({ length: 9 }, () => lost), null, ...Array.from({ length: 10 }, () => lost)];
  const told: unknown[] = [];
  let looks = 0;
  const watch = startSchemaWatch({
    async checkStore() {
      const outcome = outcomes[looks];
      looks += 1;
      if (outcome) {
        throw outcome;
      }
    },
    onUnfit: (error) => told.push(error.message),
  });
  await vi.advanceTimersByTimeAsync(19_999);
  expect({ looks, told }).toEqual({ looks: 19, told: [] });
  await vi.advanceTimersByTimeAsync(1);
  expect({ looks, told }).toEqual({ looks: 20, told: ['lost'] });
  await watch.stop();
});
