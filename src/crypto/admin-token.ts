import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { AuthError } from '../domain/errors.ts';
import type { AdminTokenVerifier } from '../domain/ports.ts';

/**
 * As the settings take it. The last of 43 characters carries two bits more than 32 bytes have: they may be anything,
 * because nothing is decoded. Digests of the text are compared, so that every spelling is a token of its own.
 */
const ADMIN_TOKEN = /^afadm_[A-Za-z0-9_-]{43}$/;

/** A new admin token: `afadm_` and 43 base64url characters of 256 random bits. */
export function createAdminToken(): string {
  return `afadm_${randomBytes(32).toString('base64url')}`;
}

/** Verifies against one token for as long as the process lives. A token of another form verifies nothing. */
export class FixedAdminToken implements AdminTokenVerifier {
  readonly #adminToken: string;

  constructor(adminToken: string) {
    this.#adminToken = adminToken;
  }

  async verify(adminToken: string): Promise<boolean> {
    return isAdminToken(adminToken) && isAdminToken(this.#adminToken) && equal(adminToken, this.#adminToken);
  }
}

/**
 * Verifies against a file that is read again for every well-formed token, so that `admin-token rotate` acts at once
 * in a running server. Managing calls are rare; the six calls never come here.
 */
export class AdminTokenFile implements AdminTokenVerifier {
  readonly #read: () => Promise<string>;

  /** `read` gives the file's text. */
  constructor(read: () => Promise<string>) {
    this.#read = read;
  }

  /** Throws AuthError UNAVAILABLE when the file cannot be read. */
  async verify(adminToken: string): Promise<boolean> {
    if (!isAdminToken(adminToken)) {
      return false;
    }
    const current = (await this.#readFile()).replace(/\r?\n$/, '');
    return isAdminToken(current) && equal(adminToken, current);
  }

  async #readFile(): Promise<string> {
    try {
      return await this.#read();
    } catch (cause) {
      throw new AuthError('UNAVAILABLE', { cause });
    }
  }
}

/** Whether a text, without its final newline, has the form of an admin token. */
export function isAdminToken(text: string): boolean {
  return ADMIN_TOKEN.test(text);
}

/** Digests have one length and one place where they differ from a guess that nobody can choose: no timing to learn from. */
function equal(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(adminToken: string): Buffer {
  return createHash('sha256').update(adminToken).digest();
}
