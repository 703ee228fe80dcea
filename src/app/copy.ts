import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { RandomIdSource } from '../crypto/id-source.ts';
import { auditEventOf, cliOrigin } from '../domain/audit/audit-event.ts';
import type { StoreIdentity } from '../domain/storage.ts';
import { type CopiedTableReport, type CopyProgress, copyStore } from '../storage/copy/copy.ts';
import { CopyRefusedError, NotCopyableError } from '../storage/copy/errors.ts';
import type { FlawFault } from '../storage/copy/rows.ts';
import type { CopySide } from '../storage/copy/side.ts';
import { openCopySide } from '../storage/copy/sides.ts';
import { type Database, DEFAULT_SCHEMA, placeOf } from '../storage/database.ts';
import type { Engine } from '../storage/engine.ts';
import { type MoveMark, markSentence } from '../storage/move-mark.ts';
import { StoreError } from '../storage/store-error.ts';
import { createClock } from './clock.ts';
import { dataPaths, makeDataDirectory } from './data-directory.ts';
import { storeEngine } from './release-engine.ts';
import { StartError } from './start-error.ts';
import { askKnowing, findSecrets, openBox } from './store-secret.ts';

/** How far a move is. */
export type MoveProgress = CopyProgress;

export interface MoveRequest {
  readonly from: Database;
  readonly to: Database;
  /** Whether a copy that was begun is gone on with. */
  readonly resume: boolean;
  readonly onProgress: (progress: MoveProgress) => void;
  readonly signal: AbortSignal;
}

/** What a move did. */
export interface MoveReport {
  /** The sides, as sentences name them. */
  readonly from: string;
  readonly to: string;
  /** Servers of the target have to be told it; null where it is the default, or there is none. */
  readonly schema: string | null;
  readonly tables: readonly CopiedTableReport[];
  /** Whether the secret at hand was seen to open the store; false where none is at hand. */
  readonly isSecretChecked: boolean;
  /** What servers of the target need and had in the data directory until now: variables and the files for them. */
  readonly credentials: readonly { readonly variable: string; readonly file: string }[];
}

/**
 * Moves a store to another database, every server stopped, and verifies it. A missing target is made. From the first step on until
 * it is finished neither side can be opened, and the source never again but by {@link reopenStore}.
 *
 * Throws what `copyStore` throws; StartError for a missing source; it or SealedBoxError for a secret at hand that is
 * not the store's; StoreError for sides of another schema than this release's.
 */
