/** How new hashes are made. */
export type HashParameters = BcryptParameters | Argon2idParameters;

export interface BcryptParameters {
  readonly algorithm: 'bcrypt';
  /** log2 of the rounds: 4 to 15. */
  readonly cost: number;
}

export interface Argon2idParameters {
  readonly algorithm: 'argon2id';
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
}

/**
 * What OWASP asks for: the Password Storage Cheat Sheet, "Argon2id", m=19456 (19 MiB), t=2, p=1. One lane, because the threads of the
 * pool are what runs beside each other.
 */
export const OWASP_ARGON2ID: Argon2idParameters = {
  algorithm: 'argon2id',
  memoryKiB: 19_456,
  passes: 2,
  parallelism: 1,
};
