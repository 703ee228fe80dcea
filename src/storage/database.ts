/** What holds a store, and how it is reached. */
export type Database = SqliteDatabase | PostgresDatabase;

/** A file on this machine. */
export interface SqliteDatabase {
  readonly engine: 'sqlite';
  /** Absolute. */
  readonly file: string;
}

/** A PostgreSQL server, 13 or later, or a pool in front of it. */
export interface PostgresDatabase {
  readonly engine: 'postgres';
  /** At least one; tried in this order until one takes writes. */
  readonly hosts: readonly PostgresHost[];
  readonly user: string;
  /** Null where the server asks for none. Never log it. */
  readonly password: string | null;
  readonly database: string;
  /** The schema that holds the tables. */
  readonly schema: string;
  /** The most connections that a process has. */
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** How long a connection that is not used is kept. */
  readonly idleTimeoutMs: number;
  /** Null for clear text; otherwise the server's certificate is verified with its name. */
  readonly tls: PostgresTls | null;
  /** Whether statements are prepared under names: not behind a pool of transactions that does not know them. */
  readonly namedStatements: boolean;
}

/** Of AUTHFLOW_DATABASE_SCHEMA. */
export const DEFAULT_SCHEMA = 'authflow';

export interface PostgresHost {
  /** A name, an address without brackets, or the absolute path of the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
}

export interface PostgresTls {
  /** The authorities (PEM) to be trusted; null for those that Node trusts. */
  readonly ca: string | null;
}

/** How sentences and logs name a database: the file, or where the server is, without user and password. */
export function placeOf(database: Database): string {
  if (database.engine === 'sqlite') {
    return database.file;
  }
  const hosts = database.hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  return `postgres://${hosts.join(',')}/${database.database} (schema ${database.schema})`;
}
