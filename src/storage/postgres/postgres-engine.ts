import type { Storage } from '../../domain/storage.ts';
import { type PostgresDatabase, placeOf } from '../database.ts';
import type { Engine, OpenOptions } from '../engine.ts';
import { migrationsOf } from '../migrations.ts';
import { migrate, planMigrations } from '../migrator.ts';
import { storageOver } from '../operations.ts';
import { StoreError } from '../store-error.ts';
import { connectWritable, readServerState } from './connecting.ts';
import { explainFailure } from './explain-failure.ts';
import { inspectServer } from './inspection.ts';
import { postgresMigrationStore } from './migration-store.ts';
import { PostgresRunner } from './runner.ts';
import type { Session } from './session.ts';
import { StatementTexts, statement } from './statement.ts';

/** Where row locks, conflicts of unique keys and what else the rows lean on are as they are used here. */
const OLDEST_SERVER = 130_000;

const MIGRATIONS = migrationsOf('postgres');

const BEGIN_WRITING = statement(
  "INSERT INTO {schema}.spent_nonces (nonce_id, keep_until) VALUES ('', 0) ON CONFLICT DO NOTHING",
);

/**
 * A store in a schema of a PostgreSQL database, which any number of processes on any number of machines may hold. Nothing leans on
 * advisory locks, LISTEN, triggers or extensions, which engines that speak PostgreSQL's protocol lack.
 */
export function postgresEngine(database: PostgresDatabase): Engine {
  const place = placeOf(database);
  const { schema } = database;
  const texts = new StatementTexts(schema, database.namedStatements);
  const connected = <T>(work: (session: Session) => Promise<T>) => withSession(database, texts, work);
  const ledger = (session: Session) => postgresMigrationStore(session, { schema, place });
  return {
    place,

    exists: () => connected(async (session) => (await ledger(session).readApplied()).length > 0),

    async migrate() {
      await connected((session) => migrate(ledger(session), MIGRATIONS));
    },

    planMigrations: () => connected((session) => planMigrations(ledger(session), MIGRATIONS)),

    open: (options) =>
      openStorage({ database, texts, options, refuse: (session) => refusePending(ledger(session), place) }),

    openAsIs: () => openStorage({ database, texts, refuse: (session) => refusePending(ledger(session), place) }),

    tryWriting: () =>
      connected(async (session) => {
        await session.command('BEGIN');
        await session.all(BEGIN_WRITING);
        await session.command('ROLLBACK');
      }),

    inspect: () =>
      connected(async (session) => {
        const pendingMigrations = await planMigrations(ledger(session), MIGRATIONS);
        const latestSchemaVersion = MIGRATIONS.at(-1)?.version ?? 0;
        return {
          schemaVersion: (pendingMigrations[0]?.version ?? latestSchemaVersion + 1) - 1,
          latestSchemaVersion,
          pendingMigrations: pendingMigrations.map(({ version, name }) => ({ version, name })),
          faults: [],
          sqlite: null,
          postgres: await inspectServer(session, place, schema),
        };
      }),
  };
}

interface OpeningOptions {
  readonly database: PostgresDatabase;
  readonly texts: StatementTexts;
  readonly options?: OpenOptions | undefined;
  /** Throws for a store that cannot be opened. */
  readonly refuse: (session: Session) => Promise<void>;
}

async function openStorage({ database, texts, options, refuse }: OpeningOptions): Promise<Storage> {
  await withSession(database, texts, refuse);
  return storageOver(new PostgresRunner({ database, texts, observer: options?.observer ?? null }));
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

async function refuseServer(session: Session, place: string): Promise<void> {
  const { version, synchronousCommit } = await readServerState(session);
  if (version < OLDEST_SERVER) {
    throw new StoreError(
      `${place} is PostgreSQL ${Math.floor(version / 10_000)}: 13 or later is needed. Upgrade the server.`,
    );
  }
  if (synchronousCommit === 'off') {
    throw new StoreError(
      `${place} answers a commit before it is kept (synchronous_commit is off): a power cut would bring spent nonces and ended ` +
        'sessions back. Set it to on for this database: ALTER DATABASE … SET synchronous_commit = on.',
    );
  }
}

async function refusePending(store: ReturnType<typeof postgresMigrationStore>, place: string): Promise<void> {
  const pending = await planMigrations(store, MIGRATIONS);
  if (pending.length > 0) {
    throw new StoreError(
      `${place} lacks ${pending.length} migration(s) of this release. Run "authflow migrate", or "authflow serve", which ` +
        'migrates as it starts.',
    );
  }
}
