import type { Settings } from '../config/settings.ts';
import { engineOf, type PlannedMigration } from '../storage/engine.ts';
import { openCore } from './core.ts';

/** What a migration did, or would do. */
export interface MigrationReport {
  readonly applied: readonly PlannedMigration[];
  readonly pending: readonly PlannedMigration[];
}

/**
 * Brings the store to this release's schema, making it if it is missing; `dryRun` only tells. Throws StartError or
 * StoreError with a sentence for the operator, such as for a store of a newer release.
 */
export async function migrateStore(
  settings: Settings,
  { dryRun }: { readonly dryRun: boolean },
): Promise<MigrationReport> {
  const pending = await (await engineOf(settings.database)).planMigrations();
  if (dryRun) {
    return { applied: [], pending };
  }
  // A store is made with its secret and first key, or not at all; an existing one is migrated before it is opened.
  const core = await openCore(settings, { makeStore: true });
  await core.close();
  return { applied: pending, pending: [] };
}
