import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { postgresUnderTest, sharedPostgres } from './shared.ts';

test('the run shares the PostgreSQL that its project names', async () => {
  const { url } = (await sharedPostgres()).freshSchema();
  const client = await connected(url);
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
  const [, version] = /^PostgreSQL (\d+)/.exec(postgresUnderTest().name) ?? [];
  expect(rows[0]?.server_version).toMatch(new RegExp(`^${version ?? ''}`));
});

test('each test has a schema of its own there', async () => {
  const { url, schema, remove } = (await sharedPostgres()).freshSchema();
  const client = await connected(url);
  await client.query(`CREATE SCHEMA ${schema}`);
  await client.query(`CREATE TABLE ${schema}.kept (value text)`);
  await remove();
  await expect(client.query(`SELECT * FROM ${schema}.kept`)).rejects.toMatchObject({ code: '42P01' });
  await remove();
});

test('each test has a database of its own there', async () => {
  const database = await (await sharedPostgres()).freshDatabase();
  const client = await connected(database.url);
  const { rows } = await client.query('SELECT current_database() AS name');
  expect(rows).toEqual([{ name: new URL(database.url).pathname.slice(1) }]);
  await database.remove();
  // PgBouncer would let anybody in, and say at the first statement that there is none.
  await expect(connected(database.adminUrl)).rejects.toMatchObject({ code: '3D000' });
});

async function connected(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  // Its database may be dropped before it ends.
  client.on('error', () => undefined);
  onTestFinished(() => client.end().catch(() => undefined));
  await client.connect();
  return client;
}
