import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Settings } from '../config/settings.ts';
import { RandomIdSource } from '../crypto/id-source.ts';
import { type CheckedStore, type SealedBox, SealedBoxError } from '../crypto/sealed-box.ts';
import { createSigningKey } from '../crypto/signing-key.ts';
import { cliOrigin } from '../domain/audit/audit-event.ts';
import { changesSince, type StoreChange } from '../domain/restore/changes.ts';
import type { Storage } from '../domain/storage.ts';
import type { Engine, FileEngine } from '../storage/engine.ts';
import { adminTokenFault } from './admin-token-check.ts';
import { createClock } from './clock.ts';
import { makeDataDirectory } from './data-directory.ts';
import { ownFile } from './own-file.ts';
import { fileEngine, storeEngine } from './release-engine.ts';
import { StartError, StoreMissingError, WrongEngineError } from './start-error.ts';
import { findSecrets, openBox } from './store-secret.ts';
import { undoneRotation } from './undone-rotation.ts';

/** What a restore did. */
export interface RestoreReport {
  /** Where the store is, as sentences name it. */
  readonly store: string;
  /** Where the store that was there is kept; null where there was none. */
  readonly replacedFile: string | null;
  /** Why a server could not verify the admin token; null where it could. */
  readonly adminTokenFault: string | null;
}

/** Whether what changed since the backup was told, whole; or why not. */
export type Comparison = 'told' | 'nothing_changed' | 'no_store' | 'not_readable' | 'another_store';

const RESTORE_ON_POSTGRES =
  'A store on PostgreSQL is put back by the tools of PostgreSQL: pg_restore. "authflow restore" without a file does the rest ' +
  '(docs/operations.md).';

/** A restore was asked to stop, and did: the store is as it was. */
export class RestoreStoppedError extends Error {
  override readonly name = 'RestoreStoppedError';

  constructor() {
    super('The restore was stopped: the store is as it was.');
  }
}

/**
 * Puts a backup in the place of the store, with every server stopped. Nothing that was handed out before opens anything then: a
 * new epoch, all sessions ended, all signing keys retired. Until the very end the store is as it was, and it is kept.
 *
 * Throws StoreError or StartError with a sentence for the operator: a backup that is damaged, of a newer release or of another
 * secret, a store that is in use, a disk that is full; RestoreStoppedError when `signal` is aborted before the end. Then nothing
 * of the restore is left.
 */
export async function restoreStore(settings: Settings, backup: string, signal?: AbortSignal): Promise<RestoreReport> {
  const box = openBox(findSecrets(settings, `the backup ${backup}`));
  const { file } = ownFile(settings, RESTORE_ON_POSTGRES);
  makeDataDirectory(dirname(file));
  const restoration = await stoppable(signal, () => fileEngine(file).beginRestore(backup, signal));
  try {
    const { engine } = restoration;
    await stoppable(signal, () => refuseDamaged(engine, backup));
    await stoppable(signal, () => engine.migrate());
    await stoppable(signal, () => renew(engine, box, `the backup ${backup}`));
    const replacedFile = await stoppable(signal, () => restoration.finish());
    return { store: file, replacedFile, adminTokenFault: adminTokenFault(settings) };
  } catch (error) {
    throw restoration.explain(error);
  } finally {
    restoration.discard();
  }
}

/**
 * Does for a store on PostgreSQL, which its own tools have put back, what a restore has to do besides: brings it to the newest
 * schema; nothing that was handed out before opens anything then. Takes some seconds, in which it looks for servers. May be repeated.
 *
 * Throws StoreError or StartError with a sentence for the operator: no such store, another secret, one that is served, and where the
 * store is a file.
 */
export async function renewStore(settings: Settings): Promise<RestoreReport> {
  const { database } = settings;
  if (database.engine === 'sqlite') {
    throw new WrongEngineError('Name the backup that is to be put in the place of the store: authflow restore FILE.');
  }
  const engine = await storeEngine(settings);
  if (!(await engine.exists())) {
    throw new StoreMissingError(engine.place);
  }
  const subject = `the store ${engine.place}`;
  const box = openBox(findSecrets(settings, subject));
  const { refuseServed } = await import('../storage/postgres-served.ts');
  await refuseServed(database);
  await engine.migrate();
  await renew(engine, box, subject);
  return { store: engine.place, replacedFile: null, adminTokenFault: null };
}

/**
 * Compares the restored store with the one that it replaced, and gives `tell` what the restore undid. Throws nothing but what
 * `tell` throws.
 */
