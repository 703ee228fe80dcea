import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openAdministration } from '../../src/app/administration.ts';
import { diagnose } from '../../src/app/doctor.ts';
import { readSettings, type Settings } from '../../src/config/settings.ts';
import { Database } from '../../src/storage/sqlite/driver.ts';
import { startTestServer } from '../support/running-server.ts';
import { sqliteStoreIn } from '../support/stores.ts';

test('a signing key that does not open stops no start: another is made, doctor and list name it, rotating retires it', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'authflow-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const settings = readSettings({ AUTHFLOW_DATA_DIR: dataDir, AUTHFLOW_ADMIN_TOKEN: `afadm_${'A'.repeat(43)}` });
  await (await startTestServer({ testStore: sqliteStoreIn(dataDir) })).stop();
  const [damaged = ''] = await kidsOf(settings);
  const database = new Database(settings.database.engine === 'sqlite' ? settings.database.file : '');
  database.exec('UPDATE signing_keys SET sealed_private_key = zeroblob(100)');
  database.close();
  expect(await checkOf(settings)).toMatchObject({ ok: false, detail: expect.stringContaining(damaged) });

  const server = await startTestServer({ testStore: sqliteStoreIn(dataDir) });
  const published: { keys: { kid: string }[] } = JSON.parse(
    await textAt(`${server.httpAddress}/.well-known/jwks.json`),
  );
  expect(published.keys.map(({ kid }) => kid)).toEqual((await kidsOf(settings)).filter((kid) => kid !== damaged));
  expect(published.keys).toHaveLength(1);
  await expect.poll(() => server.logLines.join('')).toContain('SealedBoxError');
  await server.stop();

  const administration = await openAdministration(settings);
  expect((await administration.listSigningKeys()).map(({ kid, state }) => [kid, state])).toEqual([
    [damaged, 'damaged'],
    [published.keys[0]?.kid, 'current'],
  ]);
  const { kid } = await administration.rotateSigningKey({ compromised: true });
  expect((await administration.listSigningKeys()).filter(({ state }) => state !== 'retired')).toMatchObject([
    { kid, state: 'current' },
  ]);
  await administration.close();
  expect(await checkOf(settings)).toMatchObject({ ok: true });
});

async function kidsOf(settings: Settings): Promise<string[]> {
  const administration = await openAdministration(settings);
  const keys = await administration.listSigningKeys();
  await administration.close();
  return keys.map(({ kid }) => kid);
}

async function checkOf(settings: Settings) {
  return (await diagnose(settings)).find(({ check }) => check === 'signing keys');
}

async function textAt(url: string): Promise<string> {
  return (await fetch(url)).text();
}
