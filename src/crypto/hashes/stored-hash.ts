import { type Computation, type Pbkdf2Hash, scryptBytes } from './computation.ts';
import type { HashParameters } from './hash-parameters.ts';

/** A stored password hash, read. */
export interface StoredHash {
  readonly computation: Computation;
  /** What of the password is hashed. */
  readonly prepared: Preparation;
}

export type Preparation =
  /** The password itself. */
  | { readonly kind: 'plain' }
  /** Our HMAC, under this salt in base64url: of passwords that bcrypt would cut. */
  | { readonly kind: 'hmac'; readonly salt: string }
  /** SHA-256 in hexadecimal, as Django's `BCryptSHA256PasswordHasher` has it. */
  | { readonly kind: 'sha256' };

/*
 * Bounds (docs/security.md, P6): what one login may cost, whoever wrote the row. They take what Django 6.1 and Keycloak 26 make by
 * default: threads × 100 MiB is all that hashing takes of the memory, and bcrypt of cost 15 stays the dearest by far
 * (docs/performance.md).
 */
const MAX_STRING = 512;
const MIN_DIGEST_BYTES = 16;
const MIN_SALT_BYTES = 8;
const MAX_SALT_BYTES = 64;
const MAX_BCRYPT_COST = 15;
/** Django's default, as are its 8 lanes. */
const MAX_ARGON2_KIB = 100 * 2 ** 10;
const MAX_ARGON2_PASSES = 10;
/** Time grows with memory × passes: 10 passes of 64 MiB, 6 of 100. */
const MAX_ARGON2_KIB_FILLED = 640 * 2 ** 10;
const MAX_ARGON2_LANES = 8;
/** Django's default since 5.1: N=2^14, r=8, p=5. */
const MAX_SCRYPT_BYTES = 80 * 2 ** 20;
/** With it scrypt's other buffers, 128·r·(p + 2) bytes, stay far below those of N. */
const MAX_SCRYPT_R = 32;
const MAX_SCRYPT_P = 16;
/**
 * Django's default is 1,500,000 with SHA-256 since 6.1 and grows with each release, Keycloak's 1,300,000 with SHA-1 since 24. An iteration
 * with SHA-512 takes three times as long as one of the others.
 */
const MAX_PBKDF2_ITERATIONS: Readonly<Record<Pbkdf2Hash, number>> = {
  sha1: 2_000_000,
  sha256: 3_000_000,
  sha512: 1_500_000,
};

/** Each block of a digest takes all iterations anew. Keycloak's have 64 bytes: four of SHA-1. */
const PBKDF2_BLOCKS: Readonly<Record<Pbkdf2Hash, { readonly bytes: number; readonly mostIterations: number }>> = {
  sha1: { bytes: 20, mostIterations: 6_000_000 },
  sha256: { bytes: 32, mostIterations: 3_000_000 },
  sha512: { bytes: 64, mostIterations: 1_500_000 },
};

/** The least memory that OWASP names for argon2 (Password Storage Cheat Sheet): m=7168 with t=5. */
const OWASP_LEAST_ARGON2_KIB = 7_168;

const BCRYPT = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;
/** base64url of the 16 bytes of salt, then the bcrypt hash of the digest. */
const LONG = /^\$authflow-hs256-2b\$([A-Za-z0-9_-]{22})(\$2b\$.*)$/;
const DJANGO_BCRYPT_SHA256 = /^bcrypt_sha256\$(\$2[aby]\$.*)$/;
const ARGON2 = /^\$(argon2id|argon2i|argon2d)\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,10})\$([^$]*)\$([^$]*)$/;
const SCRYPT = /^\$(scrypt|firebase-scrypt)\$ln=(\d{1,3}),r=(\d{1,10}),p=(\d{1,10})\$([^$]*)\$([^$]*)$/;
const PBKDF2 = /^\$pbkdf2-(sha1|sha256|sha512)\$i=(\d{1,10})\$([^$]*)\$([^$]*)$/;

/**
 * Reads a stored hash and holds it to the bounds of P6; null for any other text. The forms:
 *   - `$2a$`, `$2b$`, `$2y$`: bcrypt of the password, up to 72 UTF-8 bytes; the three are one algorithm;
 *   - `$authflow-hs256-2b$<salt>$2b$…`: bcrypt of base64(HMAC-SHA-256(label + salt, password)), of longer ones;
 *   - `bcrypt_sha256$$2b$…`: Django's;
 *   - `$argon2id|argon2i|argon2d$v=19$m=…,t=…,p=…$<salt>$<digest>`, as its reference implementation writes it;
 *   - `$scrypt$ln=…,r=…,p=…$<salt>$<digest>`;
 *   - `$firebase-scrypt$ln=…,r=…,p=…$<salt>$<key stream>`: `foreign-hash.ts` says what that is;
 *   - `$pbkdf2-sha1|sha256|sha512$i=…$<salt>$<digest>`.
 * Salts and digests of the last four are standard base64 without padding, of one spelling.
 */
