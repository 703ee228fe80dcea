import type { Keyring } from './keyring.ts';
import type { PublicJwk } from './signing-key.ts';

/** A JWK Set (RFC 7517 5). */
export interface JwksDocument {
  readonly keys: readonly PublicJwk[];
}

/**
 * What `/.well-known/jwks.json` answers at this instant: keys that will sign, sign, or have signed tokens that still
 * live; never a retired one. Good for 300 seconds: a key is published for ten minutes before it signs.
 */
export function jwksDocument(keyring: Pick<Keyring, 'publishedKeys'>, now: number): JwksDocument {
  return { keys: keyring.publishedKeys(now) };
}
