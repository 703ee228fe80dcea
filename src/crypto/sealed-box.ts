import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { deriveKey, encodeParts } from './derive-key.ts';
import { readSecretState, type SecretState, writeSecretState } from './secret-state.ts';

const VERSION = 1;
const SECRET_ID_BYTES = 4;
/** 96 bits: the length that GCM takes without hashing it first (NIST SP 800-38D 5.2.1.1). */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + SECRET_ID_BYTES;

/** What is sealed: each purpose has a subkey of its own and names the table that holds the box. */
const TABLES = {
  'signing-key': 'signing_keys',
  'api-key': 'api_keys',
  'secret-check': 'store',
  'mail-request': 'mail_requests',
  mail: 'mails',
  'second-factor': 'second_factors',
} as const;

/**
 * What a compromised secret still opens until it is sealed anew: API keys grant nothing by being opened, and without the secrets of their
 * factors all who have one would be locked out; who can write them into the store can take the factors off there.
 */
const OPENS_COMPROMISED: ReadonlySet<keyof typeof TABLES> = new Set(['api-key', 'second-factor'] as const);

/** Where a box belongs. It opens nowhere else, so that rows cannot be swapped in the database. */
export interface SealedPlace {
  readonly purpose: keyof typeof TABLES;
  /** The organization whose row it is; empty where rows belong to none. */
  readonly orgId: string;
  /** The row's own id. */
  readonly rowId: string;
}

/** Why a box did not open. */
export type SealedBoxFault =
  | 'other_secret'
  | 'half_rotated'
  | 'rotation_lost'
  | 'compromised'
  | 'damaged'
  | 'unknown_version';

const SENTENCES: Record<SealedBoxFault, (secretId: string) => string> = {
  other_secret: (secretId) =>
    `This store was made under another secret, whose id is ${secretId}. Give the secret that it was made with ` +
    '(AUTHFLOW_SECRET or its file).',
  half_rotated: (secretId) =>
    `The rotation of this store's secret was not finished: values are still sealed under the one whose id is ${secretId}. Give ` +
    'that one, too (AUTHFLOW_SECRET_PREVIOUS, or its file), and run "authflow secret rotate".',
  rotation_lost: (secretId) =>
    `This store is sealed under the secret ${secretId} again, which it called compromised: a failover, or an older copy of it, has lost ` +
    'the rotation. Run "authflow secret rotate --compromised" again, with both secrets, before any server is started.',
  compromised: (secretId) =>
    `A value is sealed under the secret ${secretId}, which this store has called compromised: it is not believed. Somebody who has ` +
    'that secret wrote it, or a process that missed the rotation: "authflow doctor" names it.',
  damaged: () => 'A sealed value of the store was changed or moved to another row. Restore it from a backup.',
  unknown_version: () => 'A sealed value of the store was written by a newer release. Run that release or a later one.',
};

/** A box that does not open. The sentence says what to do and is for the operator, never for callers. */
export class SealedBoxError extends Error {
  override readonly name = 'SealedBoxError';
  readonly fault: SealedBoxFault;
  /** The id of the secret that is missing; empty where none is. */
  readonly secretId: string;

  constructor(
    fault: SealedBoxFault,
    { secretId = '', cause }: { readonly secretId?: string; readonly cause?: unknown } = {},
  ) {
    super(SENTENCES[fault](secretId), cause === undefined ? undefined : { cause });
    this.fault = fault;
    this.secretId = secretId;
  }
}

/** What a store says of its secret. */
export interface CheckedStore {
  readonly storeId: string;
  readonly secretCheck: Uint8Array;
}

/** A secret with what is derived from it. */
interface Sealer {
  readonly secret: Uint8Array;
  readonly id: string;
  readonly keys: Readonly<Record<SealedPlace['purpose'], KeyObject>>;
  readonly digestKey: KeyObject;
}

