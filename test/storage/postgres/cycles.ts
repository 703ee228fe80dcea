import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { startPgBouncer } from '../../support/postgres/pgbouncer.ts';
import { until } from '../../support/postgres/processes.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { databaseAt, engineAt, openNode } from './lab.ts';
import { type Account, startTraffic, type Traffic } from './traffic.ts';

const CLIENTS_PER_NODE = 3;
const POLL_MS = 20;

/** What may befall a server. Each settles when it takes connections again. */
const FAULTS: Readonly<Record<string, (server: PostgresServer, traffic: Traffic) => Promise<void>>> = {
  async restarted(server) {
    await server.stop();
    await server.start();
  },
  async killed(server) {
    await server.kill();
    await server.start();
  },
  async frozen(server, traffic) {
    const before = traffic.refused();
    server.freeze();
    // Statements have timed out, and their connections are closed.
    await Promise.race([until(() => traffic.refused() >= before + CLIENTS_PER_NODE * 2, POLL_MS), traffic.met]);
    server.thaw();
  },
};

export interface CyclesOptions {
  readonly version: 'embedded' | 'debian';
  /** Whether the nodes reach it through PgBouncer. */
  readonly isPooled?: boolean;
  readonly cycles: number;
  /** Traffic without a fault after each, once a nonce was spent and a session ended. */
  readonly calmMs: number;
}

export interface CyclesReport extends Account {
  readonly cycles: number;
  /** From when the server took connections to when every client had an answer again, the longest, by fault. */
  readonly backMs: Readonly<Record<string, number>>;
}

/** A server that is restarted, killed and frozen in turn, while clients write and read through two nodes. */
export async function runCycles({ version, isPooled = false, cycles, calmMs }: CyclesOptions): Promise<CyclesReport> {
  const server = await startPostgres({ version });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const url = isPooled ? await pooled(server) : server.url();
  const timeouts = { statementTimeoutMs: 1_000, lockTimeoutMs: 500 };
  const database = databaseAt(url, 'authflow', { ...timeouts, namedStatements: !isPooled });
  await (await engineAt(database)).migrate();
  const nodes = [await openNode(database), await openNode(database)];
  const traffic = await startTraffic({ nodes, clientsPerNode: CLIENTS_PER_NODE });
  const backMs: Record<string, number> = {};
  await everyClientIsAnswered(traffic);
  await writesAreAcknowledged(traffic);
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    for (const [name, befall] of Object.entries(FAULTS).slice(cycle % 3, (cycle % 3) + 1)) {
      await befall(server, traffic);
      const since = performance.now();
      await everyClientIsAnswered(traffic);
      backMs[name] = Math.max(backMs[name] ?? 0, Math.round(performance.now() - since));
    }
    await writesAreAcknowledged(traffic);
    await pause(calmMs);
  }
  const account = await traffic.finish(await openNode(database));
  return { ...account, cycles, backMs };
}

async function pooled(server: PostgresServer): Promise<string> {
  const bouncer = await startPgBouncer(server);
  onTestFinished(() => bouncer[Symbol.asyncDispose]());
  return bouncer.url();
}

async function everyClientIsAnswered(traffic: Traffic): Promise<void> {
  const before = traffic.answered();
  const isAnswered = () => traffic.answered().every((answered, id) => answered > (before[id] ?? 0));
  await Promise.race([until(isAnswered, POLL_MS), traffic.met]);
}

/** However slow the machine is, the next fault befalls a server that has taken writes since the last one. */
async function writesAreAcknowledged(traffic: Traffic): Promise<void> {
  const before = traffic.acknowledged();
  const areMore = () => {
    const { nonces, endings } = traffic.acknowledged();
    return nonces > before.nonces && endings > before.endings;
  };
  await Promise.race([until(areMore, POLL_MS), traffic.met]);
}
