import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { CERTIFICATES } from '../certificates.js';
import { ROLES } from './logins.ts';
import { needsPgBouncer, needsPostgres15 } from './needs.ts';
import { startPgBouncer } from './pgbouncer.ts';
import { gone, until } from './processes.ts';
import { startReplica } from './replica.ts';
import { startPostgres } from './server.ts';

const CREATE_TABLE = 'CREATE TABLE kept (value text)';

test('what was committed is there after the server was killed', async () => {
  await using server = await startPostgres({ durable: true });
  await server.query(CREATE_TABLE);
  await server.query(`INSERT INTO kept VALUES ('before')`);
  await server.kill();
  await expect(server.query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await server.start();
  expect(await server.query('SELECT value FROM kept')).toEqual([{ value: 'before' }]);
});

test('a frozen server answers nothing, and goes on where it was', async () => {
  await using server = await startPostgres();
  const client = await connected(server.url());
  server.freeze();
  let answered = false;
  const answer = client.query('SELECT 1 AS one').then(({ rows }) => {
    answered = true;
    return rows;
  });
  await expect(connected(server.url(), { connectionTimeoutMillis: 200 })).rejects.toThrow();
  expect(answered).toBe(false);
  server.thaw();
  expect(await answer).toEqual([{ one: 1 }]);
});

test('a stranger may connect and create nothing; a wrong password lets nobody in', async () => {
  await using server = await startPostgres();
  const stranger = await connected(server.url(ROLES.stranger));
  await expect(stranger.query('CREATE SCHEMA its_own')).rejects.toMatchObject({ code: '42501' });
  await expect(connected(server.url({ password: 'wrong' }))).rejects.toMatchObject({ code: '28P01' });
  const owner = await connected(server.url());
  await owner.query('CREATE SCHEMA its_own');
});

test('a server with TLS lets in who encrypts, and proves its name', async () => {
  await using server = await startPostgres({ tls: true });
  await connected(server.url(), { ssl: { ca: CERTIFICATES.ca } });
  await expect(connected(server.url(), { ssl: { ca: CERTIFICATES.otherCa } })).rejects.toThrow();
  await expect(connected(server.url())).rejects.toMatchObject({ code: '28000' });
});

test('a replica follows its primary and takes no writes', async () => {
  await using primary = await startPostgres();
  await using replica = await startReplica(primary);
  await primary.query(CREATE_TABLE);
  await until(async () => (await replica.query(`SELECT 1 FROM pg_class WHERE relname = 'kept'`)).length > 0);
  await expect(replica.query(`INSERT INTO kept VALUES ('here')`)).rejects.toMatchObject({ code: '25006' });
});

test('a server ends with the process that started it, even where that is killed', async () => {
  const starter = spawn(process.execPath, [join(import.meta.dirname, 'abandoned-server.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: starter.stdout }), 'line');
  const { folder } = JSON.parse(line) as { readonly folder: string };
  const [pid] = readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n');
  starter.kill('SIGKILL');
  await gone([Number(pid)]);
  await until(() => !existsSync(folder));
});

test("Debian's PostgreSQL 15 runs as npm's 18 does", async (context) => {
  needsPostgres15(context);
  await using server = await startPostgres({ version: 'debian' });
  expect(await server.query('SHOW server_version_num')).toEqual([
    { server_version_num: expect.stringMatching(/^15\d{4}$/) },
  ]);
});

test('through PgBouncer two transactions of one client may run on two connections', async (context) => {
  needsPgBouncer(context);
  await using server = await startPostgres();
  await using bouncer = await startPgBouncer(server);
  const [one, other] = [await connected(bouncer.url()), await connected(bouncer.url())];
  const backend = async (client: Client) => (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
  const first = await backend(one);
  await other.query('BEGIN');
  expect(await backend(other)).toBe(first);
  expect(await backend(one)).not.toBe(first);
  await other.query('ROLLBACK');
});

async function connected(connectionString: string, options: object = {}): Promise<Client> {
  const client = new Client({ connectionString, ...options });
  // The server may end before the client does.
  client.on('error', () => undefined);
  onTestFinished(() => client.end().catch(() => undefined));
  await client.connect();
  return client;
}
