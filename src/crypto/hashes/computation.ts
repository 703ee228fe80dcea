/**
 * What a thread computes of a password, and compares. Salts and digests are standard base64, for they pass between processes; all
 * within the bounds of `stored-hash.ts`: none takes more than 100 MiB and some seconds.
 */
export type Computation = BcryptComputation | Argon2Computation | ScryptComputation | Pbkdf2Computation;

export interface BcryptComputation {
  readonly algorithm: 'bcrypt';
  /** log2 of the rounds. */
  readonly cost: number;
  /** 22 characters of bcrypt's own base64. */
  readonly salt: string;
  /** 31 characters of it. */
  readonly digest: string;
}

export interface Argon2Computation {
  readonly algorithm: 'argon2id' | 'argon2i' | 'argon2d';
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly salt: string;
  readonly digest: string;
}

export interface ScryptComputation {
  /** Of `firebase-scrypt` the digest is the key stream of AES-256-CTR under what scrypt derives. */
  readonly algorithm: 'scrypt' | 'firebase-scrypt';
  /** log2 of N. */
  readonly logN: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly digest: string;
}

export interface Pbkdf2Computation {
  readonly algorithm: 'pbkdf2';
  readonly hash: Pbkdf2Hash;
  readonly iterations: number;
  readonly salt: string;
  readonly digest: string;
}

export type Pbkdf2Hash = 'sha1' | 'sha256' | 'sha512';

/** What of a computation, or of the parameters of new hashes, tells how long it takes. */
type Work<C> = C extends Computation ? Omit<C, 'salt' | 'digest'> : never;

const PBKDF2_MS: Readonly<Record<Pbkdf2Hash, number>> = { sha1: 0.000_13, sha256: 0.000_15, sha512: 0.000_43 };

/**
 * About how long it takes on a core of 2.8 GHz, in milliseconds, as was measured (docs/performance.md): what is charged for it before
 * it has ended, and what waits are told by before any has.
 */
export function expectedMs(work: Work<Computation>): number {
  switch (work.algorithm) {
    case 'bcrypt':
      return 65 * 2 ** (work.cost - 10);
    case 'scrypt':
    case 'firebase-scrypt':
      return (2.5 * scryptBytes(work)) / 2 ** 20;
    case 'pbkdf2':
      return work.iterations * PBKDF2_MS[work.hash];
    default:
      return (0.65 * work.memoryKiB * work.passes) / 2 ** 10;
  }
}

/** 128·N·r·p: its time grows with it, and its memory where p is 1. */
export function scryptBytes({ logN, r, p }: Pick<ScryptComputation, 'logN' | 'r' | 'p'>): number {
  return 128 * 2 ** logN * r * p;
}
