import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

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
