import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { type Daemon, startDaemon } from './daemon.ts';
import { embeddedPostgres } from './embedded.ts';
import { freePort } from './free-port.ts';
import { initializePostgres, type PostgresOptions, type ServerPlace } from './initialize.ts';
import { createRoles, DATABASE, ROLES, type UrlOptions, urlOf } from './logins.ts';
import { readPostmaster } from './postmaster.ts';
import { freezeTree, gone, signal, thawTree, until } from './processes.ts';
import { handOver } from './unprivileged.ts';
import { endWithUs } from './watchdog.ts';

/** Where Debian puts the programs of PostgreSQL 15. */
export const DEBIAN_15 = '/usr/lib/postgresql/15/bin';

/** A new, empty PostgreSQL on a free port of 127.0.0.1, in a folder of its own; it ends with this process at the latest. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const bin = options.version === 'debian' ? debianPostgres() : await embeddedPostgres();
  const server = await PostgresServer.inNewFolder(bin);
  await initializePostgres(server, options);
  await server.start();
  await createRoles((sql, database) => server.query(sql, database));
  return server;
}

/** One PostgreSQL: its process, which may be stopped, killed, frozen and started again, its folder and its port. */
export class PostgresServer implements ServerPlace, AsyncDisposable {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly bin: string;
  /** Holds `data` and the log; also the folder of its Unix socket. */
  readonly folder: string;
  readonly #callOff: () => void;
  #postmaster: Daemon | null = null;

  private constructor(bin: string, folder: string, port: number) {
    this.bin = bin;
    this.folder = folder;
    this.port = port;
    this.#callOff = endWithUs(folder);
  }

  /** One whose data folder is still to be made. */
  static async inNewFolder(bin: string): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'authflow-postgres-'));
    handOver(folder);
    return new PostgresServer(bin, folder, await freePort());
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  /** As the owner of the database, by default. */
  url(options?: UrlOptions): string {
    return urlOf([this.port], options);
  }

  /** Runs a statement as the superuser. */
  async query<Row extends QueryResultRow>(sql: string, database = DATABASE): Promise<Row[]> {
    // By the Unix socket, which is there with and without TLS.
    const client = new Client({ host: this.folder, port: this.port, database, ...ROLES.admin });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Settles when it takes connections; throws with the end of its log where it does not come up. */
  async start(): Promise<void> {
    this.#postmaster = await startDaemon(
      { command: [join(this.bin, 'postgres'), '-D', this.data], folder: this.folder, log: join(this.folder, 'log') },
      (pid) => {
        const postmaster = readPostmaster(this.data);
        return postmaster?.pid === pid && postmaster.status === 'ready';
      },
    );
  }

  /** `fast` rolls back what is open and says goodbye; `immediate` is as a crash, but for its orderly end of processes. */
  async stop(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await this.#postmaster?.end(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
  }

  /** Every process at once, as when the machine loses its power; what the kernel was given is still written. */
  async kill(): Promise<void> {
    const pids = freezeTree(this.#pid());
    for (const pid of pids) {
      signal(pid, 'SIGKILL');
    }
    await gone(pids);
    // Until this process has heard of it, the id is there, and a postmaster that starts believes its lock.
    await until(() => this.#postmaster?.isOver() ?? true);
  }

  /** Stops every process where it is: connections stay open, and nothing answers. */
  freeze(): void {
    freezeTree(this.#pid());
  }

  /** Lets them all go on. */
  thaw(): void {
    thawTree(this.#pid());
  }

  /** What it has logged so far. */
  log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  /** Ends it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#postmaster !== null && !this.#postmaster.isOver()) {
      this.thaw();
      await this.stop('immediate');
    }
    rmSync(this.folder, { recursive: true, force: true });
    this.#callOff();
  }

  #pid(): number {
    if (this.#postmaster === null || this.#postmaster.isOver()) {
      throw new Error('PostgreSQL does not run');
    }
    return this.#postmaster.pid;
  }
}

function debianPostgres(): string {
  if (!existsSync(join(DEBIAN_15, 'postgres'))) {
    throw new Error('needs PostgreSQL 15: apt-get install postgresql-15');
  }
  return DEBIAN_15;
}
