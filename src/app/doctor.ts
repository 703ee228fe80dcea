import type { Settings } from '../config/settings.ts';
import { type SealedBox, secretIdOf } from '../crypto/sealed-box.ts';
import { opensSigningKey } from '../crypto/signing-key.ts';
import type { Storage } from '../domain/storage.ts';
import type { SqliteDatabase } from '../storage/database.ts';
import type { Engine } from '../storage/engine.ts';
import { markSentence } from '../storage/move-mark.ts';
import type { PostgresFacts } from '../storage/postgres/inspection.ts';
import type { SqliteFacts } from '../storage/sqlite/inspection.ts';
import { checkApiKeyClaim } from './api-key-claim.ts';
import { checkBreachedPasswords } from './breached-passwords.ts';
import type { Diagnosis } from './diagnosis.ts';
import {
  checkAdminToken,
  checkCertificate,
  checkPrivatePath,
  checkRestoreLeftovers,
  checkWriting,
  modeDetail,
} from './doctor-files.ts';
import { checkPrivateKeys, diagnoseProduction } from './doctor-production.ts';
import { checkSecret } from './doctor-secret.ts';
import { checkMailServer } from './mail-server-check.ts';
import { isPrivate, privatePaths } from './private-paths.ts';
import { storeEngine } from './release-engine.ts';
import { countSealedApiKeys, countSealedFactors, type SealedCounts } from './reseal.ts';
import { isSafeNode } from './safe-node.js';
import { findSecrets, openBox } from './store-secret.ts';

/** A WAL beyond this was not checkpointed for long: something reads without an end. */
const LARGE_WAL_BYTES = 64 * 1024 * 1024;

export interface DiagnosisOptions {
  readonly nodeVersion?: string;
  /** Whether the settings are also held against what serves people; false by default. */
  readonly forProduction?: boolean;
}

/**
 * Looks at the files and the store, and tries what a server of this user will do with them. Reads the whole store; changes
 * nothing, not even a mode that is too wide, and leaves nothing.
 */
export async function diagnose(settings: Settings, options: DiagnosisOptions = {}): Promise<readonly Diagnosis[]> {
  const { nodeVersion = process.versions.node, forProduction = false } = options;
  const node = checkNode(nodeVersion);
  const engine = await storeEngine(settings);
  const { database } = settings;
  const ofFile = <T>(check: (file: SqliteDatabase) => T): T[] =>
    database.engine === 'sqlite' ? [check(database)] : [];
  try {
    if (!(await engine.exists())) {
      const missing = { check: 'store', ok: false, detail: await missingDetail(engine) };
      return [node, missing, ...ofFile(checkRestoreLeftovers).flat()];
    }
  } catch (error) {
    return [node, { check: 'store', ok: false, detail: sentence(error) }];
  }
  const { store, postgres } = await checkStore(engine);
  // No server opens a store that moved, and on PostgreSQL its tables have other names.
  const isMoved = store.some(({ check }) => check === 'move');
  return [
    node,
    ...privatePaths(settings).flatMap((privatePath) => ofFile((file) => checkPrivatePath(privatePath, file))),
    ...store,
    ...(isMoved ? [] : [await checkWriting(engine, database)]),
    ...ofFile(checkRestoreLeftovers).flat(),
    ...(isMoved ? [] : await checkRows(settings, engine, forProduction)),
    ...checkAdminToken(settings),
    checkApiKeyClaim(settings),
    ...(await checkBreachedPasswords(settings)),
    ...(await checkMailServer(settings)),
    ...checkCertificate(settings, Date.now()),
    ...(forProduction ? diagnoseProduction(settings, postgres) : []),
  ];
}

async function missingDetail(engine: Engine): Promise<string> {
  const fault = await engine.makingFault();
  const remedy = fault === null ? '"authflow serve" or "authflow migrate" makes one' : fault;
  return `there is no store at ${engine.place}: ${remedy}`;
}

function checkNode(version: string): Diagnosis {
  return isSafeNode(version)
    ? { check: 'node', ok: true, detail: version }
    : {
        check: 'node',
        ok: false,
        detail: `${version} is not known to keep its memory whole under HTTP/2: run 24.21 or later, or 26.8 or later`,
      };
}

/** `postgres`: what the server says of itself; null over a file, or where it does not answer. */
interface CheckedStore {
  readonly store: readonly Diagnosis[];
  readonly postgres: PostgresFacts | null;
}

async function checkStore(engine: Engine): Promise<CheckedStore> {
  try {
    const { sqlite, postgres, moveMark, ...inspection } = await engine.inspect();
    const { schemaVersion, latestSchemaVersion, pendingMigrations, faults } = inspection;
    const store = [
      ...(sqlite === null ? [] : checkFile(sqlite)),
      ...(postgres === null ? [] : checkServer(postgres)),
      ...(moveMark === null ? [] : [{ check: 'move', ok: false, detail: markSentence(engine.place, moveMark) }]),
      {
        check: 'schema',
        ok: pendingMigrations.length === 0,
        detail: `version ${schemaVersion} of ${latestSchemaVersion}`,
      },
      // Of PostgreSQL's own files its own tools tell: pg_amcheck.
      ...(sqlite === null
        ? []
        : [{ check: 'integrity', ok: faults.length === 0, detail: faults.join('; ') || 'sound' }]),
    ];
    return { store, postgres };
  } catch (error) {
    return { store: [{ check: 'store', ok: false, detail: sentence(error) }], postgres: null };
  }
}

