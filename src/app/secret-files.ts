import { randomBytes } from 'node:crypto';
import type { Settings } from '../config/settings.ts';
import type { SealedBox } from '../crypto/sealed-box.ts';
import type { SecretState } from '../crypto/secret-state.ts';
import { ownerOf } from '../storage/file-owner.ts';
import {
  createSecretFile,
  dataPaths,
  moveSecretFile,
  readSecretFile,
  removeDeadDrafts,
  replaceSecretFile,
} from './data-directory.ts';
import { isAbsent } from './file-fault.ts';
import { ownFile } from './own-file.ts';
import { openBox } from './store-secret.ts';

/** The secret that is to be in force. */
export interface SecretTarget {
  readonly secret: Uint8Array;
  /** Whether servers that run may not know it yet. */
  readonly isNew: boolean;
}

const ON_POSTGRES = 'On PostgreSQL the secret is a setting: give AUTHFLOW_SECRET and AUTHFLOW_SECRET_PREVIOUS.';

/**
 * The secret that a rotation beside the store's file goes to: the one that an interrupted run has made, or a new one, in a file of mode
 * 0600 beside the present one. Where the store is sealed under another than its file's, as an older backup is, or was never sealed
 * anew to the end, it is the file's.
 */
export function beginFiles(settings: Settings, known: SealedBox, { resealingFrom }: SecretState): SecretTarget {
  const { file } = ownFile(settings, ON_POSTGRES);
  const { secretFile, nextSecretFile } = dataPaths(settings.dataDir);
  const next = secretIn(nextSecretFile);
  if (next !== null) {
    return { secret: next, isNew: true };
  }
  const present = Buffer.from(readSecretFile(secretFile));
  if (resealingFrom !== null || openBox([present]).secretId !== known.secretId) {
    return { secret: present, isNew: false };
  }
  const made = createSecretFile(nextSecretFile, randomBytes(32).toString('base64url'), ownerOf(file, nextSecretFile));
  return { secret: Buffer.from(made.value), isNew: true };
}

/**
 * Puts the new secret in the place of the store's own, and keeps that beside it, as those that were replaced before: backups of their
 * time need them. Removes what killed runs have left. May be repeated.
 */
export function endFiles(
  settings: Settings,
  { secret }: SecretTarget,
): { readonly secret: string; readonly previous: string } {
  const { file } = ownFile(settings, ON_POSTGRES);
  const { secretFile, nextSecretFile, previousSecretFile } = dataPaths(settings.dataDir);
  const present = readSecretFile(secretFile);
  if (Buffer.compare(Buffer.from(present), secret) !== 0) {
    keepOlder(previousSecretFile, Buffer.from(present));
    replaceSecretFile(previousSecretFile, present, ownerOf(file, previousSecretFile));
    moveSecretFile(nextSecretFile, secretFile);
  }
  removeDeadDrafts(settings.dataDir);
  return { secret: secretFile, previous: previousSecretFile };
}

/** Under the id of the secret in it, by which `restore` names the one that a backup needs. */
function keepOlder(previousSecretFile: string, replaced: Uint8Array): void {
  const older = secretIn(previousSecretFile);
  if (older !== null && Buffer.compare(older, replaced) !== 0) {
    moveSecretFile(previousSecretFile, `${previousSecretFile}-${openBox([older]).secretId}`);
  }
}

function secretIn(file: string): Uint8Array | null {
  try {
    return Buffer.from(readSecretFile(file));
  } catch (error) {
    if (isAbsent(error)) {
      return null;
    }
    throw error;
  }
}
