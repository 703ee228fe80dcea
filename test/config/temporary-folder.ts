import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'authflow-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The path of a new file with this content in a folder that goes with the test. */
export function temporaryFile(content: string | Uint8Array): string {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, content);
  return file;
}
