import { expect, test } from 'vitest';
import { askHealth } from '../security/asked-health.ts';
import { startTestServer } from '../support/running-server.ts';
import { storeOfTest } from '../support/stores.ts';
import { ask } from '../transport/http/test-server.ts';

test.each([
  ['another store', `UPDATE store SET store_id = 'of another', epoch = 'of another'`],
  ['no store yet', 'DELETE FROM store'],
])('a server that finds %s in the place of its own turns its health and refuses every call', async (_, replacing) => {
  const testStore = await storeOfTest();
  await using server = await startTestServer({ testStore });
  const { apiKey } = await server.createOrganization();
  const call = () => ask(server.httpAddress, `/auth/fooBar?identity=ada@example.com&api_key=${apiKey}`);
  expect((await call()).status).toBe(200);
  expect(await askHealth(server)).toBe('SERVING');
  await testStore.query(replacing);
  await expect.poll(async () => (await ask(server.httpAddress, '/readyz')).status).toBe(503);
  expect((await call()).status).toBe(503);
  expect(await askHealth(server)).toBe('NOT_SERVING');
  const lines = server.logLines.filter((line) => line.includes('store_moved'));
  expect(lines).toEqual([expect.stringContaining('holds another store')]);
});
