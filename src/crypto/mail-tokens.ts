import { timingSafeEqual } from 'node:crypto';
import {
  MAIL_TOKEN_KINDS,
  MAIL_TOKEN_TTL_SECONDS,
  type MailTokenKind,
  type MailTokenSubject,
  type MailTokens,
  type MailTokenUser,
  type SignedMailToken,
  type UnprovenMailToken,
} from '../domain/accounts/mail-token.ts';
import { parseEmail } from '../domain/email.ts';
import { deriveKey, encodeParts } from './derive-key.ts';
import { HmacSha256 } from './hmac-sha256.ts';
import { formatUuid, parseUuid } from './uuid.ts';

const VERSION = 1;
const KIND_OFFSET = 1;
const EXPIRY_OFFSET = 2;
const ORGANIZATION_OFFSET = 8;
const USER_OFFSET = 24;
const AFTER_USER_OFFSET = 40;
/** Of the version before the address of a warning. */
const ADDRESS_VERSION_BYTES = 6;
const MAC_BYTES = 32;
/** As long as an e-mail may be (docs/contract.md, section 1). */
const MAX_ADDRESS_BYTES = 254;
const MIN_LENGTH = base64Length(AFTER_USER_OFFSET + MAC_BYTES);
const MAX_LENGTH = base64Length(AFTER_USER_OFFSET + ADDRESS_VERSION_BYTES + MAX_ADDRESS_BYTES + MAC_BYTES);
const ALPHABET = /^[A-Za-z0-9_-]+$/;

/** What the tokens of one store are signed with; as the nonces of it. */
export interface MailTokenOptions {
  /** Bytes as given, at least 32 of each. The first signs; what another has signed is good besides, while a secret is replaced. */
  readonly secrets: readonly Uint8Array[];
  /** Whose tokens they are: those of another store, or from before a restore (another epoch), are refused. */
  readonly store: { readonly storeId: string; readonly epoch: string };
}

/**
 * Tokens of mails, in a format of their own, so that no session token, nonce or JWT library can ever be confused with them:
 * base64url of version (1 byte) | kind (1) | expiry in seconds (6) | organization (16) | user (16) | of a warning the version of the
 * user's address (6) | address (0 to 254) | HMAC-SHA-256 (32), in one spelling. Each kind has a key of its own; the HMAC covers all
 * before it, and but for warnings the user's address and the version that the kind is bound to. A token tells by itself whose it is,
 * and needs no row.
 */
export class HmacMailTokens implements MailTokens {
  readonly #storeId: string;
  #keys: MailTokenKeys;

  constructor({ secrets, store }: MailTokenOptions) {
    this.#storeId = store.storeId;
    this.#keys = keysOf(secrets, store);
  }

  /** Signs and proves under this epoch and these secrets from now on; what was signed under others is refused. */
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

  sign(kind: MailTokenKind, subject: MailTokenSubject, at: number): SignedMailToken {
    const address = Buffer.from(addressOf(kind, subject) ?? '');
    const addressOffset = addressOffsetOf(kind);
    const token = Buffer.alloc(addressOffset + address.length + MAC_BYTES);
    token[0] = VERSION;
    token[KIND_OFFSET] = MAIL_TOKEN_KINDS.indexOf(kind);
    const expiresAtSeconds = Math.floor(at / 1000) + MAIL_TOKEN_TTL_SECONDS[kind];
    token.writeUIntBE(expiresAtSeconds, EXPIRY_OFFSET, ORGANIZATION_OFFSET - EXPIRY_OFFSET);
    parseUuid(subject.orgId).copy(token, ORGANIZATION_OFFSET);
    parseUuid(subject.userId).copy(token, USER_OFFSET);
    if (kind === 'email_change_warning') {
      token.writeUIntBE(subject.addressVersion, AFTER_USER_OFFSET, ADDRESS_VERSION_BYTES);
    }
    address.copy(token, addressOffset);
    const [signing] = this.#keys.ofKind[kind];
    signing.digest(authenticated(token, kind, subject)).copy(token, token.length - MAC_BYTES);
    return { token: token.toString('base64url'), expiresAt: expiresAtSeconds * 1000 };
  }

