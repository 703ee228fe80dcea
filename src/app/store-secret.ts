import type { Settings } from '../config/settings.ts';
import { SealedBox } from '../crypto/sealed-box.ts';
import { placeOf } from '../storage/database.ts';
import { dataPaths, readSecretFile } from './data-directory.ts';
import { fileFault, isAbsent } from './file-fault.ts';
import { StartError } from './start-error.ts';

/**
 * The secret of what was made before, by default the store, from the settings or its file. Throws StartError when there is none, or
 * it cannot be read.
 */
export function findSecret(
  { secret, dataDir, database }: Settings,
  subject = `the store ${placeOf(database)}`,
): Uint8Array {
  if (secret !== null) {
    return secret;
  }
  const { secretFile } = dataPaths(dataDir);
  try {
    return Buffer.from(readSecretFile(secretFile));
  } catch (error) {
    throw new StartError(
      isAbsent(error)
        ? `There is no secret for ${subject}: ${secretFile} is missing and AUTHFLOW_SECRET is not set. Give the secret ` +
            'that it was made with.'
        : `${fileFault(secretFile, 'read', error)}. It holds the secret of ${subject}: run this as the user that the ` +
            'file belongs to.',
    );
  }
}

/** What opens sealed values under a secret. Throws StartError for one that is too short to be a store's. */
export function openBox(secret: Uint8Array): SealedBox {
  if (secret.byteLength < 32) {
    throw new StartError('The secret has fewer than 32 bytes. Give the secret that the store was made with.');
  }
  return new SealedBox(secret);
}
