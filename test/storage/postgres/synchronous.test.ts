import { expect, onTestFinished, test } from 'vitest';
import { until } from '../../support/postgres/processes.ts';
import { startReplica } from '../../support/postgres/replica.ts';
import { startPostgres } from '../../support/postgres/server.ts';
import { addSession, NOW, newUser, nonce, populate } from '../fixtures.ts';
import { databaseAt, engineAt, openNode, versionUnderTest } from './lab.ts';

test('while a synchronous standby does not answer no write is acknowledged, sessions are read, and each write is done once (R5)', async () => {
  const primary = await startPostgres({ version: versionUnderTest() });
  onTestFinished(() => primary[Symbol.asyncDispose]());
  const standby = await startReplica(primary);
  onTestFinished(() => standby[Symbol.asyncDispose]());
  // A statement times out long before a call does.
  const database = databaseAt(primary.url(), 'authflow', { statementTimeoutMs: 1_000, lockTimeoutMs: 500 });
  await (await engineAt(database)).migrate();
  await primary.query(`ALTER SYSTEM SET synchronous_standby_names = '*'`, 'postgres');
  await primary.query('SELECT pg_reload_conf()', 'postgres');
  const isSynchronous = async () =>
    (await primary.query(`SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'`)).length === 1;
  await until(isSynchronous, 50);
  const node = await openNode(database);
  const { org, user } = await populate(node);
  const session = await addSession(node, org, user);

  standby.freeze();
  const created = newUser(org);
  const login = { tenant: org, email: user.email, nonce: nonce() };
  const writes = Promise.allSettled([node.createUser(created), node.beginLogin(login), node.endSession(session, NOW)]);
  // Nobody has been told that it ended.
  expect(await node.findSession(session.orgId, session.sessionId)).toMatchObject({ revokedAt: null });
  for (const write of await writes) {
    expect(write).toMatchObject({ status: 'rejected', reason: { reason: 'DEADLINE_EXCEEDED' } });
  }
  // That would say of a COMMIT on one server alone that it was done.
  expect(primary.log()).not.toContain('canceling wait for synchronous replication');
  standby.thaw();
  await until(isSynchronous, 50);
  expect(await node.createUser(created)).toBe('user_exists');
  expect(await node.beginLogin(login)).toEqual({ outcome: 'nonce_used' });
  expect(await node.endSession(session, NOW + 1)).toBe('already_ended');
});

/** A primary that waits for a standby which never comes, and a node on it. */
async function withoutStandby() {
  const primary = await startPostgres({ version: versionUnderTest() });
  onTestFinished(() => primary[Symbol.asyncDispose]());
  const database = databaseAt(primary.url(), 'authflow', { statementTimeoutMs: 1_000, lockTimeoutMs: 500 });
  await (await engineAt(database)).migrate();
  const node = await openNode(database);
  const { org, user } = await populate(node);
  const session = await addSession(node, org, user);
  const setStandby = async (names: string) => {
    await primary.query(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`, 'postgres');
    await primary.query('SELECT pg_reload_conf()', 'postgres');
    const isSet = async () =>
      (await primary.query('SHOW synchronous_standby_names'))[0]?.synchronous_standby_names === names;
    await until(isSet, 20);
  };
  const waiting = (what: string, from = 'pg_stat_activity') =>
    primary.query<{ query: string }>(`SELECT ${what} FROM ${from} WHERE wait_event = 'SyncRep'`, 'postgres');
  return { primary, database, node, org, user, session, setStandby, waiting };
}

test.each([
  { what: 'is terminated', breakOff: 'pg_terminate_backend(pid)' },
  { what: 'is cancelled', breakOff: 'pg_cancel_backend(pid)' },
])(
  'a COMMIT whose wait for a standby $what is acknowledged by nobody, though it is seen (R5)',
  async ({ breakOff }) => {
    const { node, org, user, setStandby, waiting } = await withoutStandby();
    await setStandby('nobody');
    const login = { tenant: org, email: user.email, nonce: nonce() };
    const asked = node.beginLogin(login).catch((error: unknown) => error);
    await until(async () => (await waiting('query')).some(({ query }) => query === 'COMMIT'), 20);
    await waiting(breakOff);
    expect(await asked).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    await setStandby('');
    expect(await node.beginLogin(login)).toEqual({ outcome: 'nonce_used' });
  },
);

test('a COMMIT that waits for a standby as the server crashes is acknowledged once a standby has it (R5)', async () => {
  const { primary, node, org, user, setStandby, waiting } = await withoutStandby();
  await setStandby('nobody');
  const login = { tenant: org, email: user.email, nonce: nonce() };
  let isAcknowledged = false;
  const asked = node.beginLogin(login).finally(() => {
    isAcknowledged = true;
  });
  await until(async () => (await waiting('query')).some(({ query }) => query === 'COMMIT'), 20);
  await primary.stop('immediate');
  await primary.start();
  // Who asks what came of it waits for the standby in its turn.
  await until(async () => (await waiting('query')).some(({ query }) => query.includes('SET LOCAL lock_timeout')), 20);
  expect(isAcknowledged).toBe(false);
  await setStandby('');
  expect(await asked).toMatchObject({
    outcome: 'begun',
    user: { userId: user.userId, passwordHash: user.passwordHash },
  });
  expect(await node.beginLogin(login)).toEqual({ outcome: 'nonce_used' });
});

test('while no standby answers sessions are read, and beats leave no connection behind (R3)', async () => {
  const { primary, node, session, setStandby, waiting } = await withoutStandby();
  await setStandby('nobody');
  // Over several beats, each of which would have been given up.
  let reads = 0;
  await until(async () => {
    expect(await node.findSession(session.orgId, session.sessionId)).toMatchObject({ revokedAt: null });
    reads += 1;
    return reads === 20;
  }, 200);
  expect(await waiting('query')).toHaveLength(1);
  const look = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'authflow'`;
  expect((await primary.query(look, 'postgres')).length).toBeLessThanOrEqual(10);
  await node.close();
});
