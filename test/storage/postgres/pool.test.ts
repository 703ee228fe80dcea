import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Pool } from '../../../src/storage/postgres/pool.ts';
import { Session } from '../../../src/storage/postgres/session.ts';
import { StatementTexts } from '../../../src/storage/postgres/statement.ts';
import { until } from '../../support/postgres/processes.ts';
import { startPostgres } from '../../support/postgres/server.ts';
import { addOrganization, addSession, addUser, NOW, newUser, page, populate } from '../fixtures.ts';
import { databaseAt, engineAt, type Lab, openLab, openNode, versionUnderTest } from './lab.ts';

const PATIENT = { lockTimeoutMs: 60_000, statementTimeoutMs: 60_000 };
const POOL = 10;
/** Of the connections four are kept for what every call and every process asks for; of the others an organization has half. */
const MOST_OF_ONE = 3;

/** Holds the row of an organization until it is let go. */
async function holdOrganization(lab: Lab, orgId: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: lab.adminUrl });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN');
  await client.query(`SELECT 1 FROM authflow.organizations WHERE org_id = $1 FOR UPDATE`, [orgId]);
  return async () => {
    await client.query('COMMIT');
  };
}

async function waitingForLocks(lab: Lab): Promise<number> {
  const [row] = await lab.sql<{ n: string }>(
    `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return Number(row?.n);
}

test('an organization whose calls all wait for a lock holds half of the pool: others go on, and look-ups (N7)', async () => {
  const lab = await openLab({ ...PATIENT, poolSize: POOL });
  const node = await openNode(lab.database);
  const { org, user } = await populate(node);
  const session = await addSession(node, org, user);
  const other = await addOrganization(node);
  const letGo = await holdOrganization(lab, org.orgId);
  const waiting = Array.from({ length: 3 * POOL }, () => node.createUser(newUser(org)));
  await until(async () => (await waitingForLocks(lab)) === MOST_OF_ONE);
  for (let call = 0; call < 20; call += 1) {
    await addUser(node, other);
    expect(await node.findSession(session.orgId, session.sessionId)).toMatchObject({ revokedAt: null });
    expect(await node.findApiKey(org.key.apiKeyHash)).toMatchObject({ revokedAt: null });
  }
  expect(await waitingForLocks(lab)).toBe(MOST_OF_ONE);
  await letGo();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['created']));
});

test('organizations whose calls all wait for locks leave some of the pool to another, and to what every process reads (N7, K2)', async () => {
  const lab = await openLab({ ...PATIENT, poolSize: POOL });
  const node = await openNode(lab.database);
  const { org } = await populate(node);
  const held = [org, await addOrganization(node), await addOrganization(node)];
  const other = await addOrganization(node);
  const letGo = await Promise.all(held.map(({ orgId }) => holdOrganization(lab, orgId)));
  const waiting = held.flatMap((each) => Array.from({ length: POOL }, () => node.createUser(newUser(each))));
  // All that is not kept for those that hold none.
  await until(async () => (await waitingForLocks(lab)) >= POOL - 6);
  for (let call = 0; call < 20; call += 1) {
    await addUser(node, other);
    expect(await node.listSigningKeys()).not.toEqual([]);
    expect(await node.readStoreIdentity()).not.toBeNull();
  }
  await Promise.all(letGo.map((each) => each()));
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['created']));
});

test('organizations that nobody knows share what one gets', async () => {
  const lab = await openLab({ ...PATIENT, poolSize: POOL });
  const node = await openNode(lab.database);
  const { org } = await populate(node);
  const client = new pg.Client({ connectionString: lab.adminUrl });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN');
  await client.query('LOCK TABLE authflow.organizations IN ACCESS EXCLUSIVE MODE');
  const waiting = Array.from({ length: 3 * POOL }, () => node.findOrganization(randomUUID()));
  await until(async () => (await waitingForLocks(lab)) === MOST_OF_ONE);
  expect(await node.listUsers(org.orgId, page())).toHaveLength(1);
  expect(await waitingForLocks(lab)).toBe(MOST_OF_ONE);
  await client.query('COMMIT');
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([null]));
});

test('where the server gives no more connections calls take turns on those that are there', async () => {
  const server = await startPostgres({ version: versionUnderTest() });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const database = databaseAt(server.url(), 'authflow', { poolSize: POOL });
  await (await engineAt(database)).migrate();
  const node = await openNode(database);
  const { org, user } = await populate(node);
  const session = await addSession(node, org, user);
  await node.findSession(session.orgId, session.sessionId);
  await node.readStoreIdentity();
  const connections = async () =>
    (await server.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'authflow'`)).length;
  // That of the beat, too.
  await until(async () => (await connections()) >= 4, 50);
  await server.query(`ALTER ROLE ${database.user} CONNECTION LIMIT ${await connections()}`);
  const calls = Array.from({ length: 40 }, () => node.createUser(newUser(org)));
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['created']));
});

