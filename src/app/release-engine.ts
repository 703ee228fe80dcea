import type { Settings } from '../config/settings.ts';
import { type Engine, engineOf, type FileEngine } from '../storage/engine.ts';
import { sqliteEngine } from '../storage/sqlite/sqlite-engine.ts';
import { readPackageVersion } from './package-version.ts';

/** The engine of the settings' store, as this release opens it. */
export function storeEngine({ database }: Pick<Settings, 'database'>): Promise<Engine> {
  return engineOf(database, readPackageVersion());
}

/** The engine of a store in a file, as this release opens it. */
export function fileEngine(file: string): FileEngine {
  return sqliteEngine(file, readPackageVersion());
}
