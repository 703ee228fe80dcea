import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { SigningKeyRecord } from '../domain/signing-keys/storage.ts';
import { type SealedBox, SealedBoxError, type SealedPlace } from './sealed-box.ts';

/** A public key as RFC 7517 publishes it. */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'ES256';
}

/** A signing key ready for use. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicJwk: PublicJwk;
}

/**
 * A new ES256 key (P-256, RFC 7518 3.4) as it is stored: its `kid` is the RFC 7638 thumbprint, its private part sealed for
 * this row. `activatesAt` is when it begins to sign; the first key of a store begins at once.
 */
export function createSigningKey(
  box: SealedBox,
  { createdAt, activatesAt }: { readonly createdAt: number; readonly activatesAt: number },
): SigningKeyRecord {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicJwk = toPublicJwk(publicKey);
  return {
    kid: publicJwk.kid,
    publicJwk: JSON.stringify(publicJwk),
    sealedPrivateKey: box.seal(signingKeyPlace(publicJwk.kid), privateKey.export({ format: 'der', type: 'pkcs8' })),
    createdAt,
    activatesAt,
    verifiesUntil: 0,
    retiredAt: null,
  };
}

/**
 * Opens a stored key. The public part is derived from the sealed private one, never taken from the row: who can
 * write to the database must not be able to make the service trust a key of theirs. Throws SealedBoxError.
 */
export function openSigningKey(box: SealedBox, record: SigningKeyRecord): SigningKey {
  const der = box.open(signingKeyPlace(record.kid), record.sealedPrivateKey);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const publicJwk = toPublicJwk(publicKey);
  if (publicJwk.kid !== record.kid) {
    throw new SealedBoxError('damaged');
  }
  return { kid: record.kid, privateKey, publicKey, publicJwk };
}

/** Whether a stored key can be opened: it is whole, of this row, and sealed under this secret. */
export function opensSigningKey(box: SealedBox, record: SigningKeyRecord): boolean {
  try {
    openSigningKey(box, record);
    return true;
  } catch {
    return false;
  }
}

/** Where the private part of a key belongs. */
export function signingKeyPlace(kid: string): SealedPlace {
  return { purpose: 'signing-key', orgId: '', rowId: kid };
}

function toPublicJwk(publicKey: KeyObject): PublicJwk {
  const { x, y } = publicKey.export({ format: 'jwk' });
  if (x === undefined || y === undefined) {
    throw new SealedBoxError('damaged');
  }
  // RFC 7638 3.2: the required members alone, in this order, without white space.
  const thumbprint = JSON.stringify({ crv: 'P-256', kty: 'EC', x, y });
  const kid = createHash('sha256').update(thumbprint).digest('base64url');
  return { kty: 'EC', crv: 'P-256', x, y, kid, use: 'sig', alg: 'ES256' };
}