test('where one connection could not be made, and the last one ends, the next call makes another at once', async () => {
  const { proxied, proxy } = await openLab();
  const [host] = proxied.hosts;
  if (host === undefined) {
    throw new Error('no host');
  }
  let asked = 0;
  let failed = 0;
  const pool = new Pool({
    size: 2,
    mostOfOne: 2,
    keptForOthers: 0,
    idleTimeoutMs: 60_000,
    waitMs: 10_000,
    connect: () => {
      asked += 1;
      return Session.connect(proxied, host, new StatementTexts('authflow', true)).catch((error: unknown) => {
        failed += 1;
        throw error;
      });
    },
  });
  onTestFinished(() => pool.close());
  await pool.use(null, async (session) => {
    proxy.refusals = 1;
    const second = pool.use(null, async (other) => other.isBroken);
    await until(() => failed === 1);
    expect(pool.counts()).toEqual({ idle: 0, busy: 1, waiting: 1 });
    proxy.cutAll();
    await expect(session.command('SELECT 1')).rejects.toMatchObject({ name: 'ConnectionLostError' });
    // With the end, and not a second after the failure.
    expect(asked).toBe(3);
    expect(await second).toBe(false);
  });
});

test.each([
  { what: 'a lock', timeouts: { lockTimeoutMs: 100, statementTimeoutMs: 10_000 } },
  { what: 'a statement', timeouts: { lockTimeoutMs: 10_000, statementTimeoutMs: 1_000 } },
])('where the time of $what is over the call is UNAVAILABLE, and nothing is done', async ({ timeouts }) => {
  const lab = await openLab(timeouts);
  const node = await openNode(lab.database);
  const { org, user } = await populate(node);
  const letGo = await holdOrganization(lab, org.orgId);
  const before = await lab.rows();
  const asked = [node.disableUser(org.orgId, user.userId, NOW), node.createUser(newUser(org))];
  for (const call of await Promise.allSettled(asked)) {
    expect(call).toMatchObject({ status: 'rejected', reason: { reason: 'UNAVAILABLE' } });
  }
  await letGo();
  expect(await lab.rows()).toEqual(before);
  expect(await node.disableUser(org.orgId, user.userId, NOW)).not.toBeNull();
});

test('connections that are not used are closed', async () => {
  const lab = await openLab({ idleTimeoutMs: 1_000 });
  const node = await openNode(lab.proxied);
  const { org } = await populate(node);
  await Promise.all(Array.from({ length: 20 }, () => addOrganization(node)));
  expect(lab.proxy.connections.size).toBeGreaterThan(2);
  // Those that look for a loss and that beat are used once a second.
  await vi.waitFor(() => expect(lab.proxy.connections.size).toBeLessThanOrEqual(2), 60_000);
  expect(await node.findOrganization(org.orgId)).not.toBeNull();
});

test('a store that closes answers what was asked before, refuses what comes after, and leaves no connection', async () => {
  const lab = await openLab();
  const node = await openNode(lab.proxied);
  const { org } = await populate(node);
  const asked = Array.from({ length: 40 }, () => node.createUser(newUser(org)));
  const closed = node.close();
  await expect(node.createUser(newUser(org))).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  await expect(node.findSession(org.orgId, 'any')).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['created']));
  await closed;
  await vi.waitFor(() => expect(lab.proxy.connections.size).toBe(0), 120_000);
});
