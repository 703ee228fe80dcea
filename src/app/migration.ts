import type { Settings } from '../config/settings.ts';
import type { MigrationTitle } from '../storage/engine.ts';
import type { PlannedMigration } from '../storage/migrator.ts';
import { openCore } from './core.ts';
import { storeEngine } from './release-engine.ts';

/**
 * What {@link migrateStore} would do; changes and makes nothing. Throws StoreError with a sentence for the operator, such as for a
 * store of a newer release, or one that moved.
 */
export async function planMigration(settings: Settings): Promise<readonly PlannedMigration[]> {
  const engine = await storeEngine(settings);
  const planned = await engine.planMigrations();
  if (planned.length === 0) {
    // Throws for a store that moved, which is not up to date.
    await (await engine.openAsIs()).close();
  }
  return planned;
}

/**
 * Brings the store to this release's schema, making it if it is missing, and tells what that took. Throws StartError or
 * StoreError with a sentence for the operator.
 */
export async function migrateStore(settings: Settings): Promise<readonly MigrationTitle[]> {
  let applied: readonly MigrationTitle[] = [];
  // A store is made with its secret and first key, or not at all; an existing one is migrated before it is opened.
  const core = await openCore(settings, {
    makeStore: true,
    onMigrated: (migrations) => {
      applied = migrations;
    },
  });
  await core.close();
  return applied;
}
