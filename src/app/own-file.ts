import type { Settings } from '../config/settings.ts';
import type { SqliteDatabase } from '../storage/database.ts';
import { StartError } from './start-error.ts';

/** The SQLite file of the settings. Throws StartError with `otherwise`, a sentence, where the store is on PostgreSQL. */
export function ownFile({ database }: Settings, otherwise: string): SqliteDatabase {
  if (database.engine !== 'sqlite') {
    throw new StartError(otherwise);
  }
  return database;
}
