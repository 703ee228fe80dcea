import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { settingLines } from './initialize.ts';
import { ROLES } from './logins.ts';
import { PostgresServer } from './server.ts';
import { handOverTree } from './unprivileged.ts';

/** What belongs to the running primary and not to a copy of it. */
const OF_THE_PRIMARY = /\/data\/(postmaster\.(pid|opts)|pg_replslot\/.+)$/;

/**
 * A hot standby that streams from this server and takes reads alone, as `pg_basebackup -R` makes one: by the same steps,
 * because npm's PostgreSQL has no such program. Settles when it takes connections.
 */
export async function startReplica(primary: PostgresServer): Promise<PostgresServer> {
  const replica = await PostgresServer.inNewFolder(primary.bin);
  await copyData(primary, replica);
  writeFileSync(join(replica.data, 'standby.signal'), '');
  const connection = `host=${primary.host} port=${primary.port} user=${ROLES.admin.user} password=${ROLES.admin.password}`;
  const settings = {
    port: String(replica.port),
    unix_socket_directories: replica.folder,
    primary_conninfo: connection,
  };
  writeFileSync(join(replica.data, 'postgresql.auto.conf'), settingLines(settings), { flag: 'a' });
  handOverTree(replica.folder);
  await replica.start();
  return replica;
}

/** The low-level backup of PostgreSQL's manual, chapter 26.3.3: the session that began it must end it. */
async function copyData(primary: PostgresServer, replica: PostgresServer): Promise<void> {
  const client = new Client({ host: primary.folder, port: primary.port, database: 'postgres', ...ROLES.admin });
  await client.connect();
  try {
    await client.query(`SELECT pg_backup_start('replica', fast => true)`);
    cpSync(primary.data, replica.data, { recursive: true, filter: (source) => !OF_THE_PRIMARY.test(source) });
    const { rows } = await client.query<{ labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)',
    );
    rmSync(join(replica.data, 'backup_label'), { force: true });
    writeFileSync(join(replica.data, 'backup_label'), rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
}
