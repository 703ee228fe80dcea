import type { Settings } from '../config/settings.ts';
import type { SqliteDatabase } from '../storage/database.ts';
import { WrongEngineError } from './start-error.ts';

/** The SQLite file of the settings. Throws WrongEngineError with `otherwise`, a sentence, where the store is on PostgreSQL. */
export function ownFile({ database }: Settings, otherwise: string): SqliteDatabase {
  if (database.engine !== 'sqlite') {
    throw new WrongEngineError(otherwise);
  }
  return database;
}
