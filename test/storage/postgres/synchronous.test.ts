import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { NewUser } from '../../../src/domain/auth/storage.ts';
import type { AuthError } from '../../../src/domain/errors.ts';
import { runHere } from '../../cli/captured-terminal.ts';
import { ADMIN_TOKEN } from '../../support/admin-token.ts';
import { until } from '../../support/postgres/processes.ts';
import { startReplica } from '../../support/postgres/replica.ts';
import { startPostgres } from '../../support/postgres/server.ts';
import { addOrganization, addSession, loginAttempt, NOW, newUser, populate } from '../fixtures.ts';
import { databaseAt, engineAt, openNode, versionUnderTest } from './lab.ts';

/** A primary that waits for its standby, and a node on it. */
async function withStandby() {
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
  return { primary, standby, database, isSynchronous, node };
}

test('while a synchronous standby does not answer no write is acknowledged, sessions are read, and each write is done once (R5)', async () => {
  const { primary, standby, isSynchronous, node } = await withStandby();
  const { org, user } = await populate(node);
  const session = await addSession(node, org, user);

  standby.freeze();
  const created = newUser(org);
  const login = loginAttempt(org, user);
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

test('doctor --production sees a standby that is waited for', async () => {
  const { primary } = await withStandby();
  const environment = {
    AUTHFLOW_DATABASE_URL: primary.url(),
    AUTHFLOW_DATABASE_SCHEMA: 'authflow',
    AUTHFLOW_SECRET: 's'.repeat(32),
    AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN,
  };
  const { stdout } = await runHere(['doctor', '--production', '--json'], environment);
  expect(JSON.parse(stdout)).toEqual(
    expect.arrayContaining([
      { check: 'synchronous standby', ok: true, detail: '*' },
      { check: 'database connection', ok: true, detail: 'clear text within this machine' },
    ]),
  );
});

/** A primary that waits for a standby which never comes, and a node on it. */
async function withoutStandby() {
  const primary = await startPostgres({ version: versionUnderTest() });
  onTestFinished(() => primary[Symbol.asyncDispose]());
  // Longer than a busy machine takes for a statement, and shorter than a call.
  const database = databaseAt(primary.url(), 'authflow', { statementTimeoutMs: 3_000, lockTimeoutMs: 500 });
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
  /** Fails where the write is answered before. */
  const untilWaits = async (write: Promise<unknown>, isIt: (query: string) => boolean) => {
    let answered: unknown = null;
    write.then(
      (answer) => {
        answered = { answer };
      },
      (error: unknown) => {
        answered = { error };
      },
    );
    await until(async () => {
      expect(answered).toBeNull();
      return (await waiting('query')).some(({ query }) => isIt(query));
    }, 20);
  };
  return { primary, database, node, org, user, session, setStandby, waiting, untilWaits };
}

test.each([
  { what: 'is terminated', breakOff: 'pg_terminate_backend(pid)' },
  { what: 'is cancelled', breakOff: 'pg_cancel_backend(pid)' },
])(
  'a COMMIT whose wait for a standby $what is acknowledged by nobody, though it is seen (R5)',
  async ({ breakOff }) => {
    const { node, org, user, setStandby, waiting, untilWaits } = await withoutStandby();
    await setStandby('nobody');
    const login = loginAttempt(org, user);
    const asked = node.beginLogin(login).catch((error: unknown) => error);
    await untilWaits(asked, (query) => query === 'COMMIT');
    await waiting(breakOff);
    expect(await asked).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    await setStandby('');
    expect(await node.beginLogin(login)).toEqual({ outcome: 'nonce_used' });
  },
);

test('a COMMIT that waits for a standby as the server crashes is acknowledged once a standby has it (R5)', async () => {
  const { primary, node, org, user, setStandby, untilWaits } = await withoutStandby();
  await setStandby('nobody');
  const login = loginAttempt(org, user);
  let isAcknowledged = false;
  const asked = node.beginLogin(login).finally(() => {
    isAcknowledged = true;
  });
  await untilWaits(asked, (query) => query === 'COMMIT');
  await primary.stop('immediate');
  await primary.start();
  // Who asks what came of it waits for the standby in its turn.
  await untilWaits(asked, (query) => query.includes('SET LOCAL lock_timeout'));
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

test('while the synchronous standby is dead writes are refused at once, and few backends wait; once it is back they pass (R3, R5)', async () => {
  const { primary, standby, database, node } = await withStandby();
  const { org } = await populate(node);
  const orgs = [org, await addOrganization(node), await addOrganization(node)];
  const reasons = new Map<NewUser, string>();
  const write = async (index: number) => {
    const user = newUser(orgs[index % orgs.length] ?? org);
    const outcome = await node.createUser(user).catch((error: AuthError) => {
      // What it may be told of one that was refused.
      expect(error.reason === 'UNAVAILABLE' ? error.cause : null).toEqual(
        error.reason === 'UNAVAILABLE' ? expect.objectContaining({ name: 'StandbyMissingError' }) : null,
      );
      return error.reason;
    });
    reasons.set(user, outcome);
    return outcome;
  };

  await standby.kill();
  const writers = Array.from({ length: 12 }, async (_, index) => {
    // Long after every one of them could have left a backend behind each second.
    for (let refused = 0; refused < 40; ) {
      refused += (await write(index)) === 'UNAVAILABLE' ? 1 : 0;
    }
  });
  let most = 0;
  let areDone = false;
  void Promise.all(writers).then(() => {
    areDone = true;
  });
  await until(async () => {
    const [row] = await primary.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event = 'SyncRep'`,
      'postgres',
    );
    most = Math.max(most, row?.n ?? 0);
    return areDone;
  }, 50);
  await Promise.all(writers);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(database.poolSize);

  await standby.start();
  await until(async () => (await write(0)) === 'created', 50);
  expect(await Promise.all(orgs.map((_, index) => write(index)))).toEqual(['created', 'created', 'created']);
  const told = [...reasons.values()];
  expect(new Set(told)).toEqual(new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'created']));
  for (const [user, outcome] of reasons) {
    // Of one that was refused nothing was done, and of one that was acknowledged all.
    const again = await node.createUser({ ...user, userId: randomUUID() });
    expect([outcome, again]).not.toEqual(['created', 'created']);
    expect([outcome, again]).not.toEqual(['UNAVAILABLE', 'user_exists']);
  }
});
