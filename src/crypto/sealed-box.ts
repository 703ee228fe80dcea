import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { deriveKey, encodeParts } from './derive-key.ts';

const VERSION = 1;
const SECRET_ID_BYTES = 4;
/** 96 bits: the length that GCM takes without hashing it first (NIST SP 800-38D 5.2.1.1). */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + SECRET_ID_BYTES;

/** What is sealed: each purpose has a subkey of its own and names the table that holds the box. */
const TABLES = { 'signing-key': 'signing_keys', 'api-key': 'api_keys', 'secret-check': 'store' } as const;

/** Where a box belongs. It opens nowhere else, so that rows cannot be swapped in the database. */
export interface SealedPlace {
  readonly purpose: keyof typeof TABLES;
  /** The organization whose row it is; empty where rows belong to none. */
  readonly orgId: string;
  /** The row's own id. */
  readonly rowId: string;
}

/** Why a box did not open. */
export type SealedBoxFault = 'other_secret' | 'damaged' | 'unknown_version';

const SENTENCES: Record<SealedBoxFault, string> = {
  other_secret:
    'This store was made under another secret. Give the secret that it was made with (AUTHFLOW_SECRET or its file).',
  damaged: 'A sealed value of the store was changed or moved to another row. Restore it from a backup.',
  unknown_version: 'A sealed value of the store was written by a newer release. Run that release or a later one.',
};

/** A box that does not open. The sentence says what to do and is for the operator, never for callers. */
export class SealedBoxError extends Error {
  override readonly name = 'SealedBoxError';
  readonly fault: SealedBoxFault;

  constructor(fault: SealedBoxFault, cause?: unknown) {
    super(SENTENCES[fault], cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

/**
 * Seals values at rest: AES-256-GCM under a subkey per purpose (HKDF from the secret, bytes as given), a random
 * 96-bit IV, and table + organization + row id as associated data. A box is
 * version (1 byte) | id of the secret (4) | IV (12) | ciphertext | tag (16); the id lets a later release rotate secrets.
 */
export class SealedBox {
  readonly #secretId: Buffer;
  readonly #keys: Record<SealedPlace['purpose'], KeyObject>;

  /** Throws RangeError for a secret of fewer than 32 bytes. */
  constructor(secret: Uint8Array) {
    this.#secretId = deriveKey(secret, 'authflow secret id v1', [], SECRET_ID_BYTES);
    const subkey = (purpose: SealedPlace['purpose']) =>
      createSecretKey(deriveKey(secret, 'authflow sealed box v1', [purpose], 32));
    this.#keys = {
      'signing-key': subkey('signing-key'),
      'api-key': subkey('api-key'),
      'secret-check': subkey('secret-check'),
    };
  }

  /** Seals for one place. Equal values give different boxes. */
  seal(place: SealedPlace, plaintext: Uint8Array): Buffer {
    const header = Buffer.concat([Buffer.of(VERSION), this.#secretId]);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#keys[place.purpose], iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(associatedData(header, place));
    return Buffer.concat([header, iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  /** What was sealed for this very place. Throws {@link SealedBoxError} for anything else. */
  open(place: SealedPlace, box: Uint8Array): Buffer {
    if (box.byteLength < 1) {
      throw new SealedBoxError('damaged');
    }
    if (box[0] !== VERSION) {
      throw new SealedBoxError('unknown_version');
    }
    if (box.byteLength < HEADER_BYTES + IV_BYTES + TAG_BYTES) {
      throw new SealedBoxError('damaged');
    }
    const header = box.subarray(0, HEADER_BYTES);
    if (!this.#secretId.equals(header.subarray(1))) {
      throw new SealedBoxError('other_secret');
    }
    const iv = box.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES);
    // Without authTagLength Node would also take a tag cut down to 4 bytes.
    const decipher = createDecipheriv('aes-256-gcm', this.#keys[place.purpose], iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(associatedData(header, place));
    decipher.setAuthTag(box.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(box.subarray(HEADER_BYTES + IV_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw new SealedBoxError('damaged', cause);
    }
  }

  /** The value that a new store keeps (`StoreIdentity.secretCheck`), so that another secret is recognised later. */
  sealSecretCheck(storeId: string): Buffer {
    return this.seal(secretCheckPlace(storeId), Buffer.from(storeId));
  }

  /** Returns when the store was made under this secret; throws {@link SealedBoxError} `other_secret` or `damaged`. */
  checkSecret(store: { readonly storeId: string; readonly secretCheck: Uint8Array }): void {
    this.open(secretCheckPlace(store.storeId), store.secretCheck);
  }
}

function secretCheckPlace(storeId: string): SealedPlace {
  return { purpose: 'secret-check', orgId: '', rowId: storeId };
}

function associatedData(header: Uint8Array, place: SealedPlace): Buffer {
  return Buffer.concat([header, encodeParts([TABLES[place.purpose], place.orgId, place.rowId])]);
}
