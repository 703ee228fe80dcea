/** What the keyring needs from the store. `Storage` says what holds for every operation. */
export interface SigningKeyStorage {
  /** Every signing key that was not swept, in the order in which they were added, which is the same for everybody. */
  listSigningKeys(): Promise<readonly SigningKeyRecord[]>;
  /** Adds a key that signs from its `activatesAt`. With `retireOthersAt` every other key is retired in the same step. */
  addSigningKey(key: SigningKeyRecord, retireOthersAt: number | null): Promise<void>;
  /**
   * Adds a key where one is due when it was made (`isRotationDue`); tells whether it did. Of all processes that find it due at once one
   * adds its key.
   */
  addSigningKeyWhenDue(key: SigningKeyRecord, everyMs: number): Promise<boolean>;
}

/**
 * How long a signing key outlives its last token, in milliseconds: 400 days, the longest that a session can live. Until
 * then whoever shows an expired token is told that it has expired, and can log out; after that it is any stranger's.
 */
export const KEEP_ENDED_SIGNING_KEYS_MS = 400 * 24 * 60 * 60 * 1000;

/**
 * A signing key as it is stored. Its state follows from the order in which keys were added and from the instants: the
 * last added whose `activatesAt` has passed is current, and where there is none the first; those before it verify until
 * `verifiesUntil`; those after it are next.
 */
export interface SigningKeyRecord {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  /** The public key as a JWK, in JSON. */
  readonly publicJwk: string;
  /** The private key (PKCS #8), sealed. */
  readonly sealedPrivateKey: Uint8Array;
  readonly createdAt: number;
  readonly activatesAt: number;
  /** The last `exp` it signed, rounded up by at most an hour; 0 before the first. */
  readonly verifiesUntil: number;
  /** Set when it was retired at once; it verifies nothing from then on. */
  readonly retiredAt: number | null;
}
