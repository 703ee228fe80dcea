import { statSync } from 'node:fs';
import type { Settings } from '../config/settings.ts';
import { inspectStorage, storageExists } from '../storage/open-storage.ts';
import { openCore } from './core.ts';
import { dataPaths } from './data-directory.ts';

/** One thing that was looked at. */
export interface Diagnosis {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** A WAL beyond this was not checkpointed for long: something reads without an end. */
const LARGE_WAL_BYTES = 64 * 1024 * 1024;

/** Looks at the files and the store, and tells what is wrong. Reads the whole store; makes and changes nothing. */
export async function diagnose(settings: Settings): Promise<readonly Diagnosis[]> {
  const { dataDir, secretFile, adminTokenFile } = dataPaths(settings.dataDir);
  const node = { check: 'node', ok: true, detail: process.versions.node };
  if (!(await storageExists(`sqlite:${settings.databaseFile}`))) {
    return [node, { check: 'store', ok: false, detail: `there is no store at ${settings.databaseFile}` }];
  }
  return [
    node,
    checkMode('data directory', dataDir, 0o077),
    ...(settings.secret === null ? [checkMode('secret file', secretFile, 0o077)] : []),
    ...(settings.adminToken === null ? [checkMode('admin token file', adminTokenFile, 0o077)] : []),
    ...(await checkStore(settings)),
    await checkSecret(settings),
  ];
}

function checkMode(check: string, path: string, forbiddenBits: number): Diagnosis {
  try {
    const mode = statSync(path).mode & 0o777;
    const isPrivate = (mode & forbiddenBits) === 0;
    const detail = `${path} has mode ${mode.toString(8)}${isPrivate ? '' : ': others can open it'}`;
    return { check, ok: isPrivate, detail };
  } catch {
    return { check, ok: false, detail: `${path} is missing` };
  }
}

async function checkStore(settings: Settings): Promise<readonly Diagnosis[]> {
  try {
    const facts = await inspectStorage(`sqlite:${settings.databaseFile}`);
    return [
      {
        check: 'store',
        ok: (facts.fileMode & 0o077) === 0,
        detail: `${facts.file}, ${facts.fileBytes} bytes, mode ${facts.fileMode.toString(8)}`,
      },
      { check: 'sqlite', ok: facts.journalMode === 'wal', detail: `${facts.sqliteVersion}, ${facts.journalMode}` },
      { check: 'write-ahead log', ok: facts.walBytes <= LARGE_WAL_BYTES, detail: `${facts.walBytes} bytes` },
      {
        check: 'schema',
        ok: facts.pendingMigrations.length === 0,
        detail: `version ${facts.schemaVersion} of ${facts.latestSchemaVersion}`,
      },
      { check: 'integrity', ok: facts.faults.length === 0, detail: facts.faults.join('; ') || 'sound' },
    ];
  } catch (error) {
    return [{ check: 'store', ok: false, detail: sentence(error) }];
  }
}

async function checkSecret(settings: Settings): Promise<Diagnosis> {
  try {
    const core = await openCore(settings, { makeStore: false });
    await core.close();
    return { check: 'secret', ok: true, detail: 'opens the store and its signing keys' };
  } catch (error) {
    return { check: 'secret', ok: false, detail: sentence(error) };
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown fault';
}
