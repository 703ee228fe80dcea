import { expect, onTestFinished, test, vi } from 'vitest';
import type { Storage } from '../../../src/domain/storage.ts';
import { type FaultProxy, startFaultProxy, type Target } from '../../support/postgres/fault-proxy.ts';
import { urlOf } from '../../support/postgres/logins.ts';
import { until } from '../../support/postgres/processes.ts';
import type { PostgresServer } from '../../support/postgres/server.ts';
import { addSession, MINUTE, NOW, populate } from '../fixtures.ts';
import { databaseAt, openNode } from './lab.ts';
import { beats, catchUp, pair, SCHEMA } from './pair.ts';

const TIMEOUTS = { statementTimeoutMs: 1_000, lockTimeoutMs: 500 };
const CALLS = 4;

async function proxyTo(target: Target): Promise<FaultProxy> {
  const proxy = await startFaultProxy(target);
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  return proxy;
}

/** So many at once that each has a connection of its own. */
function callsAtOnce(node: Storage, orgId: string, userId: string) {
  return Promise.all(Array.from({ length: CALLS }, () => node.findUser(orgId, userId)));
}

test('a former primary that was frozen and wakes up is asked for nothing by a node that was quiet: what ended elsewhere stays ended (R5)', async () => {
  const { primary, standby } = await pair();
  const toPrimary = await proxyTo(primary);
  const toStandby = await proxyTo(standby);
  const database = databaseAt(urlOf([primary.port, standby.port]), SCHEMA, TIMEOUTS);
  const quiet = await openNode({ ...database, hosts: [toPrimary, toStandby] });
  const other = await openNode(database);
  const { org, user } = await populate(other);
  const session = await addSession(other, org, user);
  const validate = () => quiet.findSession(session.orgId, session.sessionId);
  expect(await validate()).toMatchObject({ revokedAt: null });
  await callsAtOnce(quiet, org.orgId, user.userId);
  await beats(primary, 2);
  await catchUp(primary, standby);
  const former = [...toPrimary.connections];
  // Of calls, of look-ups, of the upkeep, and of the beat.
  expect(former.length).toBeGreaterThanOrEqual(CALLS + 2);
  primary.freeze();
  await standby.query('SELECT pg_promote()', 'postgres');
  await vi.waitFor(async () => expect(await other.endSession(session, NOW + MINUTE)).toBe('ended'), 60_000);
  // Its upkeep has met the frozen one, and has found the new one.
  await until(async () => toStandby.connections.size > 0);

  // None is left for whose silence a call would have to wait.
  await vi.waitFor(() => expect(former.filter(({ destroyed }) => !destroyed).length).toBe(0), 60_000);
  expect(await callsAtOnce(quiet, org.orgId, user.userId)).toHaveLength(CALLS);
  primary.thaw();
  expect(await validate()).toMatchObject({ revokedAt: NOW + MINUTE });
  // Who looked for the primary while it was frozen has found the other one first.
  await vi.waitFor(() => expect(toPrimary.connections.size).toBe(0), 60_000);
});

test.each([
  {
    what: 'frozen',
    leave: (primary: PostgresServer) => primary.freeze(),
    back: (primary: PostgresServer) => primary.thaw(),
  },
  { what: 'let take no writes', leave: refuseWrites, back: () => {} },
])('behind one address, too, whether it was $what (R5)', async ({ leave, back }) => {
  const { primary, standby } = await pair();
  const balancer = await proxyTo(primary);
  const quiet = await openNode(databaseAt(primary.url(), SCHEMA, { ...TIMEOUTS, hosts: [balancer] }));
  const other = await openNode(databaseAt(urlOf([primary.port, standby.port]), SCHEMA, TIMEOUTS));
  const { org, user } = await populate(other);
  const session = await addSession(other, org, user);
  const validate = () => quiet.findSession(session.orgId, session.sessionId);
  expect(await validate()).toMatchObject({ revokedAt: null });
  await beats(primary, 2);
  await catchUp(primary, standby);
  const former = [...balancer.connections];
  balancer.target = standby;
  await leave(primary);
  await standby.query('SELECT pg_promote()', 'postgres');
  await vi.waitFor(async () => expect(await other.endSession(session, NOW + MINUTE)).toBe('ended'), 60_000);
  // But for that of the beat, which waits for minutes, and for nobody.
  await vi.waitFor(() => expect(former.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(1), 60_000);
  await back(primary);
  expect(await validate()).toMatchObject({ revokedAt: NOW + MINUTE });
});

async function refuseWrites(primary: PostgresServer): Promise<void> {
  await primary.query('ALTER SYSTEM SET default_transaction_read_only = on', 'postgres');
  await primary.query('SELECT pg_reload_conf()', 'postgres');
}
