import { timingSafeEqual } from 'node:crypto';
import { CHALLENGE_KINDS, type ChallengeTokens, type ProvenChallenge } from '../domain/second-factors/challenge.ts';
import { deriveKey } from './derive-key.ts';
import { HmacSha256 } from './hmac-sha256.ts';
import { formatUuid, parseUuid } from './uuid.ts';

/** No token of a mail begins so: ResetPassword takes both. */
const VERSION = 129;
const KIND_OFFSET = 1;
const EXPIRY_OFFSET = 2;
const ORGANIZATION_OFFSET = 8;
const ID_OFFSET = 24;
const PAYLOAD_BYTES = 40;
const MAC_BYTES = 32;
/** 72 bytes in base64url: no bits are left over, so that each token has one spelling. */
const TOKEN = /^[A-Za-z0-9_-]{96}$/;

/** What the challenges of one store are signed with; as the nonces of it. */
export interface ChallengeTokenOptions {
  /** Bytes as given, at least 32 of each. The first signs; what another has signed is good besides, while a secret is replaced. */
  readonly secrets: readonly Uint8Array[];
  /** Whose challenges they are: those of another store, or from before a restore (another epoch), are refused. */
  readonly store: { readonly storeId: string; readonly epoch: string };
}

interface ChallengeKeys {
  readonly epoch: string;
  readonly secrets: readonly Uint8Array[];
  readonly signing: HmacSha256;
  readonly all: readonly HmacSha256[];
}

/**
 * Tokens of challenges, in a format of their own: base64url of version (1 byte) | kind (1) | expiry in seconds (6) | organization (16) | id
 * (16) | HMAC-SHA-256 of all before it (32). Whose the challenge is, and what it is bound to, its row says.
 */
export class HmacChallengeTokens implements ChallengeTokens {
  readonly #storeId: string;
  #keys: ChallengeKeys;

  constructor({ secrets, store }: ChallengeTokenOptions) {
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

  sign({ kind, orgId, challengeId, expiresAt }: Omit<ProvenChallenge, 'epoch'>): string {
    const token = Buffer.alloc(PAYLOAD_BYTES + MAC_BYTES);
    token[0] = VERSION;
    token[KIND_OFFSET] = CHALLENGE_KINDS.indexOf(kind);
    token.writeUIntBE(Math.floor(expiresAt / 1000), EXPIRY_OFFSET, ORGANIZATION_OFFSET - EXPIRY_OFFSET);
    parseUuid(orgId).copy(token, ORGANIZATION_OFFSET);
    parseUuid(challengeId).copy(token, ID_OFFSET);
    this.#keys.signing.digest(token.subarray(0, PAYLOAD_BYTES)).copy(token, PAYLOAD_BYTES);
    return token.toString('base64url');
  }

  read(token: string): ProvenChallenge | null {
    if (!TOKEN.test(token)) {
      return null;
    }
    const bytes = Buffer.from(token, 'base64url');
    const kind = bytes[0] === VERSION ? CHALLENGE_KINDS[bytes[KIND_OFFSET] ?? -1] : undefined;
    if (kind === undefined) {
      return null;
    }
    const { all, epoch } = this.#keys;
    const payload = bytes.subarray(0, PAYLOAD_BYTES);
    const mac = bytes.subarray(PAYLOAD_BYTES);
    if (!all.some((key) => timingSafeEqual(key.digest(payload), mac))) {
      return null;
    }
    return {
      kind,
      orgId: formatUuid(bytes, ORGANIZATION_OFFSET),
      challengeId: formatUuid(bytes, ID_OFFSET),
      expiresAt: bytes.readUIntBE(EXPIRY_OFFSET, ORGANIZATION_OFFSET - EXPIRY_OFFSET) * 1000,
      epoch,
    };
  }
}

function keysOf(secrets: readonly Uint8Array[], { storeId, epoch }: ChallengeTokenOptions['store']): ChallengeKeys {
  const all = secrets.map((secret) => new HmacSha256(deriveKey(secret, 'authflow challenge v1', [storeId, epoch], 32)));
  const [signing] = all;
  if (signing === undefined) {
    throw new RangeError('Challenges need a secret.');
  }
  return { epoch, secrets, signing, all };
}
