import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CERTIFICATES } from '../certificates.js';
import { ROLES } from './logins.ts';
import { handOver, UNPRIVILEGED } from './unprivileged.ts';

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

/** Where a server is. */
export interface ServerPlace {
  readonly bin: string;
  readonly folder: string;
  readonly data: string;
  readonly host: string;
  readonly port: number;
}

/** Sorts as people do, not by bytes: a statement that leans on the database's order shows itself. */
export const COLLATION = { encoding: 'UTF8', 'locale-provider': 'icu', 'icu-locale': 'en-US', locale: 'C.UTF-8' };

/** Makes the data folder, where only passwords let anybody in. */
export async function initializePostgres(place: ServerPlace, options: PostgresOptions): Promise<void> {
  const passwordFile = join(place.folder, 'password');
  writePrivate(passwordFile, `${ROLES.admin.password}\n`);
  const collation = Object.entries(COLLATION).map(([name, value]) => `--${name}=${value}`);
  await promisify(execFile)(
    join(place.bin, 'initdb'),
    [
      `--pgdata=${place.data}`,
      `--username=${ROLES.admin.user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--no-sync',
      ...collation,
    ],
    { ...UNPRIVILEGED, cwd: place.folder },
  );
  rmSync(passwordFile);
  if (options.tls) {
    writePrivate(join(place.data, 'server.crt'), CERTIFICATES.server.cert);
    writePrivate(join(place.data, 'server.key'), CERTIFICATES.server.key);
  }
  writeFileSync(join(place.data, 'postgresql.auto.conf'), settingLines(settingsOf(place, options)));
  const who = options.tls ? 'hostssl' : 'host';
  writeFileSync(
    join(place.data, 'pg_hba.conf'),
    ['local all all scram-sha-256', `${who} all,replication all 127.0.0.1/32 scram-sha-256`, ''].join('\n'),
  );
}

/** Lines of postgresql.conf. */
export function settingLines(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join('');
}

function settingsOf(place: ServerPlace, { durable = false, tls = false, settings = {} }: PostgresOptions) {
  return {
    listen_addresses: place.host,
    port: String(place.port),
    unix_socket_directories: place.folder,
    // Some thirty stores at once, each with a pool of ten at most, and the tests' own look-ups.
    max_connections: '400',
    shared_buffers: '64MB',
    fsync: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    ssl: tls ? 'on' : 'off',
    ...settings,
  };
}

/** Only for the user that PostgreSQL runs as, which it insists on for a key. */
function writePrivate(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  handOver(file);
}
