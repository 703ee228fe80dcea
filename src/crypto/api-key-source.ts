import { hash, randomBytes } from 'node:crypto';
import type { ApiKeyKind } from '../domain/organizations/storage.ts';
import type { ApiKeySource } from '../domain/ports.ts';
import { RecentlyUsed } from './recently-used.ts';
import type { SealedBox, SealedPlace } from './sealed-box.ts';

/** 32 bytes are 43 base64url characters; the last carries two bits that must be zero (RFC 4648 3.5). */
const API_KEY = /^af_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const MANAGEMENT_KEY = /^afm_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** Digests that are remembered. Known keys and others alike: whoever sends many makes others be computed again. */
const MOST_REMEMBERED = 2_048;

/** What tokens carry of the token key: the key itself, its public id. The setting `AUTHFLOW_API_KEY_CLAIM`. */
export type ApiKeyClaim = 'key' | 'id';

/** The row that a sealed key belongs to. */
export interface ApiKeyRow {
  readonly orgId: string;
  readonly keyId: string;
}

/**
 * API keys: `af_` and 43 base64url characters of 256 random bits; keys for management: `afm_` and as many. Kept as their SHA-256: a slow hash would protect
 * nothing that cannot be guessed. Sealed besides only where tokens carry the key itself.
 */
export class RandomApiKeySource implements ApiKeySource {
  readonly #box: SealedBox;
  readonly #claim: ApiKeyClaim;
  /** Every call shows its key: in a busy process the digest costs 6 µs, this a fifth. */
  readonly #digests = new RecentlyUsed<Uint8Array>(MOST_REMEMBERED);

  constructor({ box, claim }: { readonly box: SealedBox; readonly claim: ApiKeyClaim }) {
    this.#box = box;
    this.#claim = claim;
  }

  create(kind: ApiKeyKind): { readonly apiKey: string; readonly apiKeyHash: Uint8Array } {
    const apiKey = `${kind === 'api' ? 'af' : 'afm'}_${randomBytes(32).toString('base64url')}`;
    return { apiKey, apiKeyHash: digest(apiKey) };
  }

  hash(apiKey: string): Uint8Array | null {
    const remembered = this.#digests.get(apiKey);
    if (remembered !== undefined) {
      return remembered;
    }
    if (!API_KEY.test(apiKey)) {
      return null;
    }
    const apiKeyHash = digest(apiKey);
    this.#digests.set(apiKey, apiKeyHash);
    return apiKeyHash;
  }

  /** Of the whole text, so that it is the digest of no API key. */
  hashManagementKey(managementKey: string): Uint8Array | null {
    return MANAGEMENT_KEY.test(managementKey) ? digest(managementKey) : null;
  }

  seal(apiKey: string, row: ApiKeyRow): Uint8Array | null {
    return this.#claim === 'key' ? this.#box.seal(sealedApiKeyPlace(row), Buffer.from(apiKey)) : null;
  }

  /** The key that {@link seal} sealed for this row. Throws SealedBoxError for a box of another row or secret. */
  open(sealedApiKey: Uint8Array, row: ApiKeyRow): string {
    return this.#box.open(sealedApiKeyPlace(row), sealedApiKey).toString('latin1');
  }
}

/** Where the sealed form of a key belongs. */
export function sealedApiKeyPlace({ orgId, keyId }: ApiKeyRow): SealedPlace {
  return { purpose: 'api-key', orgId, rowId: keyId };
}

function digest(apiKey: string): Buffer {
  return hash('sha256', apiKey, 'buffer');
}
