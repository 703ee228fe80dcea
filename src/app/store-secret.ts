import type { Settings } from '../config/settings.ts';
import { SealedBox } from '../crypto/sealed-box.ts';
import { dataPaths, readSecretFile } from './data-directory.ts';
import { StartError } from './start-error.ts';

/** The secret of an existing store, from the settings or its file. Throws StartError when there is none. */
export function findSecret({ secret, dataDir, databaseFile }: Settings): Uint8Array {
  const { secretFile } = dataPaths(dataDir);
  const found = secret ?? tryRead(secretFile);
  if (found === null) {
    throw new StartError(
      `The store ${databaseFile} exists, but its secret does not: ${secretFile} is missing and ` +
        'AUTHFLOW_SECRET is not set. Give the secret that the store was made with.',
    );
  }
  return found;
}

/** What opens sealed values under a secret. Throws StartError for one that is too short to be a store's. */
export function openBox(secret: Uint8Array): SealedBox {
  if (secret.byteLength < 32) {
    throw new StartError('The secret has fewer than 32 bytes. Give the secret that the store was made with.');
  }
  return new SealedBox(secret);
}

function tryRead(secretFile: string): Uint8Array | null {
  try {
    return Buffer.from(readSecretFile(secretFile));
  } catch {
    return null;
  }
}
