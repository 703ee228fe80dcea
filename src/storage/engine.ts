import type { Storage, StoreIdentity } from '../domain/storage.ts';
import type { Database } from './database.ts';
import type { PlannedMigration } from './migrator.ts';
import type { MoveMark } from './move-mark.ts';
import type { PostgresFacts } from './postgres/inspection.ts';
import type { SqliteFacts } from './sqlite/inspection.ts';
import type { Writer } from './write-requests.ts';

/** A migration by its number and name. */
export type MigrationTitle = Pick<PlannedMigration, 'version' | 'name'>;

/** A store that is open. */
export interface OpenStore extends Storage {
  /** Runs a write by its name, as another process asks for it. */
  readonly write: Writer['write'];
  /**
   * Throws StoreError with a sentence for the operator where a newer release has migrated the store meanwhile to a schema that
   * this one may not run on; UNAVAILABLE where that cannot be read.
   */
  checkSchema(): Promise<void>;
}

/** What an operator is told of a store. */
export interface StoreInspection {
  /** What is damaged, in words; empty where nothing was found. */
  readonly faults: readonly string[];
  /** Null for another engine. */
  readonly sqlite: SqliteFacts | null;
  /** Null for another engine. */
  readonly postgres: PostgresFacts | null;
  /** 0 before the first migration. */
  readonly schemaVersion: number;
  readonly latestSchemaVersion: number;
  readonly pendingMigrations: readonly MigrationTitle[];
  /** Why the store must not be opened: it moved, or is the half of a copy. Null where it may be. */
  readonly moveMark: MoveMark | null;
}

export interface OpenOptions {
  /** Whether writes run in a thread of their own, so that no read waits for a disk: for a server. Starts with the first. */
  readonly writesInThread?: boolean;
  /** Who writes to a file in the place of this process: one owner of the connection that writes serves several. */
  readonly writer?: Writer;
  /** Told of what only an engine across a network meets. */
  readonly observer?: StoreObserver;
}

/** Who watches a store across a network. */
export interface StoreObserver {
  /** Given once, when the store is opened: the connections as they are when it is asked. */
  watchConnections(count: () => StoreConnections): void;
  /** One could not be made. */
  connectionFailed(error: unknown): void;
  /** The tables are gone: the store was moved while it was open, which `moved` says (with what to do), or removed. */
  storeGone(error: unknown, moved: string | null): void;
  /**
   * Writes that were acknowledged are gone, because another server took over that did not have them. Nonces of before end, and so
   * many endings of the last minute are done again.
   */
  writesLost(endings: number): void;
  /** An ending that was lost could not be done again. */
  endingNotRepeated(error: unknown): void;
}

export interface StoreConnections {
  readonly idle: number;
  readonly busy: number;
  /** Calls that wait for one. */
  readonly waiting: number;
}

/**
 * What holds a store. Every method throws StoreError with a sentence for the operator: for a store that is missing, locked,
 * damaged, foreign or of a newer release; `migrate`, `open` and `openAsIs` also for one that `authflow copy` has marked.
 */
export interface Engine {
  /** How sentences name the store: its file, or where its server is. Holds no password. */
  readonly place: string;
  /** Whether there is a store, of whatever schema. Throws where that cannot be looked at. */
  exists(): Promise<boolean>;
  /** Which store this is, whatever its schema; null where it was not made to its end. Changes nothing. */
  readIdentity(): Promise<StoreIdentity | null>;
  /**
   * Makes a missing store and brings an older one to the newest schema; gives what that took. Throws for one that cannot be
   * written, too.
   */
  migrate(): Promise<readonly MigrationTitle[]>;
  /** The migrations that {@link migrate} would apply, all of them where there is no store. Changes and makes nothing. */
  planMigrations(): Promise<readonly PlannedMigration[]>;
  /** Throws for a store that lacks migrations, too. */
  open(options?: OpenOptions): Promise<OpenStore>;
  /** Like {@link open}, but opening it changes nothing: neither the mode of files nor the journal. */
  openAsIs(): Promise<OpenStore>;
  /** Throws where no write can begin, or not every table be written, such as for a file that this user may only read. Changes nothing. */
  tryWriting(): Promise<void>;
  /** Why this user could not make a store that is missing, with what to do; null where only making it would show that. */
  makingFault(): Promise<string | null>;
  /** Facts about a store; changes nothing. Reads all of a file. */
  inspect(): Promise<StoreInspection>;
}

/** An engine that holds a store in one file, which this program copies and replaces. */
export interface FileEngine extends Engine {
  /**
   * Writes a consistent copy of the whole store, as it was at one instant, to a new file while calls go on. Throws
   * FileExistsError where there is one, StoreError where it cannot be written, and the reason of `signal` when that is
   * aborted; then nothing of the copy is left.
   */
  backUp(file: string, signal?: AbortSignal): Promise<void>;
  /**
   * Copies a backup beside this store, to be made ready and put in its place. There may be no store. Removes what restores that
   * were killed left there. Throws for what is no backup, while another process has the store open, and the reason of `signal`
   * when that is aborted.
   */
  beginRestore(backup: string, signal?: AbortSignal): Promise<Restoration>;
  /**
   * Whether the store, which is there, is a database at all: opening one that is none removes what lies beside it. Not to be asked
   * while this process has it open.
   */
  isDatabase(): boolean;
  /** The files that restores that were killed, or still run, have beside the store. */
  restoreLeftovers(): readonly string[];
}

/** A backup on its way into the place of a store. */
export interface Restoration {
  /** The copy, a store of its own. All that opened it must be closed before {@link finish}. */
  readonly engine: FileEngine;
  /**
   * Puts the copy in the store's place, at once and to stay. Gives where the store that was there is kept; null where there was
   * none. Throws while another process has it open; the store is as it was then.
   */
  finish(): Promise<string | null>;
  /** An error over the copy as a StoreError that names the backup, or the disk; any other is given back as it is. */
  explain(error: unknown): unknown;
  /** Removes what is left of the copy. To be called in any case. */
  discard(): void;
}

/** The engine of a database, as a release (such as `0.1.0`) opens it. What the other engine needs is not loaded. */
export async function engineOf(database: Database, release: string): Promise<Engine> {
  if (database.engine === 'sqlite') {
    return (await import('./sqlite/sqlite-engine.ts')).sqliteEngine(database.file, release);
  }
  return (await import('./postgres/postgres-engine.ts')).postgresEngine(database, release);
}
