import { dirname } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { RandomIdSource } from '../crypto/id-source.ts';
import type { SealedBox } from '../crypto/sealed-box.ts';
import { createSigningKey } from '../crypto/signing-key.ts';
import { changesSince, type StoreChange } from '../domain/restore/changes.ts';
import type { Storage, StoreIdentity } from '../domain/storage.ts';
import { type Engine, engineOf } from '../storage/engine.ts';
import { adminTokenFault } from './admin-token-check.ts';
import { createClock } from './clock.ts';
import { makeDataDirectory } from './data-directory.ts';
import { StartError } from './start-error.ts';
import { findSecret, openBox } from './store-secret.ts';

/** What a restore did. */
export interface RestoreReport {
  /** Where the store that was there is kept; null where there was none. */
  readonly replacedFile: string | null;
  /** Whether what changed since the backup was told, whole; or why not. */
  readonly comparison: 'told' | 'no_store' | 'not_readable' | 'another_store';
  /** Why a server could not verify the admin token; null where it could. */
  readonly adminTokenFault: string | null;
}

/**
 * Puts a backup in the place of the store, with every server stopped. Nothing that was handed out before opens anything then: a
 * new epoch, all sessions ended, all signing keys retired. `tell` is given what changed since the backup, and is thereby
 * undone, while the store that was there can still be read. Until the very end the store is as it was, and it is kept.
 *
 * Throws StoreError, StartError or SealedBoxError with a sentence for the operator: a backup that is damaged, of a newer release
 * or of another secret, a store that is in use.
 */
export async function restoreStore(
  settings: Settings,
  backup: string,
  tell: (changes: AsyncIterable<StoreChange>) => Promise<void>,
): Promise<RestoreReport> {
  const box = openBox(findSecret({ ...settings, databaseFile: backup }));
  makeDataDirectory(dirname(settings.databaseFile));
  const engine = engineOf(`sqlite:${settings.databaseFile}`);
  const restoration = await engine.beginRestore(backup);
  try {
    await refuseDamaged(restoration.engine, backup);
    await restoration.engine.migrate();
    const comparison = await renew(restoration.engine, box, (restored, identity) =>
      compare({ engine, restored, identity, tell }),
    );
    const replacedFile = await restoration.finish();
    return { replacedFile, comparison, adminTokenFault: adminTokenFault(settings) };
  } finally {
    restoration.discard();
  }
}

async function refuseDamaged(engine: Engine, backup: string): Promise<void> {
  const { faults } = await engine.inspect();
  if (faults.length > 0) {
    throw new StartError(`${backup} is damaged (${faults.length} faults). Restore another backup.`);
  }
}

/** Begins the copy's new life, after `look` has seen it as it was. */
async function renew<T>(
  engine: Engine,
  box: SealedBox,
  look: (restored: Storage, identity: StoreIdentity) => Promise<T>,
): Promise<T> {
  const restored = await engine.open();
  try {
    const identity = await restored.readStoreIdentity();
    if (identity === null) {
      throw new StartError('The backup is of a store that was not made to its end. Restore another one.');
    }
    box.checkSecret(identity);
    const seen = await look(restored, identity);
    const now = createClock().now();
    const signingKey = createSigningKey(box, { createdAt: now, activatesAt: now });
    await restored.beginEpoch(new RandomIdSource().uuidV4(), signingKey, now);
    return seen;
  } finally {
    await restored.close();
  }
}

interface Comparing {
  readonly engine: Engine;
  readonly restored: Storage;
  readonly identity: StoreIdentity;
  readonly tell: (changes: AsyncIterable<StoreChange>) => Promise<void>;
}

async function compare({ engine, restored, identity, tell }: Comparing): Promise<RestoreReport['comparison']> {
  const present = await openPresent(engine);
  if (present === null || present === 'not_readable') {
    return present ?? 'no_store';
  }
  try {
    const isSame = (await present.readStoreIdentity().catch(() => null))?.storeId === identity.storeId;
    if (!isSame) {
      return 'another_store';
    }
    let isWhole = true;
    async function* readable(store: Storage): AsyncGenerator<StoreChange> {
      try {
        yield* changesSince(restored, store);
      } catch {
        // The store is restored because something is wrong with it.
        isWhole = false;
      }
    }
    await tell(readable(present));
    return isWhole ? 'told' : 'not_readable';
  } finally {
    await present.close();
  }
}

async function openPresent(engine: Engine): Promise<Storage | 'not_readable' | null> {
  try {
    return (await engine.exists()) ? await engine.openAsIs() : null;
  } catch {
    return 'not_readable';
  }
}
