import { expect, onTestFinished, test, vi } from 'vitest';
import { startFaultProxy } from '../../support/postgres/fault-proxy.ts';
import { startPostgres } from '../../support/postgres/server.ts';
import { populate } from '../fixtures.ts';
import { runCycles } from './cycles.ts';
import { databaseAt, engineAt, isPooledUnderTest, openNode, versionUnderTest } from './lab.ts';

const CYCLES = 20;

test(`a server that is restarted, killed and frozen ${CYCLES} times loses nothing that was acknowledged, and takes no nonce twice (R5)`, async () => {
  const report = await runCycles({
    version: versionUnderTest(),
    isPooled: isPooledUnderTest(),
    cycles: CYCLES,
    calmMs: 20,
  });
  expect(report.nonces).toBeGreaterThan(CYCLES);
  expect(report.endings).toBeGreaterThan(CYCLES);
}, 600_000);

test('a frozen server answers nothing when it wakes up: the connections that waited for it are closed (R5)', async () => {
  const server = await startPostgres({ version: versionUnderTest() });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const proxy = await startFaultProxy(server);
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const direct = databaseAt(server.url(), 'authflow', { statementTimeoutMs: 1_000, lockTimeoutMs: 500 });
  await (await engineAt(direct)).migrate();
  const node = await openNode({ ...direct, hosts: [proxy] });
  const { org, user } = await populate(node);
  await node.findSession(org.orgId, 'none');
  const connections = [...proxy.connections];
  expect(connections.length).toBeGreaterThanOrEqual(2);
  server.freeze();
  const asked = [
    node.findUser(org.orgId, user.userId),
    node.findSession(org.orgId, 'none'),
    node.disableUser(org.orgId, user.userId, 1),
  ];
  for (const call of await Promise.allSettled(asked)) {
    expect(call).toMatchObject({ status: 'rejected', reason: { reason: 'UNAVAILABLE' } });
  }
  expect(connections.filter((connection) => !connection.destroyed)).toEqual([]);
  server.thaw();
  const found = await vi.waitFor(() => node.findUser(org.orgId, user.userId), 60_000);
  expect(found).toMatchObject({ disabledAt: null });
});

test('a store over a frozen server closes', async () => {
  const server = await startPostgres({ version: versionUnderTest() });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const database = databaseAt(server.url(), 'authflow', { statementTimeoutMs: 1_000 });
  await (await engineAt(database)).migrate();
  const node = await openNode(database);
  await populate(node);
  server.freeze();
  await node.close();
  server.thaw();
});
