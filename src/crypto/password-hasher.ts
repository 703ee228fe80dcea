import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Caller } from '../domain/caller.ts';
import type { CallContext, HashSlot, PasswordHasher, PasswordVerdict } from '../domain/ports.ts';
import type { Hashing, HashTurn } from './hash-pool.ts';
import type { Computation } from './hashes/computation.ts';
import type { HashParameters } from './hashes/hash-parameters.ts';
import { isOutdated, type Preparation, readStoredHash, type StoredHash } from './hashes/stored-hash.ts';

/** bcrypt reads no further; implementations cut the rest off without a word (ASVS 5.0 6.2.8 forbids that). */
const MAX_BCRYPT_BYTES = 72;
const SALT_BYTES = 16;
/** Of argon2id; as many as the threads make. */
const DIGEST_BYTES = 32;
const DIGEST_LABEL = 'authflow password digest v1\0';
/** In the place of a password that cannot match: the hash is computed all the same, so that its time tells nothing. */
const NEVER_THE_PASSWORD = 'authflow';
const BCRYPT_ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const BCRYPT_SALT_CHARACTERS = 22;
const BCRYPT_DIGEST_CHARACTERS = 31;
/** bcrypt takes NUL for the end and begins again: `K\0K` would pass for `K`. The policy allows no control character. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/**
 * Passwords by what the pool's parameters say, in its threads. The stored string says how it was made (`hashes/stored-hash.ts`), so that
 * whatever was stored before, or came from elsewhere, is compared as it is. By bcrypt alone a password of more than 72 bytes has a
 * form of its own. A password is compared only with the form that its own length gives: otherwise the digest, which is short, would
 * be a second password.
 */
export class PooledPasswordHasher implements PasswordHasher {
  readonly #pool: Hashing;

  constructor(pool: Hashing) {
    this.#pool = pool;
  }

  requirePlace(caller: Caller): void {
    this.#pool.requirePlace(caller);
  }

  async acquire(caller: Caller, call: CallContext): Promise<HashSlot> {
    const turn = await this.#pool.acquire(caller, call);
    return {
      hash: (password) => this.#hash(turn, password),
      verify: async (password, passwordHash) => this.#verify(turn, password, decode(passwordHash)),
      verifyNobody: (password) => this.#verify(turn, password, nobodysHash(this.#pool.parameters)),
      release: () => turn.release(),
    };
  }

  /** Throws RangeError for a password with control characters: the policy lets none come here. */
  async #hash(turn: HashTurn, password: string): Promise<string> {
    if (CONTROL_CHARACTER.test(password)) {
      throw new RangeError('A password holds no control characters.');
    }
    const { parameters } = this.#pool;
    if (parameters.algorithm !== 'bcrypt' || !isLong(password)) {
      return String(await turn.run({ kind: 'hash', input: password, parameters }));
    }
    const salt = randomBytes(SALT_BYTES).toString('base64url');
    const bcryptHash = await turn.run({ kind: 'hash', input: hmac(password, salt), parameters });
    return `$authflow-hs256-2b$${salt}${bcryptHash}`;
  }

  async #verify(turn: HashTurn, password: string, stored: StoredHash): Promise<PasswordVerdict> {
    const { computation, prepared } = stored;
    const comparable = isComparable(password, stored);
    const input = comparable ? prepare(password, prepared) : NEVER_THE_PASSWORD;
    const equal = await turn.run({ kind: 'verify', input, computation });
    return { matches: comparable && equal === true, outdated: isOutdated(stored, this.#pool.parameters) };
  }
}

/** Throws for a form that this release does not know, or beyond its bounds: a wrong password is not what is the matter then. */
function decode(passwordHash: string): StoredHash {
  const stored = readStoredHash(passwordHash);
  if (stored === null) {
    throw new Error('A stored password hash has a form that this release does not know.');
  }
  return stored;
}

function isComparable(password: string, { computation, prepared }: StoredHash): boolean {
  if (!password.isWellFormed() || CONTROL_CHARACTER.test(password)) {
    return false;
  }
  return (
    computation.algorithm !== 'bcrypt' || prepared.kind === 'sha256' || isLong(password) === (prepared.kind === 'hmac')
  );
}

function prepare(password: string, prepared: Preparation): string {
  switch (prepared.kind) {
    case 'plain':
      return password;
    case 'hmac':
      return hmac(password, prepared.salt);
    case 'sha256':
      return createHash('sha256').update(password).digest('hex');
  }
}

/** Of no password that anybody knows: made of random bytes, and not by hashing. */
function nobodysHash(parameters: HashParameters): StoredHash {
  return { prepared: { kind: 'plain' }, computation: nobodysComputation(parameters) };
}

function nobodysComputation(parameters: HashParameters): Computation {
  if (parameters.algorithm === 'bcrypt') {
    const [salt, digest] = [bcryptText(BCRYPT_SALT_CHARACTERS), bcryptText(BCRYPT_DIGEST_CHARACTERS)];
    return { ...parameters, salt, digest };
  }
  const salt = randomBytes(SALT_BYTES).toString('base64');
  const digest = randomBytes(DIGEST_BYTES).toString('base64');
  return { ...parameters, salt, digest };
}

function bcryptText(characters: number): string {
  const codes = randomBytes(characters).map((byte) => BCRYPT_ALPHABET.charCodeAt(byte % BCRYPT_ALPHABET.length));
  return Buffer.from(codes).toString('latin1');
}

function isLong(password: string): boolean {
  return Buffer.byteLength(password) > MAX_BCRYPT_BYTES;
}

/** 44 characters of base64: well within what bcrypt reads, and without NUL. */
function hmac(password: string, salt: string): string {
  return createHmac('sha256', Buffer.concat([Buffer.from(DIGEST_LABEL), Buffer.from(salt, 'base64url')]))
    .update(password)
    .digest('base64');
}
