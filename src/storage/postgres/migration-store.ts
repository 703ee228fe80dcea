import { setTimeout as delay } from 'node:timers/promises';
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { StoreIdentity } from '../../domain/storage.ts';
import { type AppliedMigration, followedBy, type Migration, type MigrationStore } from '../migrator.ts';
import { StoreError } from '../store-error.ts';
import { MigrationLock, SupersededError } from './migration-lock.ts';
import { codeOf, isHeldUp, type MigrationClient, transaction } from './migration-transaction.ts';

export interface PostgresMigrationStoreOptions {
  /** The schema's name, as it is and not quoted. */
  readonly schema: string;
  /** How sentences name the store. */
  readonly place: string;
  /** As whom it is entered. */
  readonly user: string;
  /** How long a start waits for another that migrates, and for transactions that hold what a migration changes. */
  readonly waitMs: number;
}

/**
 * A schema of PostgreSQL as the migrator sees it. Each migration is a transaction with its line in the ledger, so that an
 * interrupted start is gone on from. That transaction proves that the lock is still ours and holds its row to its end
 * ({@link MigrationLock}). Needs neither a session nor a search path: works through a pool of transactions.
 *
 * Errors of the driver are thrown as they are, but for a missing permission, which is a StoreError.
 */
export function postgresMigrationStore(
  client: MigrationClient,
  { schema, place, user, waitMs }: PostgresMigrationStoreOptions,
): MigrationStore {
  const name = escapeIdentifier(schema);
  const explaining = <T>(work: () => Promise<T>) => explainingRights(place, user, work);
  const lock = new MigrationLock(client, { table: `${name}.schema_lock`, place, waitMs });

  /** What is there of ours. Throws StoreError for a schema that holds another program's tables. */
  async function look(): Promise<{ readonly ledger: boolean; readonly lock: boolean; readonly store: boolean }> {
    const rows = (await client.query(TABLES, [schema])).rows as { readonly name: string; readonly isOurs: boolean }[];
    const ledger = rows.some((table) => table.name === 'schema_migrations' && table.isOurs);
    if (!ledger && rows.some((table) => table.name !== 'schema_lock')) {
      throw new StoreError(
        `${place} holds tables of another program. Name another schema in AUTHFLOW_DATABASE_SCHEMA, one that is empty or missing.`,
      );
    }
    const has = (table: string) => rows.some((row) => row.name === table);
    return { ledger, lock: has('schema_lock'), store: has('store') };
  }

  async function hasSchema(): Promise<boolean> {
    return (await client.query('SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema])).rows.length > 0;
  }

  async function ledgerScript(): Promise<string> {
    const there = await look();
    // PostgreSQL demands the right to create schemas even where there is one already.
    const createSchema = (await hasSchema()) ? '' : `CREATE SCHEMA IF NOT EXISTS ${name};\n`;
    return there.ledger && there.lock ? '' : createSchema + createLedger(name);
  }

  /** Of several first starts at once all but one meet what another is making. */
  async function makeLedger(): Promise<void> {
    await outlast(isRace, waitMs, async () => {
      const script = await ledgerScript();
      if (script !== '') {
        await transaction(client, () => client.query(script));
      }
    });
  }

  return {
    place,

    readApplied: () =>
      explaining(async () => {
        if (!(await look()).ledger) {
          return [];
        }
        const { rows } = await client.query(
          `SELECT version, name, checksum, oldest_release AS "oldestRelease" FROM ${name}.schema_migrations ORDER BY version`,
        );
        return rows as AppliedMigration[];
      }),

    readIdentity: () =>
      explaining(async () => {
        if (!(await look()).store) {
          return null;
        }
        const { rows } = await client.query(
          `SELECT store_id AS "storeId", epoch, secret_check AS "secretCheck" FROM ${name}.store`,
        );
        return (rows as StoreIdentity[])[0] ?? null;
      }),

    exclusively: (work) =>
      explaining(async () => {
        await makeLedger();
        for (;;) {
          await lock.acquire();
          try {
            return await work();
          } catch (error) {
            if (!(error instanceof SupersededError)) {
              throw error;
            }
          } finally {
            await lock.release();
          }
        }
      }),

    async apply(migration, checksum) {
      const attempt = async () => {
        // For a term of its own: an attempt that is rolled back takes its renewals with it.
        await lock.hold();
        await transaction(client, async () => {
          await lock.hold();
          await client.query(scriptOf(name, migration, checksum));
          await lock.hold();
        });
      };
      await outlast(isHeldUp, waitMs, attempt).catch((error: unknown) => {
        throw isHeldUp(error) ? tablesInUse(place, migration, error) : error;
      });
    },

    scriptOf: (migration, checksum) => scriptOf(name, migration, checksum),

    ledgerScript: () => explaining(ledgerScript),
  };
}

const TABLES = `
SELECT c.relname AS name, a.attname IS NOT NULL AS "isOurs"
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'oldest_release'
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')`;

function createLedger(name: string): string {
  return `CREATE TABLE IF NOT EXISTS ${name}.schema_migrations (
  version        integer NOT NULL PRIMARY KEY,
  name           text NOT NULL,
  checksum       text NOT NULL,
  applied_at     bigint NOT NULL,
  oldest_release text
);
CREATE TABLE IF NOT EXISTS ${name}.schema_lock (
  singleton  smallint NOT NULL PRIMARY KEY CHECK (singleton = 1),
  owner      text NOT NULL,
  expires_at timestamptz NOT NULL
);
`;
}

function scriptOf(name: string, { version, name: title, oldestRelease, sql }: Migration, checksum: string): string {
  const values = [version, escapeLiteral(title), escapeLiteral(checksum), NOW_MS, escapeLiteral(oldestRelease)].join(
    ', ',
  );
  const columns = 'version, name, checksum, applied_at, oldest_release';
  const insert = `INSERT INTO ${name}.schema_migrations (${columns})\n  VALUES (${values})`;
  return followedBy(
    sql.replaceAll('{schema}', () => name),
    insert,
  );
}

const NOW_MS = 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)';

/** Whether others were making the same, by its SQLSTATE; XX000 is two who grant or create at once. */
function isRace(error: unknown): boolean {
  const codes = ['23505', '40001', '40P01', '42710', '42P06', '42P07', 'XX000'];
  return codes.includes(codeOf(error));
}

function tablesInUse(place: string, { version, name }: Migration, cause: unknown): StoreError {
  return new StoreError(
    `Migration ${version} ("${name}") of ${place} waited in vain for transactions that hold its tables. End them ` +
      '(pg_stat_activity names them), and start again.',
    { cause },
  );
}

async function outlast<T>(
  isPassing: (error: unknown) => boolean,
  waitMs: number,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error) || performance.now() >= deadline) {
        throw error;
      }
    }
    await delay(50 + Math.random() * 100);
  }
}

async function explainingRights<T>(place: string, user: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) !== '42501') {
      throw error;
    }
    throw new StoreError(
      `The user "${user}" may not read or make all that belongs to ${place}: let a role that may create there run "authflow migrate" ` +
        'once, and grant this one USAGE of the schema, and SELECT, INSERT, UPDATE and DELETE on its tables.',
      { cause: error },
    );
  }
}