export function readStoredHash(text: string): StoredHash | null {
  if (text.length > MAX_STRING) {
    return null;
  }
  const long = LONG.exec(text);
  const hashed = DJANGO_BCRYPT_SHA256.exec(text);
  const computation = readComputation(long?.[2] ?? hashed?.[1] ?? text);
  return computation && { computation, prepared: preparationOf(long?.[1], hashed !== null) };
}

/**
 * Whether a hash is to be renewed at the next right login: where bcrypt or argon2id is weaker than one under the parameters would be,
 * bcrypt where these say argon2id, and what is neither. Never back: not from argon2 to bcrypt, and not to weaker parameters.
 *
 * argon2id is compared by the blocks that it fills in all, memory × passes: OWASP's five settings have about as many. scrypt and PBKDF2
 * are renewed however dear they are, because no setting makes them.
 */
export function isOutdated({ computation, prepared }: StoredHash, parameters: HashParameters): boolean {
  switch (computation.algorithm) {
    case 'bcrypt':
      return parameters.algorithm !== 'bcrypt' || computation.cost < parameters.cost || prepared.kind === 'sha256';
    case 'argon2id': {
      const { memoryKiB, passes } = computation;
      return (
        parameters.algorithm === 'argon2id' &&
        (memoryKiB * passes < parameters.memoryKiB * parameters.passes ||
          memoryKiB < Math.min(OWASP_LEAST_ARGON2_KIB, parameters.memoryKiB))
      );
    }
    case 'argon2i':
    case 'argon2d':
      return parameters.algorithm === 'argon2id';
    default:
      return true;
  }
}

function preparationOf(hmacSalt: string | undefined, isHashed: boolean): Preparation {
  if (hmacSalt !== undefined) {
    return { kind: 'hmac', salt: hmacSalt };
  }
  return { kind: isHashed ? 'sha256' : 'plain' };
}

function readComputation(text: string): Computation | null {
  return readBcrypt(text) ?? readArgon2(text) ?? readScrypt(text) ?? readPbkdf2(text);
}

function readBcrypt(text: string): Computation | null {
  const [, cost = '', salt = '', digest = ''] = BCRYPT.exec(text) ?? [];
  const rounds = Number(cost);
  return rounds >= 4 && rounds <= MAX_BCRYPT_COST ? { algorithm: 'bcrypt', cost: rounds, salt, digest } : null;
}

function readArgon2(text: string): Computation | null {
  const [, algorithm, memory, t, p, salt = '', digest = ''] = ARGON2.exec(text) ?? [];
  const [memoryKiB, passes, parallelism] = [Number(memory), Number(t), Number(p)];
  const fits =
    within(parallelism, 1, MAX_ARGON2_LANES) &&
    within(passes, 1, MAX_ARGON2_PASSES) &&
    // RFC 9106, 3.1: 8·p at least.
    within(memoryKiB, 8 * parallelism, MAX_ARGON2_KIB) &&
    memoryKiB * passes <= MAX_ARGON2_KIB_FILLED &&
    areFit(salt, digest);
  return fits
    ? { algorithm: algorithm as 'argon2id' | 'argon2i' | 'argon2d', memoryKiB, passes, parallelism, salt, digest }
    : null;
}

function readScrypt(text: string): Computation | null {
  const [, algorithm, ln, blocks, lanes, salt = '', digest = ''] = SCRYPT.exec(text) ?? [];
  const [logN, r, p] = [Number(ln), Number(blocks), Number(lanes)];
  const fits =
    within(logN, 1, 63) &&
    within(r, 1, MAX_SCRYPT_R) &&
    within(p, 1, MAX_SCRYPT_P) &&
    scryptBytes({ logN, r, p }) <= MAX_SCRYPT_BYTES &&
    areFit(salt, digest);
  return fits ? { algorithm: algorithm as 'scrypt' | 'firebase-scrypt', logN, r, p, salt, digest } : null;
}

function readPbkdf2(text: string): Computation | null {
  const [, hash, count, salt = '', digest = ''] = PBKDF2.exec(text) ?? [];
  const [of, iterations] = [hash as Pbkdf2Hash, Number(count)];
  if (!within(iterations, 1, MAX_PBKDF2_ITERATIONS[of]) || !areFit(salt, digest)) {
    return null;
  }
  const { bytes, mostIterations } = PBKDF2_BLOCKS[of];
  return Math.ceil(bytesOf(digest) / bytes) * iterations <= mostIterations
    ? { algorithm: 'pbkdf2', hash: of, iterations, salt, digest }
    : null;
}

function areFit(salt: string, digest: string): boolean {
  return within(bytesOf(salt), MIN_SALT_BYTES, MAX_SALT_BYTES) && within(bytesOf(digest), MIN_DIGEST_BYTES, MAX_STRING);
}

/** NaN where it is no base64, or another spelling of it. */
function bytesOf(base64: string): number {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === base64 ? bytes.length : Number.NaN;
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
