import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueryResultRow } from 'pg';
import { type Daemon, listensOn, startDaemon } from './daemon.ts';
import { freePort } from './free-port.ts';
import { createRoles, type UrlOptions, urlOf } from './logins.ts';
import { PatroniNode } from './patroni.ts';
import { signal, until } from './processes.ts';
import { handOver, handOverTree } from './unprivileged.ts';
import { endWithUs } from './watchdog.ts';

/** Where Debian puts it, which is not on everybody's PATH. */
export const DEBIAN_HAPROXY = '/usr/sbin/haproxy';

export interface ClusterOptions {
  /**
   * True: `synchronous_mode_strict`, so that a write is answered when a standby has it, too, and not at all while none
   * is left. False: what no standby has received is lost with the primary.
   */
  readonly synchronous: boolean;
}

/** The one that fails, one that takes over, and one that writes are confirmed by then. */
const NAMES = ['one', 'two', 'three'] as const;

/**
 * Three nodes of Debian's PostgreSQL 15 under Patroni 3, with etcd, and HAProxy in front: all on free ports of 127.0.0.1, in
 * a folder of its own, as an unprivileged user. Settles when every node follows the primary. It ends with this process at
 * the latest.
 */
export async function startCluster({ synchronous }: ClusterOptions): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'authflow-cluster-'));
  handOver(folder);
  const callOff = endWithUs(folder);
  const etcdPort = await freePort();
  const etcd = await startEtcd(folder, etcdPort);
  const nodes = await Promise.all(NAMES.map((name) => PatroniNode.prepare({ name, folder, etcdPort, synchronous })));
  const port = await freePort();
  const haproxy = await startHaproxy(folder, port, nodes);
  const cluster = new Cluster({ folder, port, nodes, synchronous, daemons: [haproxy, etcd], callOff });
  const [first, ...others] = nodes;
  await first?.start();
  await until(() => first?.takesWrites() ?? false);
  await Promise.all(others.map((node) => node.start()));
  await cluster.isWhole();
  await createRoles((sql, database) => cluster.query(sql, database));
  return cluster;
}

interface ClusterParts {
  readonly folder: string;
  readonly port: number;
  readonly nodes: readonly PatroniNode[];
  readonly synchronous: boolean;
  readonly daemons: readonly Daemon[];
  readonly callOff: () => void;
}

/** A PostgreSQL that fails over. Nothing tells a client which node is the primary but HAProxy, or asking each. */
export class Cluster implements AsyncDisposable {
  readonly nodes: readonly PatroniNode[];
  readonly #parts: ClusterParts;

  constructor(parts: ClusterParts) {
    this.nodes = parts.nodes;
    this.#parts = parts;
  }

  /** Through HAProxy, which leads to the primary and cuts connections to one that is no longer. */
  url(options?: UrlOptions): string {
    return urlOf([this.#parts.port], options);
  }

  /** Every node: the client finds the primary by itself. */
  multiHostUrl(options?: UrlOptions): string {
    return urlOf(
      this.nodes.map(({ port }) => port),
      options,
    );
  }

  /** Settles when there is one that takes writes. */
  async primary(): Promise<PatroniNode> {
    let primary: PatroniNode | undefined;
    await until(async () => {
      const answers = await Promise.all(this.nodes.map((node) => node.takesWrites()));
      primary = this.nodes.find((_, index) => answers[index]);
      return primary !== undefined;
    });
    return primary as PatroniNode;
  }

  /** Settles when a write is answered: in a synchronous cluster that is when the new primary has found a standby, too. */
  async answersWrites(): Promise<void> {
    const write = `SELECT pg_logical_emit_message(true, 'test', 'is anybody there')`;
    await until(() =>
      this.query(write, 'postgres').then(
        () => true,
        () => false,
      ),
    );
  }

  /** Runs a statement as the superuser at the primary. */
  async query<Row extends QueryResultRow>(sql: string, database?: string): Promise<Row[]> {
    return (await this.primary()).query<Row>(sql, database);
  }

  /** The whole node at once. Gives which it was: `start` brings it back as a standby. */
  async killPrimary(): Promise<PatroniNode> {
    const primary = await this.primary();
    await primary.kill();
    return primary;
  }

  /** The whole node stays where it is. Gives which it was: `thaw` lets it go on, and it finds itself replaced. */
  async freezePrimary(): Promise<PatroniNode> {
    const primary = await this.primary();
    primary.freeze();
    return primary;
  }

  /** The primary sends its standbys nothing more: an asynchronous one loses with it what is written from here on. */
  async holdReplication(): Promise<void> {
    const senders = await this.query<{ pid: number }>('SELECT pid FROM pg_stat_replication');
    for (const { pid } of senders) {
      signal(pid, 'SIGSTOP');
    }
  }

  /** Settles when every node follows the primary, and one of them confirms its writes where the cluster is synchronous. */
  async isWhole(): Promise<void> {
    const synchronous = this.#parts.synchronous ? 1 : 0;
    await until(async () => {
      const standbys = await this.query<{ sync_state: string }>(
        `SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming' AND application_name <> 'pg_basebackup'`,
        'postgres',
      ).catch(() => []);
      const confirming = standbys.filter(({ sync_state }) => sync_state === 'sync').length;
      return standbys.length === this.nodes.length - 1 && confirming === synchronous;
    });
  }

  /** Ends all of it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { daemons, folder, callOff } = this.#parts;
    await Promise.all(this.nodes.map((node) => node.kill()));
    await Promise.all(daemons.map((daemon) => daemon.end('SIGTERM')));
    rmSync(folder, { recursive: true, force: true });
    callOff();
  }
}

async function startEtcd(folder: string, port: number): Promise<Daemon> {
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  const command = [
    'etcd',
    '--name=etcd',
    '--data-dir=etcd',
    // Whose compare-and-swap Patroni keeps its lock by.
    '--enable-v2',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=etcd=${peer}`,
  ] as const;
  const isReady = async () => (await fetch(`${client}/health`).catch(() => null))?.ok ?? false;
  return startDaemon({ command: [...command], folder, log: join(folder, 'etcd.log') }, isReady);
}

async function startHaproxy(folder: string, port: number, nodes: readonly PatroniNode[]): Promise<Daemon> {
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    `global
  maxconn 1000
defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  timeout check 500ms
listen primary
  bind 127.0.0.1:${port}
  option httpchk OPTIONS /primary
  http-check expect status 200
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
${nodes.map((node) => `  server ${node.name} 127.0.0.1:${node.port} check port ${node.restPort}\n`).join('')}`,
  );
  handOverTree(folder);
  return startDaemon(
    // In the foreground, one process.
    { command: [DEBIAN_HAPROXY, '-db', '-f', 'haproxy.cfg'], folder, log: join(folder, 'haproxy.log') },
    () => listensOn(port),
  );
}
