import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { type Daemon, startDaemon } from './daemon.ts';
import { freePort } from './free-port.ts';
import { COLLATION } from './initialize.ts';
import { DATABASE, type Login, ROLES, type UrlOptions, urlOf } from './logins.ts';
import { readPostmaster } from './postmaster.ts';
import { freezeTree, gone, isRunning, signal, thawTree } from './processes.ts';
import { DEBIAN_15 } from './server.ts';
import { handOverTree } from './unprivileged.ts';

/** A node whose processes are frozen takes connections and never answers. */
const ANSWER_TIMEOUT_MS = 500;

/**
 * How soon a primary that is gone is missed: Patroni wants loop_wait + 2 · retry_timeout ≤ ttl, in whole seconds, and a
 * machine that is busy with other tests must not miss a turn for so long.
 */
const TIMES = { ttl: 5, loop_wait: 1, retry_timeout: 2 };

export interface PatroniOptions {
  readonly name: string;
  /** The cluster's folder; the node's own is below it. */
  readonly folder: string;
  readonly etcdPort: number;
  /** Whether a write is answered only when a standby has it, too. */
  readonly synchronous: boolean;
}

/** One node of a Patroni cluster: Patroni and the PostgreSQL 15 that it keeps. */
export class PatroniNode {
  readonly name: string;
  readonly port: number;
  /** Of Patroni's REST interface. */
  readonly restPort: number;
  readonly folder: string;
  #patroni: Daemon | null = null;

  private constructor(name: string, folder: string, ports: readonly [number, number]) {
    this.name = name;
    this.folder = folder;
    [this.port, this.restPort] = ports;
  }

  /** One that is still to be started. */
  static async prepare(options: PatroniOptions): Promise<PatroniNode> {
    const folder = join(options.folder, options.name);
    const node = new PatroniNode(options.name, folder, [await freePort(), await freePort()]);
    mkdirSync(folder);
    // Which is YAML as well.
    writeFileSync(join(folder, 'patroni.yml'), JSON.stringify(configuration(node, options)));
    handOverTree(folder);
    return node;
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  /** Straight at this node, whatever it is at the moment. As the owner of the database, by default. */
  url(options?: UrlOptions): string {
    return urlOf([this.port], options);
  }

  /** Starts Patroni, which makes of PostgreSQL what the cluster lacks. Settles when that takes connections. */
  async start(): Promise<void> {
    this.#patroni = await startDaemon(
      { command: ['patroni', 'patroni.yml'], folder: this.folder, log: join(this.folder, 'patroni.log') },
      () => this.answers('/health'),
    );
  }

  /** Whether Patroni says yes: to `/primary` where this node is the primary, to `/sync` where it is the synchronous standby. */
  async answers(path: '/health' | '/primary' | '/replica' | '/sync'): Promise<boolean> {
    try {
      const url = `http://127.0.0.1:${this.restPort}${path}`;
      return (await fetch(url, { method: 'OPTIONS', signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })).ok;
    } catch {
      return false;
    }
  }

  /** Whether it is the primary and takes writes: Patroni says so a moment before, while PostgreSQL is still promoted. */
  async takesWrites(): Promise<boolean> {
    if (!(await this.answers('/primary'))) {
      return false;
    }
    const rows = await this.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby', 'postgres').catch(
      () => [],
    );
    return rows[0]?.standby === false;
  }

  /** Runs a statement as the superuser at this node. */
  async query<Row extends QueryResultRow>(sql: string, database = DATABASE): Promise<Row[]> {
    const client = new Client({ host: '127.0.0.1', port: this.port, database, ...ROLES.admin });
    // It may be killed meanwhile, which the statement's own failure tells.
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Patroni and PostgreSQL at once, as when the machine loses its power; what the kernel was given is still written. */
  async kill(): Promise<void> {
    const pids = this.freeze();
    for (const pid of pids) {
      signal(pid, 'SIGKILL');
    }
    await gone(pids);
  }

  /** Stops Patroni and PostgreSQL where they are: connections stay open, and nothing answers. Gives their ids. */
  freeze(): number[] {
    return this.#roots().flatMap(freezeTree);
  }

  /** Lets them go on: a primary that was replaced meanwhile does not know it yet. */
  thaw(): void {
    // The other way around, so that PostgreSQL is heard for a moment before Patroni knows better: the worse of the two.
    for (const pid of this.#roots().reverse()) {
      thawTree(pid);
    }
  }

  /** Ends Patroni, and PostgreSQL with it. */
  async stop(): Promise<void> {
    await this.#patroni?.end('SIGTERM');
  }

  #roots(): number[] {
    const patroni = this.#patroni?.isOver() === false ? [this.#patroni.pid] : [];
    const postmaster = readPostmaster(this.data)?.pid;
    return postmaster !== undefined && isRunning(postmaster) ? [...patroni, postmaster] : patroni;
  }
}

function configuration(node: PatroniNode, { etcdPort, synchronous }: PatroniOptions): object {
  const address = `127.0.0.1:${node.port}`;
  const restAddress = `127.0.0.1:${node.restPort}`;
  const login = ({ user, password }: Login) => ({ username: user, password });
  return {
    scope: 'authflow',
    name: node.name,
    // Not `etcd3`: there Patroni 3.0.2 renews its lock by an unconditional write, so that a primary which was frozen takes the
    // lock back from its successor (`_update_leader` in its dcs/etcd3.py), and what that one answered is lost.
    etcd: { hosts: `127.0.0.1:${etcdPort}` },
    restapi: { listen: restAddress, connect_address: restAddress },
    bootstrap: {
      dcs: {
        ...TIMES,
        synchronous_mode: synchronous,
        // Without it a primary that has lost its standbys answers writes alone.
        synchronous_mode_strict: synchronous,
        postgresql: { use_pg_rewind: true, use_slots: true, parameters: { max_connections: 200, wal_log_hints: 'on' } },
      },
      initdb: Object.entries(COLLATION).map(([name, value]) => ({ [name]: value })),
    },
    postgresql: {
      listen: address,
      connect_address: address,
      bin_dir: DEBIAN_15,
      data_dir: node.data,
      pgpass: join(node.folder, 'pgpass'),
      authentication: {
        superuser: login(ROLES.admin),
        rewind: login(ROLES.admin),
        replication: { username: 'replicator', password: 'replicators-password' },
      },
      parameters: {
        unix_socket_directories: node.folder,
        shared_buffers: '64MB',
        // Five seconds by default, for which a standby that lost its primary does not ask the next one, and no write is confirmed.
        wal_retrieve_retry_interval: '100ms',
      },
      pg_hba: ['local all all scram-sha-256', 'host all,replication all 127.0.0.1/32 scram-sha-256'],
      // A node that cannot be led back to the others' history is copied anew.
      remove_data_directory_on_rewind_failure: true,
      remove_data_directory_on_diverged_timelines: true,
    },
    watchdog: { mode: 'off' },
  };
}
