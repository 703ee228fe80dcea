import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, type QueryResultRow } from 'pg';
import { CERTIFICATES } from '../certificates.js';
import { embeddedPostgres } from './embedded.ts';
import { freePort } from './free-port.ts';
import { childrenOf, gone, signal, until } from './processes.ts';
import { handOver, UNPRIVILEGED } from './unprivileged.ts';
import { endWithUs } from './watchdog.ts';

/** Where Debian puts the programs of PostgreSQL 15. */
export const DEBIAN_15 = '/usr/lib/postgresql/15/bin';

/** Who may sign in, each with a password. */
export const ROLES = {
  /** The superuser. */
  admin: { user: 'postgres', password: 'admins-password' },
  /** Owns the database `authflow`, and may do no more: what the manual asks for. */
  owner: { user: 'authflow', password: 'owners-password' },
  /** May connect, and may create nothing. */
  stranger: { user: 'stranger', password: 'strangers-password' },
} as const;

export interface PostgresOptions {
  /** `embedded` is npm's PostgreSQL 18, which needs nothing of the machine; `debian` is Debian's 15. */
  readonly version?: 'embedded' | 'debian';
  /** Survives the loss of its machine, for tests of crashes; by default nothing is flushed, which is faster. */
  readonly durable?: boolean;
  /** Only encrypted connections are let in, under `CERTIFICATES.server`; by default none is. */
  readonly tls?: boolean;
  /** Further lines of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** The one that each server has. */
const DATABASE = 'authflow';
const run = promisify(execFile);

/** A new, empty PostgreSQL on a free port of 127.0.0.1, in a folder of its own; it ends with this process at the latest. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const bin = await programs(options.version ?? 'embedded');
  const folder = mkdtempSync(join(tmpdir(), 'authflow-postgres-'));
  handOver(folder);
  const server = new PostgresServer(bin, folder, await freePort());
  await initialize(server, options);
  await server.start();
  await createRoles(server);
  return server;
}

/** One PostgreSQL: its process, which may be stopped, killed, frozen and started again, its folder and its port. */
export class PostgresServer implements AsyncDisposable {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly bin: string;
  /** Holds `data` and the log; also the folder of its Unix socket. */
  readonly folder: string;
  readonly #callOff: () => void;
  #postmaster: ChildProcess | null = null;

