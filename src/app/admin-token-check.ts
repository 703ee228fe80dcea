import type { Settings } from '../config/settings.ts';
import { isAdminToken } from '../crypto/admin-token.ts';
import type { LogFields } from '../observability/logger.ts';
import { dataPaths, readSecretFile } from './data-directory.ts';
import { fileFault, isAbsent } from './file-fault.ts';

/** What helps against every fault of the file; the old token, wherever it is kept, opens nothing then. */
export const ADMIN_TOKEN_REMEDY = '"authflow admin-token rotate" makes another';

/**
 * Why a server of this user could not tell the admin token from any other, as a sentence without its full stop; null
 * where it can. All management is UNAVAILABLE then, while the six calls work.
 */
export function adminTokenFault({ dataDir, adminToken }: Settings): string | null {
  if (adminToken !== null) {
    return null;
  }
  const { adminTokenFile } = dataPaths(dataDir);
  try {
    return isAdminToken(readSecretFile(adminTokenFile)) ? null : `${adminTokenFile} holds no admin token`;
  } catch (error) {
    return isAbsent(error) ? `${adminTokenFile} is missing` : fileFault(adminTokenFile, 'read', error);
  }
}

/**
 * What an error of a managing call has to say of the admin token's file, for the log; nothing where it is of something else. The
 * file is read for each such call, and may go while a server runs.
 */
export function adminTokenFields(error: unknown, settings: Settings): LogFields {
  const cause = error instanceof Error ? error.cause : undefined;
  const isOfFile =
    cause instanceof Error && 'path' in cause && cause.path === dataPaths(settings.dataDir).adminTokenFile;
  const fault = isOfFile ? adminTokenFault(settings) : null;
  return fault === null ? {} : { fault, remedy: ADMIN_TOKEN_REMEDY };
}
