import type { Settings } from '../config/settings.ts';
import { SettingsError } from '../config/settings-error.ts';
import { BreachedPasswordFile } from '../crypto/breached-passwords.ts';
import { HashFileError } from '../crypto/hash-file.ts';
import type { BreachedPasswords } from '../domain/ports.ts';
import type { Diagnosis } from './diagnosis.ts';
import { fileFault } from './file-fault.ts';

const NAME = 'AUTHFLOW_BREACHED_PASSWORDS';

/** The list of the settings; null where they name none. */
export function breachedPasswords({ breachedPasswords: path }: Settings): BreachedPasswords | null {
  return path === null ? null : new BreachedPasswordFile(path);
}

/** Throws SettingsError where the settings name a list that cannot be searched. */
export async function requireBreachedPasswords({ breachedPasswords: path }: Settings): Promise<void> {
  const [diagnosis] = path === null ? [] : [await diagnosed(path)];
  if (diagnosis?.ok === false) {
    throw new SettingsError([{ name: NAME, message: `cannot be used: ${diagnosis.detail}` }]);
  }
}

/** Whether the list can be searched, as far as places all over it tell; nothing where the settings name none. */
export async function checkBreachedPasswords({ breachedPasswords: path }: Settings): Promise<readonly Diagnosis[]> {
  return path === null ? [] : [await diagnosed(path)];
}

async function diagnosed(path: string): Promise<Diagnosis> {
  const check = 'breached passwords';
  try {
    return { check, ok: true, detail: `${path}, ${await new BreachedPasswordFile(path).check()} bytes, in order` };
  } catch (error) {
    const detail = error instanceof HashFileError ? `${path} ${error.message}` : fileFault(path, 'read', error);
    return { check, ok: false, detail };
  }
}
