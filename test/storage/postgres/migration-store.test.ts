import { Client } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { migrationsOf } from '../../../src/storage/migrations.ts';
import { checksumOf, type Migration, migrate, planMigrations, planScripts } from '../../../src/storage/migrator.ts';
import { postgresMigrationStore } from '../../../src/storage/postgres/migration-store.ts';
import { StoreError } from '../../../src/storage/store-error.ts';
import { type FreshDatabase, sharedPostgres } from '../../support/postgres/shared.ts';
import { startChild } from '../child-process.ts';

const MIGRATIONS = migrationsOf('postgres');
const RELEASE = '0.1.0';
const FIRST: Migration = {
  version: 1,
  name: "the shop's first",
  oldestRelease: RELEASE,
  sql: 'CREATE TABLE {schema}.first (x integer)',
};
const SECOND: Migration = { ...FIRST, version: 2, name: 'second', sql: 'CREATE TABLE {schema}.second (x integer);' };

/** An empty database, what a migrator of it sees, and a look at it past any pooler. */
async function emptyDatabase(schema = 'authflow') {
  const database = await (await sharedPostgres()).freshDatabase();
  onTestFinished(() => database.remove());
  const admin = await connect(database.adminUrl);
  const open = async (url = database.url, waitMs = 60_000) => {
    const client = await connect(url);
    return { client, ...postgresMigrationStore(client, { schema, place: 'the database', user: 'authflow', waitMs }) };
  };
  return {
    database,
    open,
    query: async (sql: string) => (await admin.query(sql)).rows as unknown[],
    tables: async () =>
      (await admin.query(`SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1`, [schema])).rows.map(
        ({ tablename }) => tablename as string,
      ),
  };
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  // Told to whoever waits for an answer, too.
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end().catch(() => undefined));
  return client;
}

/** All that a schema is, but for the ledger's rows. */
async function schemaOf({ adminUrl }: FreshDatabase, schema = 'authflow'): Promise<unknown> {
  const admin = await connect(adminUrl);
  const rows = async (sql: string) => (await admin.query(sql, [schema])).rows as unknown[];
  return {
    columns: await rows(
      `SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default, collation_name
       FROM information_schema.columns WHERE table_schema = $1 ORDER BY 1, 3`,
    ),
    indexes: await rows('SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = $1 ORDER BY 1'),
    constraints: await rows(
      `SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = $1::regnamespace ORDER BY 1, 2`,
    ),
  };
}