export async function tellUndone(
  settings: Settings,
  replacedFile: string | null,
  tell: (changes: AsyncIterable<StoreChange>) => Promise<void>,
): Promise<Comparison> {
  const kept = replacedFile === null ? null : fileEngine(replacedFile);
  if (kept === null || !(await kept.exists().catch(() => true))) {
    return 'no_store';
  }
  const restored = await openReadable(await storeEngine(settings));
  const replaced = isDatabase(kept) ? await openReadable(kept) : null;
  try {
    return restored === null || replaced === null
      ? 'not_readable'
      : await compare(settings, { restored, replaced }, tell);
  } finally {
    await restored?.close();
    await replaced?.close();
  }
}

async function compare(
  settings: Settings,
  { restored, replaced }: { readonly restored: Storage; readonly replaced: Storage },
  tell: (changes: AsyncIterable<StoreChange>) => Promise<void>,
): Promise<Comparison> {
  let comparison: Comparison = 'nothing_changed';
  let rotation: readonly StoreChange[] = [];
  async function* readable(): AsyncGenerator<StoreChange> {
    for (const change of rotation) {
      comparison = 'told';
      yield change;
    }
    try {
      for await (const change of changesSince(restored, replaced)) {
        comparison = 'told';
        yield change;
      }
    } catch {
      // The store was replaced because something is wrong with it.
      comparison = 'not_readable';
    }
  }
  try {
    const [before, now] = [await replaced.readStoreIdentity(), await restored.readStoreIdentity()];
    if (before?.storeId !== now?.storeId) {
      return 'another_store';
    }
    rotation = before && now ? undoneRotation(settings, { restored: now, replaced: before }) : [];
  } catch {
    return 'not_readable';
  }
  await tell(readable());
  return comparison;
}

function isDatabase(engine: FileEngine): boolean {
  try {
    return engine.isDatabase();
  } catch {
    return false;
  }
}

async function openReadable(engine: Engine): Promise<Storage | null> {
  try {
    return await engine.openAsIs();
  } catch {
    return null;
  }
}

/** Does one step, unless a signal that came during the one before asks for the end. */
async function stoppable<T>(signal: AbortSignal | undefined, step: () => Promise<T>): Promise<T> {
  // SQLite holds up the event loop, and with it the signals.
  await setImmediate();
  if (signal?.aborted) {
    throw new RestoreStoppedError();
  }
  try {
    return await step();
  } catch (error) {
    throw signal?.aborted && error === signal.reason ? new RestoreStoppedError() : error;
  }
}

async function refuseDamaged(engine: Engine, backup: string): Promise<void> {
  const { faults } = await engine.inspect();
  if (faults.length > 0) {
    throw new StartError(`The backup ${backup} is damaged (${faults.length} faults): use another.`);
  }
}

/** Begins a new life of what was put back; `subject`: what that is, in sentences. */
async function renew(engine: Engine, box: SealedBox, subject: string): Promise<void> {
  const restored = await engine.open();
  try {
    const identity = await restored.readStoreIdentity();
    if (identity === null) {
      throw new StartError(`${capitalized(subject)} is of a store that was not made to its end: use another.`);
    }
    followSecret(box, identity, subject);
    const now = createClock().now();
    const signingKey = createSigningKey(box, { createdAt: now, activatesAt: now });
    await restored.causedBy(() => cliOrigin(now)).beginEpoch(new RandomIdSource().uuidV4(), signingKey, now);
  } finally {
    await restored.close();
  }
}

function followSecret(box: SealedBox, identity: CheckedStore, subject: string): void {
  try {
    box.follow(identity);
  } catch (error) {
    if (!(error instanceof SealedBoxError)) {
      throw error;
    }
    throw new StartError(BACKUP_FAULTS[error.fault](capitalized(subject), error.secretId), { cause: error });
  }
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const BACKUP_FAULTS: Readonly<Record<SealedBoxError['fault'], (subject: string, secretId: string) => string>> = {
  other_secret: (subject, secretId) =>
    `${subject} was made under another secret, whose id is ${secretId}. Give the secret of its store (AUTHFLOW_SECRET or its file; ` +
    'AUTHFLOW_SECRET_PREVIOUS where it was replaced since).',
  half_rotated: (subject, secretId) =>
    `${subject} was made while its secret was replaced: the one whose id is ${secretId} is needed, too (AUTHFLOW_SECRET_PREVIOUS).`,
  rotation_lost: (subject, secretId) =>
    `${subject} is sealed under the secret ${secretId}, which was compromised. Run "authflow secret rotate --compromised" again.`,
  compromised: (subject, secretId) =>
    `${subject} holds a value under the secret ${secretId}, which was compromised. Run "authflow secret rotate --compromised" again.`,
  damaged: (subject) => `${subject} is damaged (a sealed value does not open): use another.`,
  unknown_version: (subject) => `${subject} was made by a newer release. Run that release or a later one.`,
};