/**
 * Seals values at rest: AES-256-GCM under a subkey per purpose (HKDF from the secret, bytes as given), a random
 * 96-bit IV, and table + organization + row id as associated data. A box is
 * version (1 byte) | id of the secret (4) | IV (12) | ciphertext | tag (16).
 *
 * While a secret is replaced several are known: the id in a box tells which one opens it, and the store which one is in force
 * ({@link follow}). Of one that the store calls compromised nothing is believed but what {@link OPENS_COMPROMISED} says.
 */
export class SealedBox {
  readonly #known = new Map<string, Sealer>();
  readonly #compromised = new Set<string>();
  #inForce: Sealer;

  /** The first seals until a store is followed; the others open. Throws RangeError for a secret of fewer than 32 bytes. */
  constructor(secret: Uint8Array, ...others: readonly Uint8Array[]) {
    this.#inForce = sealerOf(secret);
    this.#known.set(this.#inForce.id, this.#inForce);
    for (const other of others) {
      this.know(other);
    }
  }

  /** Takes another secret to open with; tells whether it is a new one. Throws RangeError for one of fewer than 32 bytes. */
  know(secret: Uint8Array): boolean {
    // Servers ask often, of files that hardly ever change: deriving its keys costs more than looking.
    if ([...this.#known.values()].some((known) => Buffer.compare(known.secret, secret) === 0)) {
      return false;
    }
    const sealer = sealerOf(secret);
    this.#known.set(sealer.id, sealer);
    return true;
  }

  /** The id of the secret in force: eight hexadecimal digits, which tell nothing else of it. */
  get secretId(): string {
    return this.#inForce.id;
  }

  /** The ids of all that are known. */
  get knownSecretIds(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** The secrets that values which are not kept are signed with: the one in force first, then those that are good besides. */
  get signingSecrets(): readonly Uint8Array[] {
    return this.#good().map(({ secret }) => secret);
  }

  #good(): readonly Sealer[] {
    const others = [...this.#known.values()].filter(({ id }) => id !== this.#inForce.id && !this.#compromised.has(id));
    return [this.#inForce, ...others];
  }

  /** Seals for one place. Equal values give different boxes. */
  seal(place: SealedPlace, plaintext: Uint8Array): Buffer {
    const { id, keys } = this.#inForce;
    const header = Buffer.concat([Buffer.of(VERSION), Buffer.from(id, 'hex')]);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', keys[place.purpose], iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(associatedData(header, place));
    return Buffer.concat([header, iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  /** What was sealed for this very place. Throws {@link SealedBoxError} for anything else. */
  open(place: SealedPlace, box: Uint8Array): Buffer {
    const secretId = secretIdOf(box);
    if (!OPENS_COMPROMISED.has(place.purpose) && this.isCompromised(box)) {
      throw new SealedBoxError('compromised', { secretId });
    }
    const sealer = this.#known.get(secretId);
    if (sealer === undefined) {
      throw new SealedBoxError('other_secret', { secretId });
    }
    const header = box.subarray(0, HEADER_BYTES);
    const iv = box.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES);
    // Without authTagLength Node would also take a tag cut down to 4 bytes.
    const decipher = createDecipheriv('aes-256-gcm', sealer.keys[place.purpose], iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(associatedData(header, place));
    decipher.setAuthTag(box.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(box.subarray(HEADER_BYTES + IV_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw new SealedBoxError('damaged', { cause });
    }
  }

  /** A digest of texts that nobody can look for without the secret in force; in hexadecimal digits. */
  digest(parts: readonly string[]): string {
    return digestOf(this.#inForce, parts);
  }

  /** The same under the secret in force first, then under those that are good besides: it may have been made before a rotation. */
  digests(parts: readonly string[]): readonly string[] {
    return this.#good().map((sealer) => digestOf(sealer, parts));
  }

  /** Whether it is sealed under a secret that the store which is followed has called compromised. */
  isCompromised(box: Uint8Array): boolean {
    return this.#compromised.has(Buffer.from(box.subarray(1, HEADER_BYTES)).toString('hex'));
  }

  /** The same value under the secret in force; null where it is sealed under that already. Throws {@link SealedBoxError}. */
  reseal(place: SealedPlace, box: Uint8Array): Buffer | null {
    return secretIdOf(box) === this.#inForce.id ? null : this.seal(place, this.open(place, box));
  }

  /** The value that a store keeps (`StoreIdentity.secretCheck`): which secret is in force, and what is to be known of others. */
  sealSecretCheck(storeId: string, state: SecretState = { resealingFrom: null, compromised: [], former: [] }): Buffer {
    return this.seal(secretCheckPlace(storeId), Buffer.from(writeSecretState(storeId, state)));
  }

  /**
   * What the store says of secrets. Throws {@link SealedBoxError}: `other_secret` where none that is known is in force,
   * `rotation_lost` where one is that the store has called compromised since this process follows it, `half_rotated` where one is missing under which values are left, `damaged`.
   */
  checkSecret({ storeId, secretCheck }: CheckedStore): SecretState {
    const secretId = secretIdOf(secretCheck);
    if (this.#compromised.has(secretId)) {
      throw new SealedBoxError('rotation_lost', { secretId });
    }
    const state = readSecretState(storeId, this.open(secretCheckPlace(storeId), secretCheck).toString());
    if (state === null) {
      throw new SealedBoxError('damaged');
    }
    if (state.resealingFrom !== null && !this.#known.has(state.resealingFrom)) {
      throw new SealedBoxError('half_rotated', { secretId: state.resealingFrom });
    }
    return state;
  }

  /**
   * Seals from now on as the store says. What it calls compromised stays so in this process, whatever it says later. The secret that
   * was in force before stays known, older ones do not. Throws as {@link checkSecret} does, and changes nothing then.
   */
  follow(store: CheckedStore): SecretState {
    const state = this.checkSecret(store);
    const before = this.#inForce;
    const inForce = this.#known.get(secretIdOf(store.secretCheck)) ?? before;
    if (inForce !== before) {
      this.#inForce = inForce;
      const older = this.knownSecretIds.filter((id) => id !== inForce.id && id !== before.id);
      for (const id of older) {
        this.#known.delete(id);
      }
    }
    for (const secretId of state.compromised) {
      this.#compromised.add(secretId);
    }
    return state;
  }
}

function digestOf({ digestKey }: Sealer, parts: readonly string[]): string {
  return createHmac('sha256', digestKey).update(encodeParts(parts)).digest('hex');
}

function sealerOf(secret: Uint8Array): Sealer {
  const subkey = (purpose: SealedPlace['purpose']) =>
    createSecretKey(deriveKey(secret, 'authflow sealed box v1', [purpose], 32));
  return {
    secret,
    id: deriveKey(secret, 'authflow secret id v1', [], SECRET_ID_BYTES).toString('hex'),
    keys: {
      'signing-key': subkey('signing-key'),
      'api-key': subkey('api-key'),
      'secret-check': subkey('secret-check'),
      'mail-request': subkey('mail-request'),
      mail: subkey('mail'),
      'second-factor': subkey('second-factor'),
    },
    digestKey: createSecretKey(deriveKey(secret, 'authflow keyed digest v1', [], 32)),
  };
}

/** The id of the secret that a box is sealed under. Throws {@link SealedBoxError} for what is no box of this release. */
export function secretIdOf(box: Uint8Array): string {
  if (box.byteLength < 1) {
    throw new SealedBoxError('damaged');
  }
  if (box[0] !== VERSION) {
    throw new SealedBoxError('unknown_version');
  }
  if (box.byteLength < HEADER_BYTES + IV_BYTES + TAG_BYTES) {
    throw new SealedBoxError('damaged');
  }
  return Buffer.from(box.subarray(1, HEADER_BYTES)).toString('hex');
}

function secretCheckPlace(storeId: string): SealedPlace {
  return { purpose: 'secret-check', orgId: '', rowId: storeId };
}

function associatedData(header: Uint8Array, place: SealedPlace): Buffer {
  return Buffer.concat([header, encodeParts([TABLES[place.purpose], place.orgId, place.rowId])]);
}
