import pg from 'pg';
import { onTestFinished } from 'vitest';
import { readSettings } from '../../../src/config/settings.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import type { PostgresDatabase } from '../../../src/storage/database.ts';
import { type Engine, engineOf, type OpenOptions } from '../../../src/storage/engine.ts';
import { type FaultProxy, startFaultProxy } from '../../support/postgres/fault-proxy.ts';
import { postgresUnderTest, sharedPostgres } from '../../support/postgres/shared.ts';

/** A database as settings name it. */
export function databaseAt(url: string, schema: string, changes: Partial<PostgresDatabase> = {}): PostgresDatabase {
  const { database } = readSettings({
    AUTHFLOW_DATABASE_URL: url,
    AUTHFLOW_DATABASE_SCHEMA: schema,
    AUTHFLOW_SECRET: 's'.repeat(32),
    AUTHFLOW_ADMIN_TOKEN: `afadm_${'A'.repeat(43)}`,
  });
  if (database.engine !== 'postgres') {
    throw new Error(`${url} is no URL of PostgreSQL`);
  }
  return { ...database, ...changes };
}

/** Which PostgreSQL a test starts for itself: the one that the others of its project run on. */
export function versionUnderTest(): 'embedded' | 'debian' {
  return postgresUnderTest().name.startsWith('PostgreSQL 15') ? 'debian' : 'embedded';
}

/** Whether what the others of its project run on is behind PgBouncer. */
export function isPooledUnderTest(): boolean {
  return postgresUnderTest().name.endsWith('PgBouncer');
}

/** As the release that this is. */
export function engineAt(database: PostgresDatabase): Promise<Engine> {
  return engineOf(database, '0.1.0');
}

/** A further handle to a store, as a node has one; closed when the test ends. */
export async function openNode(database: PostgresDatabase, options?: OpenOptions): Promise<Storage> {
  const storage = await (await engineAt(database)).open(options);
  onTestFinished(() => storage.close());
  return storage;
}

/** A store in a schema of its own on the shared server, with a proxy that cuts connections in front of it. */
export interface Lab {
  readonly database: PostgresDatabase;
  /** The same, through the proxy. */
  readonly proxied: PostgresDatabase;
  /** The same, past a pooler where the others go through one: its connections end with those who made them. */
  readonly past: PostgresDatabase;
  readonly proxy: FaultProxy;
  /** The superuser, or whom TEST_POSTGRES_URL names, past any pooler. */
  readonly adminUrl: string;
  /** SQL past every proxy and pool; `{schema}` stands for the schema. */
  sql<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** All rows but those that tell of writes. */
  rows(): Promise<Record<string, unknown[]>>;
  /** Keeps all rows as they are now, to be brought back by {@link restore}. */
  save(): Promise<void>;
  restore(): Promise<void>;
}

/** Those of the ledger and of recent writes are left out: they say what was done, and not what is. */
const LEFT_OUT = new Set(['schema_migrations', 'schema_lock', 'recent_writes']);

/** What is made anew each time that a write is tried stays out: the id of an event, its instant and its position. */
const SELECTIONS: Readonly<Record<string, string>> = {
  audit_events: 'type, actor, org_id, user_id, target_id, reason, count, details',
};

export async function openLab(changes: Partial<PostgresDatabase> = {}): Promise<Lab> {
  const shared = await sharedPostgres();
  const fresh = await shared.freshDatabase();
  const { namedStatements } = postgresUnderTest();
  const database = databaseAt(fresh.url, 'authflow', { namedStatements, ...changes });
  const past = { ...database, hosts: databaseAt(fresh.adminUrl, 'authflow').hosts };
  await (await engineAt(past)).migrate();
  const [host] = database.hosts;
  if (host === undefined) {
    throw new Error('no host');
  }
  const proxy = await startFaultProxy(host);
  const admin = new pg.Client({ connectionString: fresh.adminUrl });
  admin.on('error', () => undefined);
  await admin.connect();
  // Tests close their handles before this, as they are the last to register.
  onTestFinished(async () => {
    await proxy[Symbol.asyncDispose]();
    await admin.end();
    await fresh.remove();
  });
  const sql = async <Row>(text: string, values: readonly unknown[] = []) =>
    (await admin.query(text.replaceAll('{schema}', 'authflow'), [...values])).rows as Row[];
  const tables = (
    await sql<{ name: string }>(
      // Others refer to organizations alone.
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'authflow'
       ORDER BY table_name <> 'organizations', table_name`,
    )
  )
    .map(({ name }) => name)
    .filter((name) => !LEFT_OUT.has(name));
  return {
    database,
    proxied: { ...database, hosts: [{ host: '127.0.0.1', port: proxy.port }] },
    past,
    proxy,
    adminUrl: fresh.adminUrl,
    sql,
    async rows() {
      const found: Record<string, unknown[]> = {};
      for (const table of tables) {
        const selection = `SELECT ${SELECTIONS[table] ?? '*'} FROM {schema}.${table}`;
        found[table] = await sql(`SELECT * FROM (${selection}) AS found ORDER BY found::text`);
      }
      return found;
    },
    async save() {
      await sql('CREATE SCHEMA saved');
      for (const table of tables) {
        await sql(`CREATE TABLE saved.${table} AS TABLE {schema}.${table}`);
      }
    },
    async restore() {
      const deletions = tables.toReversed().map((table) => `DELETE FROM {schema}.${table};`);
      const insertions = tables.map((table) => `INSERT INTO {schema}.${table} SELECT * FROM saved.${table};`);
      await sql([...deletions, ...insertions].join(' '));
    },
  };
}