function checkFile({ file, fileBytes, fileMode, sqliteVersion, journalMode, walBytes }: SqliteFacts): Diagnosis[] {
  const mode = modeDetail(fileMode, { path: file, isFolder: false });
  return [
    { check: 'store', ok: isPrivate(fileMode), detail: `${file}, ${fileBytes} bytes, ${mode}` },
    { check: 'sqlite', ok: journalMode === 'wal', detail: `${sqliteVersion}, ${journalMode}` },
    { check: 'write-ahead log', ok: walBytes <= LARGE_WAL_BYTES, detail: `${walBytes} bytes` },
  ];
}

function checkServer({ place, bytes, serverVersion, synchronousCommit, fsync }: PostgresFacts): Diagnosis[] {
  const version = `PostgreSQL ${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`;
  const kept = `synchronous_commit ${synchronousCommit}, fsync ${fsync}`;
  return [
    { check: 'store', ok: true, detail: `${place}, ${bytes} bytes, ${version}` },
    {
      check: 'commits',
      ok: synchronousCommit !== 'off' && fsync === 'on',
      detail: fsync === 'on' ? kept : `${kept}: a power cut would damage the store, set fsync to on`,
    },
  ];
}

async function checkRows(settings: Settings, engine: Engine, forProduction: boolean): Promise<readonly Diagnosis[]> {
  try {
    const box = openBox(findSecrets(settings));
    const storage = await engine.openAsIs();
    try {
      return [
        await checkSecret(settings, storage, box),
        await checkSigningKeys(storage, box),
        await checkSealedApiKeys(storage, box),
        await checkSealedFactors(storage, box),
        ...(forProduction ? [await checkPrivateKeys(settings, storage)] : []),
      ];
    } finally {
      await storage.close();
    }
  } catch (error) {
    return [{ check: 'secret', ok: false, detail: sentence(error) }];
  }
}

async function checkSealedApiKeys(storage: Storage, box: SealedBox): Promise<Diagnosis> {
  const remedy = 'restore a backup, or put other keys into tokens: authflow key add ORG --in-tokens';
  return checkSealed('sealed API keys', await countSealedApiKeys(storage, box), remedy);
}

async function checkSealedFactors(storage: Storage, box: SealedBox): Promise<Diagnosis> {
  const remedy = 'restore a backup, or reset the second factors of their users, who cannot log in by codes of an app';
  return checkSealed('sealed second factors', await countSealedFactors(storage, box), remedy);
}

function checkSealed(
  check: string,
  { count, stale, staleSecretIds, damaged }: SealedCounts,
  remedy: string,
): Diagnosis {
  if (damaged > 0) {
    return { check, ok: false, detail: `${damaged} of ${count} do not open; ${remedy}` };
  }
  if (stale > 0) {
    const secrets = `under another secret (${[...staleSecretIds].join(', ')})`;
    return {
      check,
      ok: false,
      detail: `${stale} of ${count} are sealed ${secrets}: authflow secret rotate, with both`,
    };
  }
  return { check, ok: true, detail: `all ${count} open` };
}

async function checkSigningKeys(storage: Storage, box: SealedBox): Promise<Diagnosis> {
  const live = (await storage.listSigningKeys()).filter(({ retiredAt }) => retiredAt === null);
  const compromised = live.filter(({ sealedPrivateKey }) => box.isCompromised(sealedPrivateKey));
  if (compromised.length > 0) {
    const kids = compromised.map(({ kid }) => kid).join(', ');
    const secrets = [...new Set(compromised.map(({ sealedPrivateKey }) => secretIdOf(sealedPrivateKey)))].join(', ');
    const detail =
      `sealed under a secret that was compromised (${secrets}) and not believed: ${kids}; somebody who has it wrote into the store, or ` +
      'a process missed the rotation; retire every key: authflow signing-key rotate --compromised';
    return { check: 'signing keys', ok: false, detail };
  }
  const damaged = live.filter((record) => !opensSigningKey(box, record)).map(({ kid }) => kid);
  if (damaged.length > 0) {
    const remedy = 'restore a backup, or retire every key: authflow signing-key rotate --compromised';
    return { check: 'signing keys', ok: false, detail: `damaged: ${damaged.join(', ')}; ${remedy}` };
  }
  return {
    check: 'signing keys',
    ok: live.length > 0,
    detail: live.length > 0 ? `all ${live.length} open` : 'there is none: "authflow serve" makes one',
  };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown fault';
}
