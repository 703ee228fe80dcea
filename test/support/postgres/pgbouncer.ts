import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { until } from './processes.ts';
import { type Login, type PostgresServer, ROLES } from './server.ts';
import { handOver, handOverTree, UNPRIVILEGED } from './unprivileged.ts';
import { endWithUs } from './watchdog.ts';

/** Where Debian puts it. */
export const DEBIAN_PGBOUNCER = '/usr/sbin/pgbouncer';

export interface PgBouncer extends AsyncDisposable {
  /** As the owner of the database, by default. */
  url(options?: Partial<Login> & { readonly database?: string }): string;
  log(): string;
}

/**
 * Debian's PgBouncer 1.18 in transaction mode in front of a server: each transaction may run on another connection. What
 * a session keeps (named statements, SET, advisory locks) is another's at the next one.
 */
export async function startPgBouncer(server: PostgresServer): Promise<PgBouncer> {
  if (!existsSync(DEBIAN_PGBOUNCER)) {
    throw new Error('needs PgBouncer: apt-get install pgbouncer');
  }
  const folder = mkdtempSync(join(tmpdir(), 'authflow-pgbouncer-'));
  const port = await freePort();
  const logins = Object.values(ROLES).map(({ user, password }) => `"${user}" "${password}"\n`);
  writeFileSync(join(folder, 'users.txt'), logins.join(''), { mode: 0o600 });
  writeFileSync(join(folder, 'pgbouncer.ini'), configuration(server, port));
  handOver(folder);
  handOverTree(folder);
  const callOff = endWithUs(folder);
  const bouncer = spawn(DEBIAN_PGBOUNCER, ['pgbouncer.ini'], {
    ...UNPRIVILEGED,
    cwd: folder,
    stdio: 'ignore',
    detached: true,
  });
  bouncer.unref();
  await once(bouncer, 'spawn');
  const log = () => readFileSync(join(folder, 'log'), 'utf8');
  await until(async () => isOver(bouncer) || (await listensOn(port)));
  if (isOver(bouncer)) {
    throw new Error(`PgBouncer did not start:\n${log()}`);
  }
  return {
    url({ user, password, database = 'authflow' } = {}) {
      const login = { user: user ?? ROLES.owner.user, password: password ?? ROLES.owner.password };
      return `postgres://${login.user}:${login.password}@127.0.0.1:${port}/${database}`;
    },
    log,
    async [Symbol.asyncDispose]() {
      const exited = once(bouncer, 'exit');
      bouncer.ref();
      bouncer.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
      callOff();
    },
  };
}

function configuration(server: PostgresServer, port: number): string {
  return `[databases]
* = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = users.txt
logfile = log
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 40
`;
}

async function listensOn(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
