import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readSettings } from '../../src/config/settings.ts';
import { openCopySide } from '../../src/storage/copy/sides.ts';
import { Backend, PASSWORD } from '../security/backend.ts';
import { sharedPostgres } from '../support/postgres/shared.ts';
import { startTestServer } from '../support/running-server.ts';
import { postgresStoreAt } from '../support/stores.ts';

const ADA = 'ada@example.com';
const MARK = { copyId: randomUUID(), otherPlace: '/var/lib/authflow/elsewhere.db', markedAt: 0 };

test('a node whose store is moved away says so once, with where it went, and floods no log', async () => {
  const schema = (await sharedPostgres()).freshSchema();
  onTestFinished(schema.remove);
  const testStore = postgresStoreAt(schema);
  await using server = await startTestServer({ testStore });
  const { apiKey } = await server.createOrganization('Acme');
  const backend = new Backend(server.httpAddress, apiKey);
  await backend.signUp(ADA);
  const token = (await backend.login(ADA)).field('token');
  const foobar = await backend.nonce(ADA);
  const { database } = readSettings({ ...testStore.environment, AUTHFLOW_ADMIN_TOKEN: server.adminToken });
  const side = await openCopySide(database);
  onTestFinished(() => side.close());
  await side.fence({ ...MARK, state: 'moved' });

  const lines = (event: string) => server.logLines.filter((line) => line.includes(`"event":"${event}"`));
  const ask = async () => {
    for (const answer of [
      backend.call('fooBar', { email: ADA }),
      backend.call('login', { foobar, email: ADA, password: PASSWORD }),
      backend.validate(ADA, token),
      backend.logout(ADA, token),
    ]) {
      expect((await answer).outcome).not.toBe('OK');
    }
    await fetch(`${server.httpAddress}/readyz`);
  };
  await vi.waitFor(
    async () => {
      await ask();
      expect(lines('store_moved')).not.toEqual([]);
    },
    { timeout: 120_000 },
  );
  for (let times = 0; times < 30; times += 1) {
    await ask();
  }
  expect(lines('store_moved')).toHaveLength(1);
  expect(lines('store_moved')[0]).toContain(`was moved to ${MARK.otherPlace} at 1970-01-01T00:00:00Z`);
  // Of what calls and rounds meet each has one, and not each time.
  const stacks = server.logLines
    .filter((line) => line.includes('_stack"'))
    .map((line): { event: string; method?: string } => JSON.parse(line))
    .map(({ event, method }) => `${event} ${method ?? ''}`);
  expect(stacks).toEqual([...new Set(stacks)]);
});