describe('the migrations of PostgreSQL', () => {
  test('are applied in order and once, in a schema of any name', async () => {
    const { open, tables } = await emptyDatabase('Auth"flow; $&');
    const store = await open();
    expect(await planMigrations(store, [FIRST, SECOND], RELEASE)).toEqual([FIRST, SECOND]);
    expect(await store.readApplied()).toEqual([]);
    expect(await migrate(store, [FIRST], RELEASE)).toEqual([FIRST]);
    expect(await migrate(store, [FIRST, SECOND], RELEASE)).toEqual([SECOND]);
    expect(await migrate(store, [FIRST, SECOND], RELEASE)).toEqual([]);
    expect(await tables()).toEqual(['first', 'schema_lock', 'schema_migrations', 'second']);
    expect(await store.readApplied()).toEqual(
      [FIRST, SECOND].map((each) => ({
        version: each.version,
        name: each.name,
        checksum: checksumOf(each),
        oldestRelease: RELEASE,
      })),
    );
  });

  test('that fail leave the store at the version before, and complete the next time', async () => {
    const { open, tables, query } = await emptyDatabase();
    const store = await open();
    const broken = { ...SECOND, sql: `${SECOND.sql} SELECT nothing` };
    await expect(migrate(store, [FIRST, broken], RELEASE)).rejects.toMatchObject({ code: '42703' });
    expect(await tables()).toEqual(['first', 'schema_lock', 'schema_migrations']);
    expect(await query('SELECT * FROM authflow.schema_lock')).toEqual([]);
    expect(await migrate(store, [FIRST, SECOND], RELEASE)).toEqual([SECOND]);
  });

  test('are refused where they were edited after they were applied', async () => {
    const { open } = await emptyDatabase();
    const store = await open();
    await migrate(store, [FIRST], RELEASE);
    await expect(migrate(store, [{ ...FIRST, sql: `${FIRST.sql} ` }, SECOND], RELEASE)).rejects.toThrow(StoreError);
  });

  test('R13: name the oldest release that may run on them: older ones refuse, others run', async () => {
    const { open } = await emptyDatabase();
    const store = await open();
    await migrate(store, [FIRST, { ...SECOND, oldestRelease: '0.2.0' }], '0.3.0');
    await expect(migrate(store, [FIRST], '0.1.0')).rejects.toThrow('which 0.2.0 or later can open, and this is 0.1.0');
    expect(await migrate(store, [FIRST], '0.2.0')).toEqual([]);
  });

  test('are shown as SQL with the name of the schema; nothing is made, and by hand it makes the same store', async () => {
    const [shown, migrated] = [await emptyDatabase(), await emptyDatabase()];
    const store = await shown.open();
    const planned = await planScripts(store, MIGRATIONS, RELEASE);
    expect(planned.map(({ version }) => version)).toEqual(MIGRATIONS.map(({ version }) => version));
    expect(planned[0]?.sql).toContain('CREATE TABLE "authflow".store');
    expect(await shown.query("SELECT 1 FROM pg_namespace WHERE nspname = 'authflow'")).toEqual([]);

    await store.client.query(planned.map(({ sql }) => sql).join(''));
    expect(await migrate(store, MIGRATIONS, RELEASE)).toEqual([]);
    const other = await migrated.open();
    expect(await migrate(other, MIGRATIONS, RELEASE)).toHaveLength(MIGRATIONS.length);
    expect(await store.readApplied()).toEqual(await other.readApplied());
    expect(await schemaOf(shown.database)).toEqual(await schemaOf(migrated.database));
  });

  test('leave a schema of another program as it is', async () => {
    const { open, query, tables } = await emptyDatabase();
    await query('CREATE SCHEMA authflow');
    await query('CREATE TABLE authflow.schema_migrations (version text)');
    const store = await open();
    await expect(migrate(store, MIGRATIONS, RELEASE)).rejects.toThrow(StoreError);
    await expect(planScripts(store, MIGRATIONS, RELEASE)).rejects.toThrow('another program');
    expect(await tables()).toEqual(['schema_migrations']);
  });

  test('need a role that may create: another is told so in a sentence, can look, and changes nothing', async () => {
    const { database, open, query, tables } = await emptyDatabase();
    const role = `${new URL(database.url).pathname.slice(1)}_reader`;
    await query(`CREATE ROLE ${role} LOGIN PASSWORD 'password'`);
    onTestFinished(async () => void (await query(`DROP SCHEMA IF EXISTS authflow CASCADE; DROP ROLE ${role}`)));
    const url = Object.assign(new URL(database.adminUrl), { username: role, password: 'password' }).href;
    const reader = await open(url);
    await expect(migrate(reader, MIGRATIONS, RELEASE)).rejects.toThrow(/run "authflow migrate" once/);
    expect(await planScripts(reader, MIGRATIONS, RELEASE)).toHaveLength(MIGRATIONS.length);
    expect(await tables()).toEqual([]);

    await migrate(await open(), [FIRST], RELEASE);
    await expect(reader.readApplied()).rejects.toThrow(StoreError);
    await query(`GRANT USAGE ON SCHEMA authflow TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA authflow TO ${role}`);
    expect(await migrate(reader, [FIRST], RELEASE)).toEqual([]);
    await expect(migrate(reader, [FIRST, SECOND], RELEASE)).rejects.toThrow(StoreError);
    expect(await tables()).not.toContain('second');
  });

  test('run as long as they need, whatever timeout the database sets', async () => {
    const { open, query, database, tables } = await emptyDatabase();
    await query(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET statement_timeout = '50ms'`);
    const slow = { ...FIRST, sql: `${FIRST.sql}; SELECT pg_sleep(0.2)` };
    await migrate(await open(), [slow], RELEASE);
    expect(await tables()).toContain('first');
  });

  test('let readers pass who wait for them, and say so where a transaction holds what they change', async () => {
    const { open, query, database } = await emptyDatabase();
    const store = await open(database.url, 0);
    await migrate(store, [FIRST], RELEASE);
    const other = await connect(database.adminUrl);
    await other.query('BEGIN; LOCK TABLE authflow.first IN ACCESS SHARE MODE');
    const change = { ...SECOND, sql: 'ALTER TABLE {schema}.first ADD COLUMN y integer' };
    await expect(migrate(store, [FIRST, change], RELEASE)).rejects.toThrow('pg_stat_activity');
    expect(await query('SELECT * FROM authflow.schema_lock')).toEqual([]);
    await other.query('ROLLBACK');
    expect(await migrate(store, [FIRST, change], RELEASE)).toEqual([change]);
  });
});

describe('the lock of migrations', () => {
  test('R13: of eight first starts at once one migrates, and all find the store done', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { open } = await emptyDatabase();
      const stores = await Promise.all(Array.from({ length: 8 }, () => open()));
      const applied = await Promise.all(stores.map((store) => migrate(store, MIGRATIONS, RELEASE)));
      expect(applied.map(({ length }) => length).toSorted()).toEqual([0, 0, 0, 0, 0, 0, 0, MIGRATIONS.length]);
      for (const store of stores) {
        expect(await planMigrations(store, MIGRATIONS, RELEASE)).toEqual([]);
      }
    }
  });

  test('R13: of four processes that start at once one migrates, and all find the store done', async () => {
    const { database } = await emptyDatabase();
    const children = Array.from({ length: 4 }, () => startChild('migrate-postgres.js', [database.url, 'authflow']));
    for (const child of children) {
      expect(await child.next()).toBe('ready');
    }
    for (const child of children) {
      child.send('go');
    }
    const told = await Promise.all(children.map((child) => child.rest()));
    const applied = MIGRATIONS.map(({ version }) => ({ applied: version }));
    const done = { done: MIGRATIONS.length };
    expect(told.toSorted((a, b) => a.length - b.length)).toEqual([[done], [done], [done], [...applied, done]]);
  });

  test('cannot be taken while a migration runs, however long that takes', async () => {
    const { open, query } = await emptyDatabase();
    await query('CREATE TABLE public.gate (x integer); GRANT SELECT ON public.gate TO PUBLIC');
    const gated = {
      ...FIRST,
      sql: `${FIRST.sql}; DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM public.gate) LOOP PERFORM pg_sleep(0.01); END LOOP; END $$`,
    };
    const migrating = migrate(await open(), [gated], RELEASE);
    const isGated = () => query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    await expect.poll(isGated).not.toEqual([]);
    const waiting = migrate(await open(), [gated], RELEASE);
    const waitsForRow = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%AS held%'";
    await expect.poll(() => query(waitsForRow)).not.toEqual([]);
    await query('INSERT INTO public.gate VALUES (1)');
    expect(await migrating).toEqual([gated]);
    expect(await waiting).toEqual([]);
  });

  test('of a migrator that was killed keeps others waiting until its term has run out by the clock of the database', async () => {
    const { database, open, query } = await emptyDatabase();
    const dead = startChild('migrate-postgres.js', [database.url, 'authflow', 'hold']);
    expect(await dead.next()).toBe('ready');
    dead.send('go');
    expect(await dead.next()).toEqual({ applied: 1 });
    dead.kill();
    await dead.ended;
    const impatient = await open(database.url, 0);
    await expect(migrate(impatient, MIGRATIONS, RELEASE)).rejects.toThrow('Another process has been migrating');
    const patient = await open();
    const migrating = migrate(patient, MIGRATIONS, RELEASE);
    await runOut(query);
    expect(await migrating).toEqual(MIGRATIONS.slice(1));
  });

  test('is asked in every migration: who was superseded stops, and finds done what the other did', async () => {
    const { open, query, tables } = await emptyDatabase();
    const [slow, fast] = [await open(), await open()];
    const asleep = {
      ...slow,
      async apply(migration: Migration, checksum: string) {
        if (migration.version === 2) {
          await runOut(query);
          expect(await migrate(fast, [FIRST, SECOND], RELEASE)).toEqual([SECOND]);
        }
        await slow.apply(migration, checksum);
      },
    };
    expect(await migrate(asleep, [FIRST, SECOND], RELEASE)).toEqual([FIRST]);
    expect(await tables()).toEqual(['first', 'schema_lock', 'schema_migrations', 'second']);
    expect(await query('SELECT * FROM authflow.schema_lock')).toEqual([]);
  });

  test('that another holds now is not let go of by who was superseded', async () => {
    const { open, query, tables } = await emptyDatabase();
    const slow = await open(undefined, 0);
    const asleep = {
      ...slow,
      async apply(migration: Migration, checksum: string) {
        if (migration.version === 2) {
          await query("UPDATE authflow.schema_lock SET owner = 'another'");
        }
        await slow.apply(migration, checksum);
      },
    };
    await expect(migrate(asleep, [FIRST, SECOND], RELEASE)).rejects.toThrow('Another process has been migrating');
    expect(await query('SELECT owner FROM authflow.schema_lock')).toEqual([{ owner: 'another' }]);
    expect(await tables()).not.toContain('second');
  });
});

describe('R13: a store of every released schema', () => {
  test.each(MIGRATIONS.map((_, released) => released + 1))(
    'as schema %s: cut off between and within migrations, 20 times, it completes and equals a fresh one',
    async (released) => {
      const [old, fresh] = [await emptyDatabase(), await emptyDatabase()];
      await migrate(await old.open(), MIGRATIONS.slice(0, released), RELEASE);
      const all = [...MIGRATIONS, ...Array.from({ length: 11 }, (_, i) => fixture(MIGRATIONS.length + 1 + i))];
      for (let round = 0; round < 20; round += 1) {
        const store = await old.open();
        const done = (await store.readApplied()).length;
        if (round % 2 === 0) {
          const endless = all.map((each, i) =>
            i === done ? { ...each, sql: `${each.sql}; SELECT pg_sleep(600)` } : each,
          );
          const outcome = expect(migrate(store, endless, RELEASE)).rejects.toThrow();
          await expect.poll(() => cutSleepers(old.query)).toBe(true);
          await outcome;
        } else {
          await expect(migrate(cutAfterOne(store), all, RELEASE)).rejects.toThrow();
        }
        await runOut(old.query);
        expect(await (await old.open()).readApplied()).toHaveLength(done + (round % 2));
      }
      await migrate(await old.open(), all, RELEASE);
      await migrate(await fresh.open(), all, RELEASE);
      expect(await schemaOf(old.database)).toEqual(await schemaOf(fresh.database));
      expect(await (await old.open()).readApplied()).toEqual(await (await fresh.open()).readApplied());
    },
  );
});

type OpenStore = Awaited<ReturnType<Awaited<ReturnType<typeof emptyDatabase>>['open']>>;
type Query = (sql: string) => Promise<unknown[]>;

function fixture(version: number): Migration {
  const name = `fixture_${version}`;
  return { version, name, oldestRelease: RELEASE, sql: `CREATE TABLE {schema}.${name} (x integer PRIMARY KEY)` };
}

/** As a process that dies between two migrations: nothing more is sent. */
function cutAfterOne(store: OpenStore): OpenStore {
  return {
    ...store,
    async apply(migration, checksum) {
      await store.apply(migration, checksum);
      await store.client.end();
    },
  };
}

/** Cuts the connections of those that sleep, and tells whether there were any. */
async function cutSleepers(query: Query): Promise<boolean> {
  const sleepers = "wait_event = 'PgSleep' AND datname = current_database()";
  return (await query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${sleepers}`)).length > 0;
}

/** As if the term of the lock had passed. */
async function runOut(query: Query): Promise<void> {
  await query("UPDATE authflow.schema_lock SET expires_at = clock_timestamp() - interval '1 second'");
}
