import type { Database } from '../database.ts';
import type { CopySide } from './side.ts';

/** A store as a copy sees it; there must be one, of the newest schema. Throws StoreError where it is in use or cannot be reached. */
export async function openCopySide(database: Database): Promise<CopySide> {
  return database.engine === 'sqlite'
    ? (await import('./sqlite-side.ts')).openSqliteSide(database.file)
    : (await import('./postgres-side.ts')).openPostgresSide(database);
}
