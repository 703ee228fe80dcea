import { createHmac, randomBytes } from 'node:crypto';
import type { Caller } from '../domain/caller.ts';
import type { CallContext, HashSlot, PasswordHasher, PasswordVerdict } from '../domain/ports.ts';
import type { Hashing, HashTurn } from './hash-pool.ts';

/** bcrypt reads no further; implementations cut the rest off without a word (ASVS 5.0 6.2.8 forbids that). */
const MAX_BCRYPT_BYTES = 72;
const SALT_BYTES = 16;
const DIGEST_LABEL = 'authflow password digest v1\0';
/** In the place of a password that cannot match: the hash is computed all the same, so that its time tells nothing. */
const NEVER_THE_PASSWORD = 'authflow';
/** `$2b$` with a cost that a thread ends in seconds: a row that says 31 would hold one for days. */
const BCRYPT_HASH = /^\$2b\$(0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$/;
const BCRYPT_ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** base64url of the 16 bytes of salt, then the bcrypt hash of the digest. */
const DIGEST_HASH = /^\$authflow-hs256-2b\$([A-Za-z0-9_-]{22})(\$2b\$.*)$/;
/** bcrypt takes NUL for the end and begins again: `K\0K` would pass for `K`. The policy allows no control character. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/**
 * Passwords by bcrypt, in the pool's threads. The stored string says how it was made:
 *   - `$2b$…`: bcrypt of the password itself, up to 72 UTF-8 bytes;
 *   - `$authflow-hs256-2b$<salt>$2b$…`: bcrypt of base64(HMAC-SHA-256(label + salt, password)), for longer ones.
 * A password is compared only with the form that its own length gives: otherwise the digest, which is short, would be a
 * second password.
 */
export class BcryptPasswordHasher implements PasswordHasher {
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
      verify: (password, passwordHash) => this.#verify(turn, password, passwordHash),
      verifyNobody: (password) => this.#verify(turn, password, this.#nobodysHash()),
      release: () => turn.release(),
    };
  }

  /** Throws RangeError for a password with control characters: the policy lets none come here. */
  async #hash(turn: HashTurn, password: string): Promise<string> {
    if (CONTROL_CHARACTER.test(password)) {
      throw new RangeError('A password holds no control characters.');
    }
    if (!isLong(password)) {
      return this.#bcrypt(turn, password);
    }
    const salt = randomBytes(SALT_BYTES);
    return `$authflow-hs256-2b$${salt.toString('base64url')}${await this.#bcrypt(turn, digest(password, salt))}`;
  }

  async #verify(turn: HashTurn, password: string, passwordHash: string): Promise<PasswordVerdict> {
    const stored = decode(passwordHash);
    const comparable =
      isLong(password) === (stored.salt !== null) && password.isWellFormed() && !CONTROL_CHARACTER.test(password);
    const input = stored.salt === null ? password : digest(password, stored.salt);
    const { bcryptHash } = stored;
    const equal = await turn.run({ kind: 'verify', input: comparable ? input : NEVER_THE_PASSWORD, bcryptHash });
    return { matches: comparable && equal === true, outdated: stored.cost < this.#pool.cost };
  }

  /** Of no password that anybody knows: made of random text, and not by hashing. */
  #nobodysHash(): string {
    const text = randomBytes(53).map((byte) => BCRYPT_ALPHABET.charCodeAt(byte % BCRYPT_ALPHABET.length));
    return `$2b$${String(this.#pool.cost).padStart(2, '0')}$${Buffer.from(text).toString('latin1')}`;
  }

  async #bcrypt(turn: HashTurn, input: string): Promise<string> {
    return String(await turn.run({ kind: 'hash', input, cost: this.#pool.cost }));
  }
}

interface StoredHash {
  readonly bcryptHash: string;
  readonly cost: number;
  /** The salt of the digest; null where the password itself was hashed. */
  readonly salt: Buffer | null;
}

/** Throws for a form that this release does not know: a wrong password is not what is the matter then. */
function decode(passwordHash: string): StoredHash {
  const [, salt = null, rest = ''] = DIGEST_HASH.exec(passwordHash) ?? [];
  const bcryptHash = salt === null ? passwordHash : rest;
  const cost = BCRYPT_HASH.exec(bcryptHash)?.[1];
  if (cost === undefined) {
    throw new Error('A stored password hash has a form that this release does not know.');
  }
  return { bcryptHash, cost: Number(cost), salt: salt === null ? null : Buffer.from(salt, 'base64url') };
}

function isLong(password: string): boolean {
  return Buffer.byteLength(password) > MAX_BCRYPT_BYTES;
}

/** 44 characters of base64: well within what bcrypt reads, and without NUL. */
function digest(password: string, salt: Buffer): string {
  return createHmac('sha256', Buffer.concat([Buffer.from(DIGEST_LABEL), salt]))
    .update(password)
    .digest('base64');
}
