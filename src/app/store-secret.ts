import type { Settings } from '../config/settings.ts';
import { type CheckedStore, SealedBox, SealedBoxError } from '../crypto/sealed-box.ts';
import { placeOf } from '../storage/database.ts';
import { RotationLostError, SecretReplacedError } from '../storage/store-error.ts';
import { dataPaths, readSecretFile } from './data-directory.ts';
import { fileFault, isAbsent } from './file-fault.ts';
import { StartError } from './start-error.ts';

/**
 * The secrets of what was made before, by default the store, from the settings or their files: the one to come or in force first, then
 * those that it replaces. The store says which is in force. Throws StartError when there is none, or one cannot be read.
 */
export function findSecrets(settings: Settings, subject?: string): readonly Uint8Array[] {
  const { secret, secretPrevious } = settings;
  const previous = secretPrevious === null ? [] : [secretPrevious];
  return [...(secret === null ? secretsOfFiles(settings, subject) : [secret]), ...previous];
}

function secretsOfFiles(
  { dataDir, database }: Settings,
  subject = `the store ${placeOf(database)}`,
): readonly Uint8Array[] {
  const { secretFile, nextSecretFile, previousSecretFile } = dataPaths(dataDir);
  // In this order: a rotation that ends meanwhile moves the next one to where it is read afterwards, and the present one, too.
  const next = fileSecret(nextSecretFile, subject);
  const secret = fileSecret(secretFile, subject);
  if (secret === null) {
    throw new StartError(
      `There is no secret for ${subject}: ${secretFile} is missing and AUTHFLOW_SECRET is not set. Give the secret ` +
        'that it was made with.',
    );
  }
  return [secret, next, fileSecret(previousSecretFile, subject)].flatMap((found) => found ?? []);
}

/** Null where there is no such file. */
function fileSecret(file: string, subject: string): Uint8Array | null {
  try {
    return Buffer.from(readSecretFile(file));
  } catch (error) {
    if (isAbsent(error)) {
      return null;
    }
    throw new StartError(
      `${fileFault(file, 'read', error)}. It holds a secret of ${subject}: run this as the user that the file belongs to.`,
    );
  }
}

/** What opens sealed values under some secrets. Throws StartError for one that is too short to be a store's. */
export function openBox([secret, ...others]: readonly Uint8Array[]): SealedBox {
  if (secret === undefined || [secret, ...others].some(({ byteLength }) => byteLength < 32)) {
    throw new StartError('The secret has fewer than 32 bytes. Give the secret that the store was made with.');
  }
  return new SealedBox(secret, ...others);
}

/**
 * Takes the secrets that a rotation has put into their files since, before it puts one in force; tells whether there was a new one.
 * Those of the settings are what they were at the start. A file that cannot be read is left out: what is sealed under it tells.
 */
export function learnSecrets(settings: Settings, box: SealedBox): boolean {
  if (settings.secret !== null) {
    return false;
  }
  const { secretFile, nextSecretFile } = dataPaths(settings.dataDir);
  return [nextSecretFile, secretFile].map((file) => learn(file, box)).includes(true);
}

function learn(file: string, box: SealedBox): boolean {
  try {
    return box.know(Buffer.from(readSecretFile(file)));
  } catch {
    return false;
  }
}

/**
 * Asks the box about a store, and once more where it lacks a secret that the files have by now: a rotation may have gone on since they
 * were read. Throws what `ask` throws.
 */
export function askKnowing<T>(settings: Settings, box: SealedBox, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (error instanceof SealedBoxError && error.secretId !== '' && learnSecrets(settings, box)) {
      return ask();
    }
    throw error;
  }
}

/**
 * Throws SecretReplacedError where the store is sealed under a secret that this process does not know, RotationLostError where it is
 * under one that it called compromised.
 */
export function refuseUnknownSecret(box: SealedBox, store: CheckedStore): void {
  try {
    box.checkSecret(store);
  } catch (error) {
    if (error instanceof SealedBoxError && error.fault === 'rotation_lost') {
      throw new RotationLostError(error.message);
    }
    if (error instanceof SealedBoxError && error.secretId !== '') {
      throw new SecretReplacedError(error.message);
    }
  }
}
