import type { Settings } from '../config/settings.ts';
import { ownFile } from './own-file.ts';
import { fileEngine, storeEngine } from './release-engine.ts';
import { StoreMissingError } from './start-error.ts';

const BACKUP_ON_POSTGRES =
  'A store on PostgreSQL is copied by the tools of PostgreSQL: pg_dump --format=custom, or an archive of its write-ahead log ' +
  '(docs/operations.md).';

/**
 * Copies the store to a new file while servers run. It may be of an older release, whose servers run: the copy is what they have, and
 * needs no secret. Throws StoreError or StartError with a sentence for the operator: no such store, one of a newer release, one that
 * moved, a disk that is full, and where the store is on PostgreSQL; FileExistsError.
 */
export async function backUpStore(settings: Settings, to: string): Promise<void> {
  const engine = await storeEngine(settings);
  if (!(await engine.exists())) {
    throw new StoreMissingError(engine.place);
  }
  const { file } = ownFile(settings, BACKUP_ON_POSTGRES);
  // Throws for a store of a newer release.
  await engine.planMigrations();
  await fileEngine(file).backUp(to);
}