  constructor(bin: string, folder: string, port: number) {
    this.bin = bin;
    this.folder = folder;
    this.port = port;
    this.#callOff = endWithUs(folder);
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  /** As the owner of the database, by default. */
  url({ user, password, database = DATABASE }: Partial<Login> & { readonly database?: string } = {}): string {
    const login = { ...ROLES.owner, ...(user !== undefined && { user }), ...(password !== undefined && { password }) };
    return `postgres://${login.user}:${login.password}@${this.host}:${this.port}/${database}`;
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
    const log = openSync(join(this.folder, 'log'), 'a');
    const postmaster = spawn(join(this.bin, 'postgres'), ['-D', this.data], {
      ...UNPRIVILEGED,
      cwd: this.folder,
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', log, log],
      // In a session of its own: Ctrl-C is for the tests, and its watchdog follows them.
      detached: true,
    });
    closeSync(log);
    postmaster.unref();
    await once(postmaster, 'spawn');
    this.#postmaster = postmaster;
    await until(() => isOver(postmaster) || this.#isReady());
    if (isOver(postmaster)) {
      throw new Error(`PostgreSQL did not start:\n${this.log().slice(-2_000)}`);
    }
  }

  /** `fast` rolls back what is open and says goodbye; `immediate` is as a crash, but for its orderly end of processes. */
  async stop(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const postmaster = this.#postmaster;
    if (postmaster === null || isOver(postmaster)) {
      return;
    }
    const exited = once(postmaster, 'exit');
    postmaster.ref();
    postmaster.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await exited;
  }

  /** Every process at once, as when the machine loses its power; what the kernel was given is still written. */
  async kill(): Promise<void> {
    const pids = this.freeze();
    for (const pid of pids) {
      signal(pid, 'SIGKILL');
    }
    await gone(pids);
  }

  /** Stops every process where it is: connections stay open, and nothing answers. Gives their ids. */
  freeze(): number[] {
    const postmaster = this.#pid();
    // First the one that makes the others.
    signal(postmaster, 'SIGSTOP');
    const children = childrenOf(postmaster);
    for (const pid of children) {
      signal(pid, 'SIGSTOP');
    }
    return [...children, postmaster];
  }

  /** Lets them all go on. */
  thaw(): void {
    const postmaster = this.#pid();
    for (const pid of [...childrenOf(postmaster), postmaster]) {
      signal(pid, 'SIGCONT');
    }
  }

  /** What it has logged so far. */
  log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  /** Ends it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#postmaster !== null && !isOver(this.#postmaster)) {
      this.thaw();
      await this.stop('immediate');
    }
    rmSync(this.folder, { recursive: true, force: true });
    this.#callOff();
  }

  #pid(): number {
    if (this.#postmaster?.pid === undefined || isOver(this.#postmaster)) {
      throw new Error('PostgreSQL does not run');
    }
    return this.#postmaster.pid;
  }

  /** The eighth line of postmaster.pid is what pg_ctl waits for. */
  #isReady(): boolean {
    const file = join(this.data, 'postmaster.pid');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    return lines[0] === String(this.#postmaster?.pid) && lines[7]?.trim() === 'ready';
  }
}

async function programs(version: 'embedded' | 'debian'): Promise<string> {
  if (version === 'embedded') {
    return embeddedPostgres();
  }
  if (!existsSync(join(DEBIAN_15, 'postgres'))) {
    throw new Error('needs PostgreSQL 15: apt-get install postgresql-15');
  }
  return DEBIAN_15;
}

async function initialize(server: PostgresServer, options: PostgresOptions): Promise<void> {
  const passwordFile = join(server.folder, 'password');
  write(passwordFile, `${ROLES.admin.password}\n`);
  await run(
    join(server.bin, 'initdb'),
    [
      `--pgdata=${server.data}`,
      `--username=${ROLES.admin.user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Sorts as people do, not by bytes: a statement that leans on the database's order shows itself.
      '--locale-provider=icu',
      '--icu-locale=en-US',
      '--locale=C.UTF-8',
      '--no-sync',
    ],
    { ...UNPRIVILEGED, cwd: server.folder },
  );
  rmSync(passwordFile);
  if (options.tls) {
    write(join(server.data, 'server.crt'), CERTIFICATES.server.cert);
    write(join(server.data, 'server.key'), CERTIFICATES.server.key);
  }
  writeFileSync(join(server.data, 'postgresql.auto.conf'), settingsFile(server, options));
  const who = options.tls ? 'hostssl' : 'host';
  writeFileSync(
    join(server.data, 'pg_hba.conf'),
    ['local all all scram-sha-256', `${who} all,replication all 127.0.0.1/32 scram-sha-256`, ''].join('\n'),
  );
}

function settingsFile(
  server: PostgresServer,
  { durable = false, tls = false, settings = {} }: PostgresOptions,
): string {
  const lines = {
    listen_addresses: server.host,
    port: String(server.port),
    unix_socket_directories: server.folder,
    // Some thirty stores at once, each with a pool of ten at most, and the tests' own look-ups.
    max_connections: '400',
    shared_buffers: '64MB',
    fsync: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    ssl: tls ? 'on' : 'off',
    ...settings,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join('');
}

async function createRoles(server: PostgresServer): Promise<void> {
  for (const { user, password } of [ROLES.owner, ROLES.stranger]) {
    await server.query(`CREATE ROLE ${user} LOGIN PASSWORD '${password}'`, 'postgres');
  }
  await server.query(`CREATE DATABASE ${DATABASE} OWNER ${ROLES.owner.user}`, 'postgres');
}

/** Only for the user that PostgreSQL runs as, which it insists on for a key. */
function write(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  handOver(file);
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
