import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Storage } from '../../src/domain/storage.ts';
import type { FileEngine } from '../../src/storage/engine.ts';
import { sqliteEngine } from '../../src/storage/sqlite/sqlite-engine.ts';

/** The release that opens stores in these tests. */
const RELEASE = '0.1.0';

/** A new folder for SQLite files. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'authflow-storage-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A path for a database of one test, in a folder that is removed when the test ends. */
export function databaseFile(): string {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  return join(folder.path, 'authflow.db');
}

/** The engine of a SQLite file. */
export function engineAt(file: string): FileEngine {
  return sqliteEngine(file, RELEASE);
}

/** Makes or migrates the store in a SQLite file, and opens it. */
export async function openMigrated(file: string): Promise<Storage> {
  const engine = engineAt(file);
  await engine.migrate();
  return engine.open();
}
