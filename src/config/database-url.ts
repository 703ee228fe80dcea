import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { TextDecoder } from 'node:util';
import type { PostgresDatabase, PostgresHost, SqliteDatabase } from '../storage/database.ts';
import { host as hostName, InvalidValue } from './values.ts';

/** What the URL of a database says; how a PostgreSQL server is used is said by other settings. */
export type DatabaseUrl = SqliteDatabase | PostgresAddress;

/** Where a PostgreSQL server is, and as whom it is entered. */
export type PostgresAddress = Pick<PostgresDatabase, 'engine' | 'hosts' | 'user' | 'password' | 'database'>;

/** PostgreSQL's own. */
const DEFAULT_PORT = 5432;
const FORM = 'must be sqlite: and the path of a file, or postgres://USER:PASSWORD@HOST:PORT/DATABASE';

/** The setting's parser. Its errors never quote the text, which may hold a password. Throws InvalidValue. */
export function databaseUrl(bytes: Uint8Array): DatabaseUrl {
  const text = decode(bytes);
  return /^postgres(ql)?:/i.test(text) ? postgresAddress(text) : { engine: 'sqlite', file: sqliteFile(text) };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    throw new InvalidValue('must be UTF-8');
  }
}

function sqliteFile(text: string): string {
  const file = /^sqlite:(.+)$/su.exec(text)?.[1];
  // `//host/…` would silently become a local path, `?mode=…` and `:memory:` a file of that name.
  if (file === undefined || /^\/\/[^/]|[?#\0]|^:|\/$/.test(file)) {
    throw new InvalidValue(FORM);
  }
  return resolve(file);
}

/**
 * Several hosts stand with commas between them, as libpq has it (PostgreSQL documentation, 34.1.1.3); a Unix socket's folder in
 * the parameter `host`. URL of the platform takes neither.
 */
function postgresAddress(text: string): PostgresAddress {
  const parts = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^/?#]*))?(?:\?([^#]*))?$/i.exec(text);
  if (parts === null) {
    throw new InvalidValue(`${FORM} (special characters of the password as %40 and its like)`);
  }
  const [, credentials = '', authority = '', database = '', query = ''] = parts;
  const [, user = '', password] = /^([^:]*)(?::(.*))?$/s.exec(credentials) ?? [];
  if (user === '' || database === '') {
    throw new InvalidValue('must name the user and the database: postgres://USER:PASSWORD@HOST:PORT/DATABASE');
  }
  return {
    engine: 'postgres',
    hosts: hostsOf(authority, socketFolder(query)),
    user: unescaped(user),
    password: password === undefined ? null : unescaped(password),
    database: unescaped(database),
  };
}

function socketFolder(query: string): string | null {
  let folder: string | null = null;
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== 'host' || !value.startsWith('/') || folder !== null) {
      throw new InvalidValue(
        'has parameters: only host=/FOLDER, of a Unix socket, can stand there. TLS (instead of sslmode), timeouts, the ' +
          'schema and the pool are settings of their own, AUTHFLOW_DATABASE_…',
      );
    }
    folder = value;
  }
  return folder;
}

function hostsOf(authority: string, folder: string | null): readonly PostgresHost[] {
  if (folder !== null) {
    const port = /^(?::(\d+))?$/.exec(authority);
    if (port === null) {
      throw new InvalidValue('names a host beside the folder of a Unix socket: give one of them');
    }
    return [{ host: folder, port: portOf(port[1]) }];
  }
  return authority.split(',').map((one) => {
    const [, bracketed, name = '', port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(one) ?? [];
    if (bracketed === undefined ? name === '' : isIP(bracketed) !== 6) {
      throw new InvalidValue('must name a host, or several with commas between them');
    }
    return { host: bracketed ?? hostName(unescaped(name)), port: portOf(port) };
  });
}

function portOf(digits: string | undefined): number {
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (port < 1 || port > 65_535) {
    throw new InvalidValue('must have a port from 1 to 65535');
  }
  return port;
}

function unescaped(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw new InvalidValue('has a % that begins no escape: write %25 for a % itself');
  }
  if (decoded.includes('\0')) {
    throw new InvalidValue(FORM);
  }
  return decoded;
}
