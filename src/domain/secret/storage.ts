import type { SigningKeyRecord } from '../signing-keys/storage.ts';

/** What the rotation of the secret needs from the store. `Storage` says what holds for every operation. */
export interface SecretStorage {
  /**
   * Puts another secret in force, or says something else of it; tells whether it did: false where `from` is not what the store holds
   * any more. With `compromised` the epoch is replaced, every signing key is retired and one is added, in the same step.
   */
  replaceSecretCheck(replacement: SecretReplacement): Promise<boolean>;
  /** API keys that are kept sealed, by (orgId, keyId), from after `after` on. */
  listSealedApiKeys(after: ApiKeyPosition | null, limit: number): Promise<readonly SealedApiKey[]>;
  /** Replaces each sealed form that is still the one it was made from; tells how many. */
  resealApiKeys(keys: readonly ResealedApiKey[]): Promise<number>;
  /** The same of signing keys, retired ones too. */
  resealSigningKeys(keys: readonly ResealedSigningKey[]): Promise<number>;
}

export interface SecretReplacement {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Given: nothing that was handed out before opens anything. */
  readonly compromised: {
    readonly epoch: string;
    readonly signingKey: SigningKeyRecord;
    readonly at: number;
  } | null;
  /** For the audit log; null where a rotation that is in it only ends. The second is null where the secret was in force before. */
  readonly rotated: { readonly secretId: string; readonly previousSecretId: string | null } | null;
}

export interface ApiKeyPosition {
  readonly orgId: string;
  readonly keyId: string;
}

export interface SealedApiKey extends ApiKeyPosition {
  readonly sealedApiKey: Uint8Array;
}

/** The same value sealed anew. */
interface Resealed {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

export interface ResealedApiKey extends ApiKeyPosition, Resealed {}

export interface ResealedSigningKey extends Resealed {
  readonly kid: string;
}