export async function moveStore(settings: Settings, request: MoveRequest): Promise<MoveReport> {
  const { from, to } = request;
  refuseSame(from, to);
  const source = await openSource(from);
  try {
    const isSecretChecked = checkSecret(settings, await source.readIdentity(), source.place);
    const target = await openTarget(to);
    try {
      const tables = await copyStore({ ...request, source, target, now: createClock().now() });
      const { place } = source;
      return {
        from: place,
        to: target.place,
        schema: to.engine === 'postgres' && to.schema !== DEFAULT_SCHEMA ? to.schema : null,
        tables,
        isSecretChecked,
        credentials: credentialsFor(settings, request),
      };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Tells the audit log of a store where it came from. The move is done: one that cannot be told of is none that failed. */
export async function recordMove(database: Database, { from }: MoveReport): Promise<void> {
  try {
    const storage = await (await storeEngine({ database })).open();
    const now = createClock().now();
    const facts = { type: 'store.moved', orgId: null, details: { from } } as const;
    await storage
      .recordAuditEvents([auditEventOf(new RandomIdSource().uuidV7(now), facts, cliOrigin(now))])
      .finally(() => storage.close());
  } catch {
    // Whoever opens it next meets what was in the way, and says so.
  }
}

/**
 * Lets a store that was moved, or whose move was given up, be opened again; the mark that it had. Throws CopyRefusedError where it has
 * none, or is itself the half of a copy. It may lack migrations of this release, which could not be applied while it is marked.
 */
export async function reopenStore(database: Database): Promise<MoveMark> {
  const engine = await existing(database);
  // Throws for a store of a newer release.
  await engine.planMigrations();
  const store = await openCopySide(database);
  try {
    const mark = await store.readMark();
    if (mark === null || mark.state === 'half_copied') {
      throw new CopyRefusedError(
        mark === null ? `${store.place} was not moved: there is nothing to reopen.` : markSentence(store.place, mark),
      );
    }
    await store.unfence();
    return mark;
  } finally {
    await store.close();
  }
}

/** A value that stopped a move. */
export interface UncopiedValue {
  readonly table: string;
  /** The key of its row. */
  readonly row: string;
  readonly column: string;
  readonly fault: string;
}

/** The values that stopped a move, in words; none for an error of another kind. */
export function uncopiedValues(error: unknown): readonly UncopiedValue[] {
  return error instanceof NotCopyableError ? error.flaws.map((flaw) => ({ ...flaw, fault: FAULTS[flaw.fault] })) : [];
}

const FAULTS: Readonly<Record<FlawFault, string>> = {
  nul: 'holds the character U+0000, which PostgreSQL cannot hold',
  not_utf8: 'is no UTF-8',
};

function refuseSame(from: Database, to: Database): void {
  if (identityOf(from) === identityOf(to)) {
    throw new CopyRefusedError(
      `${placeOf(from)} is both sides of the copy. Name both, by --from and --to: the one that is left out is the store of ` +
        'AUTHFLOW_DATABASE_URL, or of the data folder where that is not set.',
    );
  }
}

function identityOf(database: Database): string {
  return database.engine === 'sqlite' && existsSync(database.file) ? realpathSync(database.file) : placeOf(database);
}

async function existing(database: Database): Promise<Engine> {
  const engine = await storeEngine({ database });
  if (!(await engine.exists())) {
    throw new StartError(
      `There is no store at ${engine.place}. --from and --reopen name the store that there is, --to where it goes.`,
    );
  }
  return engine;
}

async function openSource(database: Database): Promise<CopySide> {
  return openMigrated(database, await existing(database));
}

async function openTarget(database: Database): Promise<CopySide> {
  const engine = await storeEngine({ database });
  if (!(await engine.exists())) {
    if (database.engine === 'sqlite') {
      makeDataDirectory(dirname(database.file));
    }
    await engine.migrate();
  }
  return openMigrated(database, engine);
}

async function openMigrated(database: Database, engine: Engine): Promise<CopySide> {
  const isOld = (await engine.planMigrations()).length > 0;
  const side = await openCopySide(database);
  if (!isOld) {
    return side;
  }
  try {
    throw oldSchemaError(side.place, await side.readMark());
  } finally {
    await side.close();
  }
}

/** A store that is marked is migrated by nobody. */
function oldSchemaError(place: string, mark: MoveMark | null): StoreError {
  if (mark === null) {
    return new StoreError(
      `${place} lacks migrations of this release: both sides of a copy have the newest schema. Run "authflow migrate" on ` +
        'it (AUTHFLOW_DATABASE_URL says on which), then copy again.',
    );
  }
  const sentence = markSentence(place, mark);
  return new StoreError(
    mark.state === 'moved'
      ? sentence
      : `The copy was begun by an older release: go on with it by that one, or give it up. ${sentence}`,
  );
}

/** The sealed values are copied as they are: no secret is needed for that, but servers of the target will need this one. */
function checkSecret(settings: Settings, identity: StoreIdentity | null, place: string): boolean {
  if (identity === null) {
    throw new StoreError(`${place} was not made to its end: "authflow serve" completes it.`);
  }
  let secrets: readonly Uint8Array[];
  try {
    secrets = findSecrets(settings);
  } catch (error) {
    if (error instanceof StartError) {
      return false;
    }
    throw error;
  }
  const box = openBox(secrets);
  askKnowing(settings, box, () => box.checkSecret(identity));
  return true;
}

function credentialsFor(settings: Settings, { from, to }: MoveRequest): MoveReport['credentials'] {
  if (from.engine !== 'sqlite' || to.engine === 'sqlite') {
    return [];
  }
  const { secretFile, adminTokenFile } = dataPaths(settings.dataDir);
  return [
    ...(settings.secret === null ? [{ variable: 'AUTHFLOW_SECRET_FILE', file: secretFile }] : []),
    ...(settings.adminToken === null ? [{ variable: 'AUTHFLOW_ADMIN_TOKEN_FILE', file: adminTokenFile }] : []),
  ];
}
