import { expect, onTestFinished, test } from 'vitest';
import { storeEngine } from '../../src/app/release-engine.ts';
import { readSettings } from '../../src/config/settings.ts';
import { migrationsOf } from '../../src/storage/migrations.ts';
import { askHealth } from '../security/asked-health.ts';
import { startTestServer } from '../support/running-server.ts';
import { storeOfTest, type TestStore } from '../support/stores.ts';
import { ask } from '../transport/http/test-server.ts';

test('R13: a server whose store a newer release has migrated beyond it turns its health and refuses every call', async () => {
  const testStore = await storeOfTest();
  await using server = await startTestServer({ testStore });
  const { apiKey } = await server.createOrganization();
  const call = () => ask(server.httpAddress, `/auth/fooBar?identity=ada@example.com&api_key=${apiKey}`);
  expect((await call()).status).toBe(200);
  expect(await askHealth(server)).toBe('SERVING');
  await migrateBeyond(testStore, '99.0.0');
  await expect.poll(async () => (await ask(server.httpAddress, '/readyz')).status).toBe(503);
  expect((await call()).status).toBe(503);
  expect(await askHealth(server)).toBe('NOT_SERVING');
  expect((await ask(server.httpAddress, '/healthz')).status).toBe(200);
  const lines = server.logLines.filter((line) => line.includes('store_of_newer_release'));
  expect(lines).toEqual([expect.stringContaining('which 99.0.0 or later can open')]);
});

test('R13: a store that a newer release has migrated goes on being served where that lets older ones run', async () => {
  const testStore = await storeOfTest();
  await using server = await startTestServer({ testStore });
  const identity = await server.ports.storage.readStoreIdentity();
  const engine = await storeEngine(readSettings(testStore.environment));
  const storage = await engine.open();
  onTestFinished(() => storage.close());
  await storage.checkSchema();
  await migrateBeyond(testStore, '0.1.0');
  await storage.checkSchema();
  expect(await storage.readStoreIdentity()).toEqual(identity);
  expect((await engine.inspect()).pendingMigrations).toEqual([]);
  await using again = await startTestServer({ testStore });
  expect(await askHealth(again)).toBe('SERVING');
});

/** As a newer release does, with a migration that changes what an older one does not read. */
async function migrateBeyond(store: TestStore, oldestRelease: string): Promise<void> {
  await store.query('CREATE TABLE of_tomorrow (x INTEGER)');
  await store.query(
    `INSERT INTO schema_migrations (version, name, checksum, applied_at, oldest_release)
     VALUES (${migrationsOf('sqlite').length + 1}, 'of tomorrow', '', 0, '${oldestRelease}')`,
  );
}
