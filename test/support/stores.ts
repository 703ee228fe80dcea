import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { inject, onTestFinished } from 'vitest';
import { Database } from '../../src/storage/sqlite/driver.ts';
import { ADMIN_TOKEN } from './admin-token.ts';
import { type FreshSchema, postgresUnderTest, sharedPostgres } from './postgres/shared.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** What the stores of this project's tests are in; by default SQLite. */
    storesOn: 'SQLite' | 'PostgreSQL';
  }
}

/** Where the servers and commands of a test keep what they have. */
export interface TestStore {
  /** What makes them use it, as an operator would set it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs one statement in it, past the product. */
  query<Row extends object>(sql: string): Promise<Row[]>;
  /** The same by a connection that is kept. */
  connect(): Promise<StoreConnection>;
  /** Removes all of it. */
  remove(): Promise<void>;
}

export interface StoreConnection {
  query<Row extends object>(sql: string): Promise<Row[]>;
  close(): Promise<void>;
}

/** Whether this project's tests run on PostgreSQL. */
export const ON_POSTGRES = inject('storesOn') === 'PostgreSQL';

/**
 * A place for a store of a test's own, with nothing in it yet, in what this vitest project is for: a test that takes its store
 * from here runs on SQLite in one project and on a PostgreSQL in each of the others (vitest.config.ts).
 */
export async function newStore(): Promise<TestStore> {
  return ON_POSTGRES ? await newPostgresStore() : newSqliteStore();
}

/** The same, removed when the test ends. */
export async function storeOfTest(): Promise<TestStore> {
  const store = await newStore();
  onTestFinished(() => store.remove());
  return store;
}

/** A folder of its own, whatever the project is for. */
export function newSqliteStore(): TestStore {
  return sqliteStoreIn(mkdtempSync(join(tmpdir(), 'authflow-store-')));
}

/** The store in a data directory. */
export function sqliteStoreIn(dataDir: string): TestStore {
  return {
    environment: { AUTHFLOW_DATA_DIR: dataDir },
    ...queried(async () => sqliteConnection(join(dataDir, 'authflow.db'))),
    async remove() {
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function sqliteConnection(file: string): StoreConnection {
  const database = new Database(file, { fileMustExist: true });
  return {
    async query<Row extends object>(sql: string) {
      const statement = database.prepare<[], Row>(sql);
      if (statement.reader) {
        return statement.all();
      }
      statement.run();
      return [];
    },
    async close() {
      database.close();
    },
  };
}

function queried(connect: () => Promise<StoreConnection>): Pick<TestStore, 'query' | 'connect'> {
  return {
    connect,
    async query<Row extends object>(sql: string) {
      const connection = await connect();
      try {
        return await connection.query<Row>(sql);
      } finally {
        await connection.close();
      }
    },
  };
}

async function newPostgresStore(): Promise<TestStore> {
  return postgresStoreAt((await sharedPostgres()).freshSchema());
}

/** The store in a schema of the PostgreSQL that this project is for. */
export function postgresStoreAt({ url, schema, remove }: FreshSchema): TestStore {
  return {
    environment: {
      AUTHFLOW_DATABASE_URL: url,
      AUTHFLOW_DATABASE_SCHEMA: schema,
      AUTHFLOW_DATABASE_NAMED_STATEMENTS: String(postgresUnderTest().namedStatements),
      // A busy machine is no fault of the database.
      AUTHFLOW_DATABASE_CONNECT_TIMEOUT: '10s',
      AUTHFLOW_DATABASE_STATEMENT_TIMEOUT: '10s',
      AUTHFLOW_DATABASE_LOCK_TIMEOUT: '10s',
      AUTHFLOW_SECRET: 's'.repeat(32),
      AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN,
    },
    ...queried(() => postgresConnection(url, schema)),
    remove,
  };
}

async function postgresConnection(url: string, schema: string): Promise<StoreConnection> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return {
    async query<Row extends object>(sql: string) {
      // Statements in one message are one transaction: a pooler gives the next to another connection.
      const results: unknown = await client.query(`SET LOCAL search_path TO ${schema}; ${sql}`);
      return (results as readonly { readonly rows: Row[] }[])[1]?.rows ?? [];
    },
    close: () => client.end(),
  };
}
