import { expect, onTestFinished, test } from 'vitest';
import { databaseAt, engineAt, openNode } from '../storage/postgres/lab.ts';
import { type Seen, startTraffic, type Traffic } from '../storage/postgres/traffic.ts';
import { type Cluster, startCluster } from '../support/postgres/cluster.ts';
import { needsCluster } from '../support/postgres/needs.ts';
import { until } from '../support/postgres/processes.ts';

const CLIENTS_PER_NODE = 3;

/** A store on a cluster, with one node that finds the primary itself and one that goes through HAProxy. */
async function nodesOf(cluster: Cluster) {
  const databases = [cluster.multiHostUrl(), cluster.url()].map((url) => databaseAt(url, 'authflow'));
  const lost: number[] = [];
  const observer = {
    watchConnections() {},
    connectionFailed() {},
    storeGone() {},
    writesLost: (endings: number) => lost.push(endings),
    endingNotRepeated() {},
  };
  const [direct] = databases;
  if (direct === undefined) {
    throw new Error('no database');
  }
  await (await engineAt(direct)).migrate();
  const nodes = await Promise.all(databases.map((database) => openNode(database, { observer })));
  return { nodes, lost, check: () => openNode(direct) };
}

test('with a synchronous standby a primary that is killed, and one that is frozen, lose nothing that was acknowledged (R5)', async (context) => {
  needsCluster(context);
  const cluster = await startCluster({ synchronous: true });
  onTestFinished(() => cluster[Symbol.asyncDispose]());
  const { nodes, lost, check } = await nodesOf(cluster);
  const traffic = await startTraffic({ nodes, clientsPerNode: CLIENTS_PER_NODE });
  await everyClientIsAnswered(traffic);

  const killedAt = performance.now();
  const killed = await cluster.killPrimary();
  report('killed', traffic.seen, killedAt, await backAfter(cluster, traffic));
  await killed.start();
  await cluster.isWhole();

  const frozenAt = performance.now();
  const frozen = await cluster.freezePrimary();
  report('frozen', traffic.seen, frozenAt, await backAfter(cluster, traffic));
  frozen.thaw();
  await cluster.isWhole();
  await everyClientIsAnswered(traffic);

  const account = await traffic.finish(await check());
  console.log(JSON.stringify(account));
  expect(account.nonces).toBeGreaterThan(0);
  expect(lost).toEqual([]);
});

test('with an asynchronous standby the loss is noticed by each node, and no nonce is taken twice (R5)', async (context) => {
  needsCluster(context);
  const cluster = await startCluster({ synchronous: false });
  onTestFinished(() => cluster[Symbol.asyncDispose]());
  const { nodes, lost } = await nodesOf(cluster);
  const traffic = await startTraffic({ nodes, clientsPerNode: CLIENTS_PER_NODE, mayLose: true });
  await everyClientIsAnswered(traffic);
  await cluster.holdReplication();
  await everyClientIsAnswered(traffic);
  const killedAt = performance.now();
  await cluster.killPrimary();
  await cluster.answersWrites();
  await until(() => lost.length >= nodes.length);
  report('lost', traffic.seen, killedAt, {});
  const spent = await traffic.stop();
  for (const node of nodes) {
    for (const attempt of spent) {
      const { outcome } = await node.beginLogin(attempt);
      expect(['nonce_invalid', 'nonce_used']).toContain(outcome);
    }
  }
});

/** Milliseconds from the first write that the new primary takes to when each client was answered. */
async function backAfter(cluster: Cluster, traffic: Traffic): Promise<{ readonly backMs: number }> {
  await cluster.answersWrites();
  const since = performance.now();
  await everyClientIsAnswered(traffic);
  return { backMs: Math.round(performance.now() - since) };
}

async function everyClientIsAnswered(traffic: Traffic): Promise<void> {
  const before = traffic.answered();
  await until(() => traffic.answered().every((answered, id) => answered > (before[id] ?? 0) + 1));
}

/** What callers saw, second by second of when they called. */
function report(what: string, seen: readonly Seen[], since: number, more: object): void {
  const table: Record<number, Record<string, number>> = {};
  for (const { at, took, outcome } of seen) {
    const second = Math.floor((at - since) / 1_000);
    if (second < -2) {
      continue;
    }
    table[second] ??= { longestMs: 0 };
    const row = table[second];
    row[outcome] = (row[outcome] ?? 0) + 1;
    row.longestMs = Math.max(row.longestMs ?? 0, Math.round(took));
  }
  console.log(what, JSON.stringify(more));
  for (const [second, row] of Object.entries(table).toSorted(([a], [b]) => Number(a) - Number(b))) {
    console.log(what, second, JSON.stringify(row));
  }
}
