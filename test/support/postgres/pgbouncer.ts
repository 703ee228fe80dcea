import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listensOn, startDaemon } from './daemon.ts';
import type { Target } from './fault-proxy.ts';
import { freePort } from './free-port.ts';
import { ROLES, type UrlOptions, urlOf } from './logins.ts';
import { handOverTree } from './unprivileged.ts';
import { endWithUs } from './watchdog.ts';

/** Where Debian puts it. */
export const DEBIAN_PGBOUNCER = '/usr/sbin/pgbouncer';

export interface PgBouncer extends AsyncDisposable {
  /** As the owner of the database, by default. */
  url(options?: UrlOptions): string;
}

/**
 * Debian's PgBouncer 1.18 in transaction mode in front of a server: each transaction may run on another connection. What
 * a session keeps (named statements, SET, advisory locks) is another's at the next one.
 */
export async function startPgBouncer(server: Target): Promise<PgBouncer> {
  if (!existsSync(DEBIAN_PGBOUNCER)) {
    throw new Error('needs PgBouncer: apt-get install pgbouncer');
  }
  const folder = mkdtempSync(join(tmpdir(), 'authflow-pgbouncer-'));
  const port = await freePort();
  const logins = Object.values(ROLES).map(({ user, password }) => `"${user}" "${password}"\n`);
  writeFileSync(join(folder, 'users.txt'), logins.join(''), { mode: 0o600 });
  writeFileSync(join(folder, 'pgbouncer.ini'), configuration(server, port));
  handOverTree(folder);
  const callOff = endWithUs(folder);
  const bouncer = await startDaemon(
    { command: [DEBIAN_PGBOUNCER, 'pgbouncer.ini'], folder, log: join(folder, 'log') },
    () => listensOn(port),
  );
  return {
    url: (options) => urlOf([port], options),
    async [Symbol.asyncDispose]() {
      await bouncer.end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
      callOff();
    },
  };
}

function configuration(server: Target, port: number): string {
  return `[databases]
* = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = users.txt
pool_mode = transaction
# Fifteen seconds by default, after a server that was away is back.
server_login_retry = 1
max_client_conn = 1000
default_pool_size = 40
`;
}
