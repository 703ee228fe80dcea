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