  read(token: string): UnprovenMailToken | null {
    const bytes = decode(token);
    const kind = bytes === null || bytes[0] !== VERSION ? undefined : MAIL_TOKEN_KINDS[bytes[KIND_OFFSET] ?? -1];
    if (bytes === null || kind === undefined) {
      return null;
    }
    const end = bytes.length - MAC_BYTES;
    const address = bytes.toString('utf8', addressOffsetOf(kind), end);
    if (carriesAddress(kind) ? parseEmail(address) !== address : end !== AFTER_USER_OFFSET) {
      return null;
    }
    return {
      kind,
      orgId: formatUuid(bytes, ORGANIZATION_OFFSET),
      userId: formatUuid(bytes, USER_OFFSET),
      expiresAt: bytes.readUIntBE(EXPIRY_OFFSET, ORGANIZATION_OFFSET - EXPIRY_OFFSET) * 1000,
      address: carriesAddress(kind) ? address : null,
      addressVersion:
        kind === 'email_change_warning' ? bytes.readUIntBE(AFTER_USER_OFFSET, ADDRESS_VERSION_BYTES) : null,
      token,
    };
  }

  prove({ kind, orgId, userId, token }: UnprovenMailToken, user: MailTokenUser): string | null {
    const bytes = decode(token);
    if (bytes === null || orgId !== user.orgId || userId !== user.userId) {
      return null;
    }
    const { epoch, ofKind } = this.#keys;
    const input = authenticated(bytes, kind, user);
    const mac = bytes.subarray(bytes.length - MAC_BYTES);
    return ofKind[kind].some((key) => timingSafeEqual(key.digest(input), mac)) ? epoch : null;
  }
}

/** The keys of one kind, the signing one first. */
type KindKeys = readonly [HmacSha256, ...HmacSha256[]];

/** What an epoch's tokens are signed and proven with. */
interface MailTokenKeys {
  readonly epoch: string;
  readonly secrets: readonly Uint8Array[];
  readonly ofKind: Readonly<Record<MailTokenKind, KindKeys>>;
}

function keysOf(secrets: readonly Uint8Array[], { storeId, epoch }: MailTokenOptions['store']): MailTokenKeys {
  const keysOfKind = (kind: MailTokenKind): KindKeys => {
    const [signing, ...others] = secrets.map(
      (secret) => new HmacSha256(deriveKey(secret, `authflow mail token v1 ${kind}`, [storeId, epoch], 32)),
    );
    if (signing === undefined) {
      throw new RangeError('Tokens of mails need a secret.');
    }
    return [signing, ...others];
  };
  const ofKind = Object.fromEntries(MAIL_TOKEN_KINDS.map((kind) => [kind, keysOfKind(kind)]));
  return { epoch, secrets, ofKind: ofKind as Record<MailTokenKind, KindKeys> };
}

/** The bytes of a token of its one spelling; null for any other text, at no cost that its length has a say in. */
function decode(token: string): Buffer | null {
  if (token.length < MIN_LENGTH || token.length > MAX_LENGTH || !ALPHABET.test(token)) {
    return null;
  }
  const bytes = Buffer.from(token, 'base64url');
  // Base64 leaves bits over, and a length that no bytes have.
  return bytes.length >= AFTER_USER_OFFSET + MAC_BYTES && bytes.toString('base64url') === token ? bytes : null;
}

function carriesAddress(kind: MailTokenKind): boolean {
  return kind === 'change_email' || kind === 'email_change_warning';
}

function addressOffsetOf(kind: MailTokenKind): number {
  return kind === 'email_change_warning' ? AFTER_USER_OFFSET + ADDRESS_VERSION_BYTES : AFTER_USER_OFFSET;
}

function addressOf(kind: MailTokenKind, { email, newEmail }: MailTokenSubject): string | null {
  if (kind === 'email_change_warning') {
    return email;
  }
  if (kind !== 'change_email') {
    return null;
  }
  if (newEmail === undefined) {
    throw new RangeError('A change needs an address to change to.');
  }
  return newEmail;
}

/** What the HMAC covers. A warning carries what it is bound to: the user may be at another address, and version, by now. */
function authenticated(token: Buffer, kind: MailTokenKind, user: MailTokenUser): Buffer {
  const payload = token.subarray(0, token.length - MAC_BYTES);
  const bound = kind === 'email_change_warning' ? encodeParts([]) : encodeParts([user.email, versionOf(kind, user)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length);
  return Buffer.concat([length, payload, bound]);
}

/**
 * An address that was proven is: a verification is bound to it alone. So is what says that something was not them: whoever did it would
 * void it by doing it again.
 */
function versionOf(kind: MailTokenKind, { credentialVersion }: MailTokenUser): string {
  return kind === 'verify_email' || kind === 'not_me' ? '0' : String(credentialVersion);
}

function base64Length(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}
