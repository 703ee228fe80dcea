import { randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { storeEngine } from '../../../src/app/release-engine.ts';
import { readSettings } from '../../../src/config/settings.ts';
import type { Value } from '../../../src/storage/copy/rows.ts';
import { openCopySide } from '../../../src/storage/copy/sides.ts';
import { COPIED_TABLES, type CopiedTable } from '../../../src/storage/copy/tables.ts';
import type { Database } from '../../../src/storage/database.ts';
import { connect } from '../../../src/storage/sqlite/driver.ts';
import { postgresUnderTest, sharedPostgres } from '../../support/postgres/shared.ts';
import { databaseFile, engineAt } from '../sqlite-files.ts';

/** A store of the newest schema that a test may also write past the copy. */
export interface TestStore {
  readonly database: Database;
  /** Runs SQL as it is written for this engine; `{schema}.` stands before a table. */
  execute(sql: string): Promise<readonly Record<string, unknown>[]>;
}

/** The engines between which stores move. */
export const ENGINES = { sqlite: sqliteStore, postgres: postgresStore } as const;

/** An empty store in a file. */
export async function sqliteStore(): Promise<TestStore> {
  const file = databaseFile();
  await engineAt(file).migrate();
  return {
    database: { engine: 'sqlite', file },
    async execute(sql) {
      const connection = connect(file, 1000);
      try {
        connection.pragma('foreign_keys = ON');
        const statement = connection.prepare<unknown[], Record<string, unknown>>(sql.replaceAll('{schema}.', ''));
        if (statement.reader) {
          return statement.all();
        }
        statement.run();
        return [];
      } finally {
        connection.close();
      }
    },
  };
}

/** An empty store in a schema of its own. */
export async function postgresStore(): Promise<TestStore> {
  const { url, schema, remove } = (await sharedPostgres()).freshSchema();
  onTestFinished(remove);
  const store: TestStore = {
    database: postgresDatabase(url, schema),
    async execute(sql) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query(sql.replaceAll('{schema}', schema))).rows;
      } finally {
        await client.end();
      }
    },
  };
  await (await storeEngine(store)).migrate();
  return store;
}

function postgresDatabase(url: string, schema: string): Database {
  return readSettings({
    AUTHFLOW_DATABASE_URL: url,
    AUTHFLOW_DATABASE_SCHEMA: schema,
    AUTHFLOW_DATABASE_NAMED_STATEMENTS: String(postgresUnderTest().namedStatements),
    AUTHFLOW_SECRET: 'x'.repeat(32),
    AUTHFLOW_ADMIN_TOKEN: `afadm_${'A'.repeat(43)}`,
  }).database;
}

/** Every table with so many rows (organizations: a few; the identity: one), every nullable column both ways, text of many kinds. */
export async function fill(store: TestStore, rows = 2500): Promise<void> {
  const side = await openCopySide(store.database);
  const orgIds = Array.from({ length: 5 }, () => randomUUID());
  for (const table of COPIED_TABLES) {
    const count = table.name === 'store' ? 1 : table.name === 'organizations' ? orgIds.length : rows;
    const made = Array.from({ length: count }, (_, index) =>
      Object.entries(table.columns).map(([column, kind]) => valueFor({ table, column, kind, index, orgIds })),
    );
    for (let from = 0; from < made.length; from += 1000) {
      await side.insert(table, made.slice(from, from + 1000));
    }
  }
  await side.close();
}

const NULLABLE = [
  'closed_at',
  'sealed_api_key',
  'revoked_at',
  'password_hash',
  'disabled_at',
  'email_verified_at',
  'retired_at',
  'told_at',
  'sealed_secret',
  'pending_secret',
  'login_challenges.code_digest',
];
/** Columns that take some words alone. */
const WORDS: Readonly<Record<string, string>> = {
  'api_keys.kind': 'api',
  'mails.state': 'kept',
  'login_challenges.kind': 'second_factor',
  'login_challenges.proved_by': 'password',
};
const TEXTS = ['Ada', 'Ünïcode 😀', 'a"b\\c{d},NULL', "it's", ' spaces ', 'line\nline', '\ufeffmark', 'ß\u0301'];

interface Place {
  readonly table: CopiedTable;
  readonly column: string;
  readonly kind: string;
  readonly index: number;
  readonly orgIds: readonly string[];
}

function valueFor({ table, column, kind, index, orgIds }: Place): Value {
  if (column === 'singleton') {
    return 1n;
  }
  if (column === 'in_tokens') {
    // One of each organization at most.
    return table.name === 'api_keys' && index < orgIds.length;
  }
  if (column === 'sealed_api_key') {
    return index < orgIds.length ? randomBytes(80) : null;
  }
  const isNullable = NULLABLE.includes(column) || NULLABLE.includes(`${table.name}.${column}`);
  if (isNullable && (index % 2 === 0 || (table.name === 'api_keys' && index < orgIds.length))) {
    return null;
  }
  if (column === 'org_id') {
    return orgIds[index % orgIds.length] ?? '';
  }
  const word = WORDS[`${table.name}.${column}`];
  if (word !== undefined) {
    return word;
  }
  switch (kind) {
    case 'bytes':
      return randomBytes(32);
    case 'boolean':
      return index % 3 === 0;
    case 'integer':
      // Beyond what a double holds, once.
      return column === 'keep_until' && index === 0 ? 2n ** 60n + 1n : BigInt(index + 1);
    default:
      return column.endsWith('_id') || column === 'kid' ? randomUUID() : `${TEXTS[index % TEXTS.length]}${index}`;
  }
}
