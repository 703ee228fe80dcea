import { randomBytes, X509Certificate } from 'node:crypto';
import { rmSync, type Stats, statSync, writeFileSync } from 'node:fs';
import type { Settings } from '../config/settings.ts';
import type { Database, SqliteDatabase } from '../storage/database.ts';
import type { Engine } from '../storage/engine.ts';
import { ADMIN_TOKEN_REMEDY, adminTokenFault } from './admin-token-check.ts';
import type { Diagnosis } from './diagnosis.ts';
import { fileFault, isAbsent } from './file-fault.ts';
import { isPrivate, narrowingCommand, type PrivatePath } from './private-paths.ts';
import { fileEngine } from './release-engine.ts';

/** Whether a file or folder of the store is there, closed to others, and open to the user that the database is of. */
export function checkPrivatePath(privatePath: PrivatePath, { file: databaseFile }: SqliteDatabase): Diagnosis {
  const { name, path, isFolder } = privatePath;
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (error) {
    const detail = isAbsent(error) ? `${path} is missing` : fileFault(path, 'looked at', error);
    return { check: name, ok: false, detail };
  }
  const owner = statSync(databaseFile).uid;
  // A folder may be another's that lets the server's user write.
  if (!isFolder && stats.uid !== owner) {
    const detail = `${path} belongs to user ${stats.uid}, and the database to ${owner}: chown ${owner} '${path}'`;
    return { check: name, ok: false, detail };
  }
  const mode = stats.mode & 0o777;
  return { check: name, ok: isPrivate(mode), detail: `${path} has ${modeDetail(mode, privatePath)}` };
}

/** The mode in words, with the command that closes what others can open. */
export function modeDetail(mode: number, privatePath: Pick<PrivatePath, 'path' | 'isFolder'>): string {
  const digits = `mode ${mode.toString(8)}`;
  return isPrivate(mode) ? digits : `${digits}, others can open it: ${narrowingCommand(privatePath)}`;
}

/** Whether this user could write: begins a write, and makes a file beside a SQLite database as SQLite does, and removes it. */
export async function checkWriting(engine: Engine, database: Database): Promise<Diagnosis> {
  const fault = database.engine === 'sqlite' ? besideFault(database) : null;
  if (fault !== null) {
    return { check: 'writing', ok: false, detail: fault };
  }
  try {
    await engine.tryWriting();
    return { check: 'writing', ok: true, detail: 'a write can begin' };
  } catch (error) {
    return { check: 'writing', ok: false, detail: error instanceof Error ? error.message : 'unknown fault' };
  }
}

/** Why no file can be made beside a database; null where one can. */
function besideFault({ file }: SqliteDatabase): string | null {
  const beside = `${file}-doctor-${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(beside, '', { mode: 0o600, flag: 'wx' });
    rmSync(beside);
    return null;
  } catch (error) {
    return fileFault(beside, 'made', error);
  }
}

/** What restores that were killed left beside the store; nothing where there is none. */
export function checkRestoreLeftovers({ file }: SqliteDatabase): readonly Diagnosis[] {
  const left = fileEngine(file).restoreLeftovers();
  if (left.length === 0) {
    return [];
  }
  const detail = `left by a restore that did not end: ${left.join(', ')}; the next restore removes them`;
  return [{ check: 'restore', ok: false, detail }];
}

/** Whether a server could verify the admin token; nothing where the settings give it. */
export function checkAdminToken(settings: Settings): readonly Diagnosis[] {
  if (settings.adminToken !== null) {
    return [];
  }
  const fault = adminTokenFault(settings);
  return [
    fault === null
      ? { check: 'admin token', ok: true, detail: 'can be read' }
      : { check: 'admin token', ok: false, detail: `${fault}: all management is refused; ${ADMIN_TOKEN_REMEDY}` },
  ];
}

/** A certificate that ends so soon should have been renewed: certbot does it 30 days before, cert-manager after two thirds. */
const RENEWED_BEFORE_DAYS = 7;
const DAY_MS = 86_400_000;

/** Whether the certificate of both ports is still good for a while; nothing in clear text. */
export function checkCertificate({ tls }: Settings, now: number): readonly Diagnosis[] {
  if (tls === null) {
    return [];
  }
  const expiresAt = new X509Certificate(tls.cert.pem).validToDate;
  const days = Math.floor((expiresAt.getTime() - now) / DAY_MS);
  const detail = `${tls.cert.path} expires at ${expiresAt.toISOString()}`;
  return [
    days >= RENEWED_BEFORE_DAYS
      ? { check: 'certificate', ok: true, detail }
      : { check: 'certificate', ok: false, detail: `${detail}: ${days < 0 ? 'it has' : `in ${days} days`}, renew it` },
  ];
}
