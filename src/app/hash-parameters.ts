import type { Settings } from '../config/settings.ts';
import { type HashParameters, OWASP_ARGON2ID } from '../crypto/hashes/hash-parameters.ts';

/** How the settings want new passwords hashed. */
export function hashParameters({
  passwordHash,
  bcryptCost,
}: Pick<Settings, 'passwordHash' | 'bcryptCost'>): HashParameters {
  return passwordHash === 'argon2id' ? OWASP_ARGON2ID : { algorithm: 'bcrypt', cost: bcryptCost };
}
