import type { Settings } from '../config/settings.ts';
import { DEFAULT_SCHEMA } from '../storage/database.ts';
import { ownFile } from './own-file.ts';
import { fileEngine, storeEngine } from './release-engine.ts';
import { StoreMissingError } from './start-error.ts';

/** `recent_writes` is for those who did not hear what became of a write: nobody asks a restored store. */
function onPostgres({ database }: Settings): string {
  const schema = database.engine === 'postgres' ? database.schema : DEFAULT_SCHEMA;
  return (
    'A store on PostgreSQL is copied by the tools of PostgreSQL: ' +
    `pg_dump --format=custom --schema=${schema} --exclude-table-data=${schema}.recent_writes --file=authflow.dump ` +
    '"$AUTHFLOW_DATABASE_URL", or an archive of its write-ahead log (docs/operations.md, "PostgreSQL: backup").'
  );
}

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
  const { file } = ownFile(settings, onPostgres(settings));
  // Throws for a store of a newer release.
  await engine.planMigrations();
  await fileEngine(file).backUp(to);
}
