import { createHash } from 'node:crypto';
import type { StoreIdentity } from '../domain/storage.ts';
import { isSince } from './release.ts';
import { StoreError } from './store-error.ts';

/** One step of a schema, in the engine's SQL. Once released it is never edited: a change is a further migration. */
export interface Migration {
  /** 1, 2, 3, … */
  readonly version: number;
  readonly name: string;
  /**
   * The oldest release that may run on a store with this migration, such as `0.1.0`: older ones would read or write it wrongly.
   * Earlier than the release that brings the migration where it only adds what they leave alone.
   */
  readonly oldestRelease: string;
  readonly sql: string;
}

/** A migration as a store remembers it. */
export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  /** Null where it was applied before stores kept this. */
  readonly oldestRelease: string | null;
}

/** A migration as it is shown to an operator. */
export interface PlannedMigration {
  readonly version: number;
  readonly name: string;
  /** All that applying it runs, its line in the ledger too: an administrator may run it by hand, in one transaction. */
  readonly sql: string;
}

/** What an engine gives to be migrated. */
export interface MigrationStore {
  /** How sentences name the store. */
  readonly place: string;
  /** The migrations applied so far, in order; none in an empty store. Throws StoreError for a foreign database. */
  readApplied(): Promise<readonly AppliedMigration[]>;
  /** Which store this is, under any schema; null where it was not made to its end. */
  readIdentity(): Promise<StoreIdentity | null>;
  /**
   * Does the work while no other process does any. Waits for one that is at it, and throws StoreError where that takes too
   * long. May do the work anew: what another process did in between is in the ledger then.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Runs and remembers one migration: both stay, or when it throws or the process dies neither. Only within
   * {@link exclusively}.
   */
  apply(migration: Migration, checksum: string): Promise<void>;
  /** What {@link apply} runs. */
  scriptOf(migration: Migration, checksum: string): string;
  /** What makes the ledger of migrations; empty where there is one. */
  ledgerScript(): Promise<string>;
}

/**
 * Brings a store to the newest schema and tells which migrations that took. Of several processes at once one
 * migrates; the others wait and find it done. Interrupted, it leaves the store at one of its versions, to go on from.
 * Throws StoreError, with nothing done, where {@link planMigrations} does.
 */
export async function migrate(
  store: MigrationStore,
  migrations: readonly Migration[],
  release: string,
): Promise<readonly Migration[]> {
  const applied: Migration[] = [];
  if ((await planMigrations(store, migrations, release)).length === 0) {
    return applied;
  }
  return store.exclusively(async () => {
    // Asked again under the lock: another start may have migrated while this one waited.
    for (const migration of await planMigrations(store, migrations, release)) {
      await store.apply(migration, checksumOf(migration));
      applied.push(migration);
    }
    return applied;
  });
}

/**
 * The migrations that the store lacks, in order; changes nothing. Throws StoreError where {@link refuseUnfit} does, and for a
 * store that lacks one though it has a later one.
 */
export async function planMigrations(
  store: MigrationStore,
  migrations: readonly Migration[],
  release: string,
): Promise<readonly Migration[]> {
  const applied = await store.readApplied();
  refuseUnfit(store.place, applied, { migrations, release });
  const versions = new Set(applied.map((old) => old.version));
  const pending = migrations.filter((migration) => !versions.has(migration.version));
  const newest = applied.at(-1)?.version ?? 0;
  for (const { version, name } of pending) {
    if (version < newest) {
      throw new StoreError(
        `${store.place} has schema version ${newest} and lacks version ${version} ("${name}"). Restore it from a backup.`,
      );
    }
  }
  return pending;
}

/** The migrations that the store lacks as an operator is shown them; changes nothing. Throws as {@link planMigrations}. */
export async function planScripts(
  store: MigrationStore,
  migrations: readonly Migration[],
  release: string,
): Promise<readonly PlannedMigration[]> {
  const pending = await planMigrations(store, migrations, release);
  const ledger = await store.ledgerScript();
  return pending.map((migration, index) => {
    const { version, name } = migration;
    const script = store.scriptOf(migration, checksumOf(migration));
    return { version, name, sql: index === 0 ? ledger + script : script };
  });
}

/** What a release knows of schemas. */
export interface KnownSchema {
  readonly migrations: readonly Migration[];
  /** The release itself, such as `0.1.0`. */
  readonly release: string;
}

/**
 * Throws StoreError for a store that this release may not run on: one with migrations of a newer release that name a later one
 * as the oldest, and one whose migrations read differently from this release's.
 */
export function refuseUnfit(
  place: string,
  applied: readonly AppliedMigration[],
  { migrations, release }: KnownSchema,
): void {
  for (const old of applied) {
    const known = migrations.find((migration) => migration.version === old.version);
    if (known === undefined) {
      refuseUnlessSince(place, old, release);
    } else if (checksumOf(known) !== old.checksum) {
      throw new StoreError(
        `Migration ${old.version} ("${known.name}") of this program differs from the one that was applied to ${place}. ` +
          'Install an unmodified release, or restore a backup made by this one.',
      );
    }
  }
}

/** The SQL of a migration with another statement after it. */
export function followedBy(sql: string, statement: string): string {
  const body = sql.trim();
  return `${body}${body === '' || body.endsWith(';') ? '' : ';'}${body === '' ? '' : '\n'}${statement};\n`;
}

/** Tells an edited migration from the one that was applied: SHA-256 of its SQL, in hexadecimal. */
export function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}

function refuseUnlessSince(place: string, { version, name, oldestRelease }: AppliedMigration, release: string): void {
  if (oldestRelease !== null && isSince(release, oldestRelease)) {
    return;
  }
  const opener = oldestRelease === null ? 'no older one' : `${oldestRelease} or later`;
  throw new StoreError(
    `${place} is of a newer release: it has schema version ${version} ("${name}"), which ${opener} can open, and this is ` +
      `${release}. Start the newer release, or restore a backup made before the upgrade.`,
  );
}
