import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { AdminTokenFile, createAdminToken, FixedAdminToken } from '../crypto/admin-token.ts';
import type { AdminTokenVerifier } from '../domain/ports.ts';
import { ownerOf } from '../storage/file-owner.ts';
import { createSecretFile, type DataPaths, makeDataDirectory } from './data-directory.ts';
import { findSecrets } from './store-secret.ts';

/** What opens a store and its management. */
export interface Credentials {
  readonly secrets: readonly Uint8Array[];
  /** What was made because it was missing. The admin token is null where it was there. Never log it. */
  readonly made: { readonly madeSecret: boolean; readonly adminToken: string | null };
}

/** An existing store is opened with what was made with it; on PostgreSQL the settings have it. */
export function findCredentials(settings: Settings): Credentials {
  return { secrets: findSecrets(settings), made: { madeSecret: false, adminToken: null } };
}

/** A new store gets a secret and an admin token first: a crash between the steps leaves nothing that cannot go on. */
export function makeCredentials(settings: Settings, paths: DataPaths, databaseFile: string): Credentials {
  makeDataDirectory(paths.dataDir);
  makeDataDirectory(dirname(databaseFile));
  const owner = ownerOf(databaseFile, paths.secretFile);
  const secret =
    settings.secret === null ? createSecretFile(paths.secretFile, randomBytes(32).toString('base64url'), owner) : null;
  const adminToken =
    settings.adminToken === null ? createSecretFile(paths.adminTokenFile, createAdminToken(), owner) : null;
  return {
    secrets: [settings.secret ?? Buffer.from(secret?.value ?? '')],
    made: { madeSecret: secret?.created ?? false, adminToken: adminToken?.created ? adminToken.value : null },
  };
}

/** Judges admin tokens by the settings, else by the file of the data directory, as it is at each call. */
export function adminTokens(settings: Settings, { adminTokenFile }: DataPaths): AdminTokenVerifier {
  return settings.adminToken === null
    ? new AdminTokenFile(() => readFile(adminTokenFile, 'utf8'))
    : new FixedAdminToken(settings.adminToken);
}
