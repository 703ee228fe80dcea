import { createHash } from 'node:crypto';
import { StoreError } from './store-error.ts';

/** One step of a schema, in the engine's SQL. Once released it is never edited: a change is a further migration. */
export interface Migration {
  /** 1, 2, 3, … */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** A migration as a store remembers it. */
export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/** What an engine gives to be migrated. */
export interface MigrationStore {
  /** How sentences name the store. */
  readonly place: string;
  /** The migrations applied so far, in order; none in an empty store. Throws StoreError for a foreign database. */
  readApplied(): Promise<readonly AppliedMigration[]>;
  /**
   * Does the work while nobody else can, in one transaction: all of it stays or, when it throws or the process dies,
   * none. Waits for another process that is at it.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Runs and remembers one migration. Only within {@link exclusively}. */
  apply(migration: Migration, checksum: string): Promise<void>;
}

/**
 * Brings a store to the newest schema and tells which migrations that took. Of several processes at once one
 * migrates; the others wait and find it done. Interrupted, it leaves the store as it was.
 * Throws StoreError, with nothing done, where {@link planMigrations} does.
 */
export async function migrate(store: MigrationStore, migrations: readonly Migration[]): Promise<readonly Migration[]> {
  if ((await planMigrations(store, migrations)).length === 0) {
    return [];
  }
  return store.exclusively(async () => {
    // Asked again under the lock: another start may have migrated while this one waited.
    const pending = await planMigrations(store, migrations);
    for (const migration of pending) {
      await store.apply(migration, checksumOf(migration));
    }
    return pending;
  });
}

/**
 * The migrations that the store lacks, in order; changes nothing. Throws StoreError for a store of a newer release
 * and for a migration that reads differently from the one that was applied.
 */
export async function planMigrations(
  store: MigrationStore,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  const applied = await store.readApplied();
  for (const old of applied) {
    refuseUnlessKnown(store.place, old, migrations);
  }
  const versions = new Set(applied.map((old) => old.version));
  return migrations.filter((migration) => !versions.has(migration.version));
}

/** Tells an edited migration from the one that was applied: SHA-256 of its SQL, in hexadecimal. */
export function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}

function refuseUnlessKnown(place: string, old: AppliedMigration, migrations: readonly Migration[]): void {
  const known = migrations.find((migration) => migration.version === old.version);
  if (known === undefined) {
    const newest = migrations.at(-1)?.version ?? 0;
    throw new StoreError(
      `${place} has schema version ${old.version} ("${old.name}"), and this release knows versions up to ${newest}. ` +
        'Start the newer release again, or restore a backup made before the upgrade.',
    );
  }
  if (checksumOf(known) !== old.checksum) {
    throw new StoreError(
      `Migration ${old.version} ("${known.name}") of this program differs from the one that was applied to ${place}. ` +
        'Install an unmodified release, or restore a backup made by this one.',
    );
  }
}
