import { expect, test } from 'vitest';
import { startCluster } from '../support/postgres/cluster.ts';
import { needsCluster } from '../support/postgres/needs.ts';

test('what a synchronous cluster answered is there after its primary is killed, and after the next one is frozen', async (context) => {
  needsCluster(context);
  await using cluster = await startCluster({ synchronous: true });
  await cluster.query('CREATE TABLE written (value text)');
  await cluster.query(`INSERT INTO written VALUES ('first')`);

  const killed = await cluster.killPrimary();
  await cluster.query(`INSERT INTO written VALUES ('second')`);
  expect(await valuesIn(cluster)).toEqual(['first', 'second']);
  await killed.start();
  await cluster.isWhole();

  const frozen = await cluster.freezePrimary();
  expect(await cluster.primary()).not.toBe(frozen);
  await cluster.query(`INSERT INTO written VALUES ('third')`);
  frozen.thaw();
  await cluster.isWhole();
  expect(await cluster.primary()).not.toBe(frozen);
  expect(await valuesIn(cluster)).toEqual(['first', 'second', 'third']);
});

test('what an asynchronous cluster answered and had not sent is lost with its primary', async (context) => {
  needsCluster(context);
  await using cluster = await startCluster({ synchronous: false });
  await cluster.query('CREATE TABLE written (value text)');
  await cluster.query(`INSERT INTO written VALUES ('sent')`);
  await cluster.isWhole();
  await cluster.holdReplication();
  await cluster.query(`INSERT INTO written VALUES ('held')`);
  await cluster.killPrimary();
  await cluster.answersWrites();
  expect(await valuesIn(cluster)).toEqual(['sent']);
});

async function valuesIn(cluster: { query<Row extends object>(sql: string): Promise<Row[]> }): Promise<string[]> {
  const rows = await cluster.query<{ value: string }>('SELECT value FROM written ORDER BY value');
  return rows.map(({ value }) => value);
}
