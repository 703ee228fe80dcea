import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { StoreObserver } from '../../../src/storage/engine.ts';
import { until } from '../../support/postgres/processes.ts';
import { addOrganization, addSession, loginAttempt, NOW, newUser, page, populate } from '../fixtures.ts';
import { type Lab, openLab, openNode } from './lab.ts';

const POOL = 10;

/** Nobody reads or writes the table until it is let go. */
async function lockTable(lab: Lab, table: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: lab.adminUrl });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query('BEGIN');
  await client.query(`LOCK TABLE authflow.${table} IN ACCESS EXCLUSIVE MODE`);
  return async () => {
    await client.query('COMMIT');
  };
}

async function backends(lab: Lab, condition: string): Promise<number> {
  const [row] = await lab.sql<{ n: string }>(
    `SELECT count(*) AS n FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${condition}`,
  );
  return Number(row?.n);
}

test('a process that is cut off amid a transaction lets go of its locks while its connection lasts (R5)', async () => {
  const lab = await openLab({ lockTimeoutMs: 60_000, statementTimeoutMs: 200_000 });
  const [cutOff, other] = [await openNode(lab.proxied), await openNode(lab.past)];
  const { org } = await populate(other);
  lab.proxy.judge = ({ sql }) => (sql.startsWith('BEGIN') ? 'hold' : 'pass');
  const held = cutOff.closeOrganization(org.orgId, NOW).catch((error: unknown) => error);
  await until(async () => (await backends(lab, `state = 'idle in transaction'`)) === 1, 20);
  expect(await other.createUser(newUser(org))).toBe('created');
  // The server closed its connection.
  expect(await held).toMatchObject({ reason: 'UNAVAILABLE' });
});

test('while what is kept of writes is locked sessions are read, and no connection is left behind', async () => {
  const lab = await openLab({ lockTimeoutMs: 200, statementTimeoutMs: 1_000, poolSize: POOL });
  const node = await openNode(lab.past);
  const { org, user } = await populate(node);
  const session = await addSession(node, org, user);
  expect(await node.findSession(session.orgId, session.sessionId)).not.toBeNull();
  const letGo = await lockTable(lab, 'recent_writes');
  let reads = 0;
  await until(async () => {
    expect(await node.findSession(session.orgId, session.sessionId)).toMatchObject({ revokedAt: null });
    reads += 1;
    return reads === 20;
  }, 200);
  await expect(node.createUser(newUser(org))).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  expect(await backends(lab, `application_name = 'authflow'`)).toBeLessThanOrEqual(POOL);
  await letGo();
  expect(await node.createUser(newUser(org))).toBe('created');
});

test('the server is told to end a read that nobody waits for any more', async () => {
  const lab = await openLab({ statementTimeoutMs: 1_000 });
  const node = await openNode(lab.past);
  const { org, user } = await populate(node);
  const session = await addSession(node, org, user);
  const letGo = await lockTable(lab, 'sessions');
  const asked = [
    node.findSession(session.orgId, session.sessionId),
    node.listSessions(org.orgId, null, page()),
    node.listSessions(org.orgId, user.userId, page()),
  ];
  for (const read of await Promise.allSettled(asked)) {
    expect(read).toMatchObject({ status: 'rejected', reason: { reason: 'UNAVAILABLE' } });
  }
  await until(async () => (await backends(lab, `wait_event_type = 'Lock'`)) === 0, 20);
  await letGo();
  expect(await node.findSession(session.orgId, session.sessionId)).not.toBeNull();
});

test('a table that is altered while the store serves is no fault: its prepared statements are made again', async () => {
  const lab = await openLab({ poolSize: POOL });
  const node = await openNode(lab.database);
  const { org, user } = await populate(node);
  const session = await addSession(node, org, user);
  const everything = () => [
    node.findSession(session.orgId, session.sessionId),
    ...Array.from({ length: POOL }, () => node.listUsers(org.orgId, page())),
    ...Array.from({ length: POOL }, () => node.findUserByEmail(org.orgId, user.email)),
    ...Array.from({ length: POOL }, () => node.beginLogin(loginAttempt(org, user))),
    addOrganization(node),
  ];
  await Promise.all(everything());
  for (const type of ['varchar(400)', 'text']) {
    await lab.sql(`ALTER TABLE {schema}.users ALTER COLUMN email TYPE ${type}`);
    await Promise.all(everything());
  }
});

test('a store that is moved away while it serves is UNAVAILABLE, and the operator is told', async () => {
  const lab = await openLab();
  const told: unknown[] = [];
  const observer: StoreObserver = {
    watchConnections() {},
    connectionFailed() {},
    storeGone: (error) => told.push(error),
    writesLost() {},
    endingNotRepeated() {},
  };
  const node = await openNode(lab.past, { observer });
  const { org, user } = await populate(node);
  const session = await addSession(node, org, user);
  await lab.sql('ALTER SCHEMA {schema} RENAME TO elsewhere');
  const asked = [
    () => node.findSession(session.orgId, session.sessionId),
    () => node.createUser(newUser(org)),
    () => node.readStoreIdentity(),
  ];
  for (const ask of asked) {
    await expect(ask()).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  }
  await vi.waitFor(() => expect(told).toHaveLength(1), 120_000);
  await lab.sql('ALTER SCHEMA elsewhere RENAME TO {schema}');
  expect(await node.createUser(newUser(org))).toBe('created');
});
