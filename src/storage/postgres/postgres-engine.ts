import { randomUUID } from 'node:crypto';
import { type PostgresDatabase, placeOf } from '../database.ts';
import type { Engine, OpenOptions, OpenStore } from '../engine.ts';
import { migrationsOf } from '../migrations.ts';
import { type KnownSchema, type MigrationStore, migrate, planMigrations, planScripts } from '../migrator.ts';
import { refuseMarked } from '../move-mark.ts';
import { openStore } from '../open-store.ts';
import { StoreError } from '../store-error.ts';
import { connectWritable } from './connecting.ts';
import { explainFailure } from './explain-failure.ts';
import { inspectServer } from './inspection.ts';
import { postgresMigrationStore } from './migration-store.ts';
import { readMoveMark } from './move-mark.ts';
import { refuseServer } from './refuse-server.ts';
import { makingFault, refuseUngranted } from './rights.ts';
import { PostgresRunner } from './runner.ts';
import type { Session } from './session.ts';
import { StatementTexts, statement } from './statement.ts';

const MIGRATIONS = migrationsOf('postgres');

/** How long a start waits for another start that migrates. */
const MIGRATION_WAIT_MS = 60_000;

const BEGIN_WRITING = statement(
  'INSERT INTO {schema}.spent_nonces (nonce_id, keep_until) VALUES ($1, 0) ON CONFLICT DO NOTHING',
);

/**
 * A store in a schema of a PostgreSQL database, which any number of processes on any number of machines may hold. Nothing leans on
 * advisory locks, LISTEN, triggers or extensions, which engines that speak PostgreSQL's protocol lack. `release` (such as `0.1.0`) is the
 * one that opens it.
 */
export function postgresEngine(database: PostgresDatabase, release: string): Engine {
  const place = placeOf(database);
  const { schema } = database;
  const texts = new StatementTexts(schema, database.namedStatements);
  const connected = <T>(work: (session: Session) => Promise<T>) => withSession(database, texts, work);
  const known: KnownSchema = { migrations: MIGRATIONS, release };
  const ledger = (session: Session) =>
    postgresMigrationStore(session, { schema, place, user: database.user, waitMs: MIGRATION_WAIT_MS });
  const refuse = async (session: Session) => {
    refuseMarked(place, await readMoveMark(session, schema));
    await refusePending(ledger(session), known);
  };
  return {
    place,

    exists: () => connected(async (session) => (await ledger(session).readApplied()).length > 0),

    readIdentity: () => connected((session) => ledger(session).readIdentity()),

    // A migration takes as long as it needs: no statement of it is cut.
    migrate: () =>
      withSession({ ...database, statementTimeoutMs: 0 }, texts, async (session) => {
        refuseMarked(place, await readMoveMark(session, schema));
        return (await migrate(ledger(session), MIGRATIONS, release)).map(({ version, name }) => ({ version, name }));
      }),

    planMigrations: () => connected((session) => planScripts(ledger(session), MIGRATIONS, release)),

    open: (options) =>
      open({
        database,
        texts,
        options,
        known,
        async refuse(session) {
          await refuse(session);
          await refuseUngranted(session, database);
        },
      }),

    openAsIs: () => open({ database, texts, known, refuse }),

    tryWriting: () =>
      connected(async (session) => {
        await refuseUngranted(session, database);
        await session.command('BEGIN');
        await session.all(BEGIN_WRITING, [`ping ${randomUUID()}`]);
        await session.command('ROLLBACK');
      }),

    makingFault: () => connected((session) => makingFault(session, database)),

    inspect: () =>
      connected(async (session) => {
        const pendingMigrations = await planMigrations(ledger(session), MIGRATIONS, release);
        const latestSchemaVersion = MIGRATIONS.at(-1)?.version ?? 0;
        return {
          schemaVersion: (pendingMigrations[0]?.version ?? latestSchemaVersion + 1) - 1,
          latestSchemaVersion,
          pendingMigrations: pendingMigrations.map(({ version, name }) => ({ version, name })),
          faults: [],
          sqlite: null,
          postgres: await inspectServer(session, place, schema),
          moveMark: await readMoveMark(session, schema),
        };
      }),
  };
}

interface OpeningOptions {
  readonly database: PostgresDatabase;
  readonly texts: StatementTexts;
  readonly options?: OpenOptions | undefined;
  readonly known: KnownSchema;
  /** Throws for a store that cannot be opened. */
  readonly refuse: (session: Session) => Promise<void>;
}

async function open({ database, texts, options, known, refuse }: OpeningOptions): Promise<OpenStore> {
  await withSession(database, texts, refuse);
  const runner = new PostgresRunner({ database, texts, observer: options?.observer ?? null });
  return openStore(runner, placeOf(database), known);
}

async function withSession<T>(
  database: PostgresDatabase,
  texts: StatementTexts,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  try {
    const session = await connectWritable(database, texts);
    try {
      await refuseServer(session, placeOf(database));
      return await work(session);
    } finally {
      await session.close();
    }
  } catch (error) {
    throw explainFailure(error, database);
  }
}

async function refusePending(store: MigrationStore, { migrations, release }: KnownSchema): Promise<void> {
  const pending = await planMigrations(store, migrations, release);
  if (pending.length > 0) {
    throw new StoreError(
      `${store.place} lacks ${pending.length} migration(s) of this release. Run "authflow migrate", or "authflow serve", which ` +
        'migrates as it starts.',
    );
  }
}
