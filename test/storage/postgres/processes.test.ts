import { expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../../src/config/settings.ts';
import { engineOf } from '../../../src/storage/engine.ts';
import { EMBEDDED_18 } from '../../support/postgres/engines.ts';
import { postgresUnderTest, sharedPostgres } from '../../support/postgres/shared.ts';
import { postgresStoreAt } from '../../support/stores.ts';
import { type Child, startChild } from '../child-process.ts';
import { populate, tally } from '../fixtures.ts';

/** All of them where `npm test` does not wait. */
const NONCES = postgresUnderTest() === EMBEDDED_18 ? 100 : 1_000;

/** A store with an organization in it, and how children are started that write to it. */
async function preparedStore() {
  const schema = (await sharedPostgres()).freshSchema();
  onTestFinished(schema.remove);
  const { environment } = postgresStoreAt(schema);
  const engine = await engineOf(readSettings(environment).database, '0.1.0');
  await engine.migrate();
  const storage = await engine.open();
  const { org } = await populate(storage);
  await storage.close();
  const start = (entry: string, ...args: readonly string[]): Child =>
    startChild(entry, [schema.url, org.orgId, org.keyId, ...args], { env: environment });
  return { start };
}

async function begin(children: readonly Child[]): Promise<void> {
  for (const child of children) {
    expect(await child.next()).toBe('ready');
  }
  for (const child of children) {
    child.send('go');
  }
}

test(`64 consumers in two processes on one PostgreSQL: each of ${NONCES} nonces is spent exactly once (N1)`, async () => {
  const { start } = await preparedStore();
  const children = [0, 1].map(() => start('consume-nonces.js', '32', String(NONCES)));
  await begin(children);
  const [first, second] = (await Promise.all(children.map((child) => child.next()))) as number[][];
  expect(first?.map((successes, i) => successes + (second?.[i] ?? 0))).toEqual(Array(NONCES).fill(1));
}, 600_000);

test('4 processes × 500 writes: no lock and no conflict surfaces (R4)', async () => {
  const { start } = await preparedStore();
  const children = Array.from({ length: 4 }, () => start('write-in-turn.js', '500'));
  await begin(children);
  const acknowledged = (await Promise.all(children.map((child) => child.rest()))).flat();
  expect(tally(acknowledged.map((each) => typeof each))).toEqual({ number: 2_000 });
});
