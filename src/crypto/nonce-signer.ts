import { timingSafeEqual } from 'node:crypto';
import type { Nonce, NonceBinding, NonceSigner, VerifiedNonce } from '../domain/ports.ts';
import { deriveKey } from './derive-key.ts';
import { HmacSha256 } from './hmac-sha256.ts';
import { formatUuid, parseUuid } from './uuid.ts';

const VERSION = 1;
const BOUND_TO_ORGANIZATION = 1;
const EXPIRY_OFFSET = 2;
const ID_OFFSET = 8;
const PAYLOAD_BYTES = 24;
const MAC_BYTES = 32;
const LABEL = Buffer.from('authflow nonce v1\0');
/**
 * 56 bytes are 75 base64url characters, the last of which carries two bits that must be zero: otherwise four
 * spellings would decode to one token (RFC 4648 3.5).
 */
const TOKEN = /^[A-Za-z0-9_-]{74}[AEIMQUYcgkosw048]$/;

/** What the nonces of one store are signed with. */
export interface NonceSignerOptions {
  /** Bytes as given, at least 32 of each. The first signs; what another has signed is good besides, while a secret is replaced. */
  readonly secrets: readonly Uint8Array[];
  /** Whose nonces they are: those of another store, or from before a restore (another epoch), are refused. */
  readonly store: { readonly storeId: string; readonly epoch: string };
}

/**
 * Signs nonces in a format of their own, so that no session token or JWT library can ever be confused with them:
 * base64url of version (1 byte) | flags (1) | expiry in seconds (6) | id (16) | HMAC-SHA-256 (32). The HMAC covers
 * a label, these bytes, the e-mail and, where the nonce is bound to one, the organization. Stores nothing.
 */
export class HmacNonceSigner implements NonceSigner {
  readonly #storeId: string;
  #keys: NonceKeys;

  constructor({ secrets, store }: NonceSignerOptions) {
    this.#storeId = store.storeId;
    this.#keys = keysOf(secrets, store);
  }

  /** Signs and verifies under this epoch and these secrets from now on; what was signed under others is refused. */
  use(epoch: string, secrets: readonly Uint8Array[]): void {
    const present = this.#keys;
    const isSame =
      epoch === present.epoch &&
      secrets.length === present.secrets.length &&
      secrets.every((secret, index) => secret === present.secrets[index]);
    if (!isSame) {
      this.#keys = keysOf(secrets, { storeId: this.#storeId, epoch });
    }
  }

  /** Throws RangeError for an id that is no UUID. */
  sign(nonce: Nonce, binding: NonceBinding): string {
    const token = Buffer.allocUnsafe(PAYLOAD_BYTES + MAC_BYTES);
    token[0] = VERSION;
    token[1] = binding.orgId === null ? 0 : BOUND_TO_ORGANIZATION;
    token.writeUIntBE(Math.floor(nonce.expiresAt / 1000), EXPIRY_OFFSET, ID_OFFSET - EXPIRY_OFFSET);
    parseUuid(nonce.nonceId).copy(token, ID_OFFSET);
    const mac = this.#keys.signing.digest(authenticated(token, binding.email, binding.orgId));
    mac.copy(token, PAYLOAD_BYTES);
    return token.toString('base64url');
  }

  verify(token: string, binding: { readonly email: string; readonly orgId: string }): VerifiedNonce | null {
    if (!TOKEN.test(token)) {
      return null;
    }
    const bytes = Buffer.from(token, 'base64url');
    const flags = bytes[1];
    if (bytes[0] !== VERSION || (flags !== 0 && flags !== BOUND_TO_ORGANIZATION)) {
      return null;
    }
    const { epoch, verifying } = this.#keys;
    const input = authenticated(bytes, binding.email, flags === BOUND_TO_ORGANIZATION ? binding.orgId : null);
    const mac = bytes.subarray(PAYLOAD_BYTES);
    if (!verifying.some((hmac) => timingSafeEqual(hmac.digest(input), mac))) {
      return null;
    }
    return {
      nonceId: formatUuid(bytes, ID_OFFSET),
      expiresAt: bytes.readUIntBE(EXPIRY_OFFSET, ID_OFFSET - EXPIRY_OFFSET) * 1000,
      epoch,
    };
  }
}

/** What an epoch's nonces are signed and verified with. */
interface NonceKeys {
  readonly epoch: string;
  readonly secrets: readonly Uint8Array[];
  readonly signing: HmacSha256;
  /** The signing one first. */
  readonly verifying: readonly HmacSha256[];
}

function keysOf(secrets: readonly Uint8Array[], { storeId, epoch }: NonceSignerOptions['store']): NonceKeys {
  const verifying = secrets.map(
    (secret) => new HmacSha256(deriveKey(secret, 'authflow nonce v1', [storeId, epoch], 32)),
  );
  const [signing] = verifying;
  if (signing === undefined) {
    throw new RangeError('Nonces need a secret.');
  }
  return { epoch, secrets, signing, verifying };
}

/** What the HMAC covers. One buffer and one update: this runs once a FooBar, and each call into OpenSSL costs more than the copying. */
function authenticated(token: Buffer, email: string, orgId: string | null): Buffer {
  const org = orgId ?? '';
  const start = LABEL.length + PAYLOAD_BYTES;
  const input = Buffer.allocUnsafe(start + 8 + (email.length + org.length) * 3);
  LABEL.copy(input);
  token.copy(input, LABEL.length, 0, PAYLOAD_BYTES);
  const emailBytes = input.write(email, start + 4);
  input.writeUInt32BE(emailBytes, start);
  const orgStart = start + 4 + emailBytes;
  // The flags, which are covered too, tell "no organization" from an empty one.
  const orgBytes = input.write(org, orgStart + 4);
  input.writeUInt32BE(orgBytes, orgStart);
  return input.subarray(0, orgStart + 4 + orgBytes);
}
