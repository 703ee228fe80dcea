import { type KeyObject, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import type { TokenKey } from '../domain/auth/storage.ts';
import { MAX_CLOCK_SKEW_MS } from '../domain/clock-skew.ts';
import type { IdSource, IssuedClaims, ProvenClaims, SessionTokenSigner } from '../domain/ports.ts';
import type { ApiKeyClaim, RandomApiKeySource } from './api-key-source.ts';
import type { Keyring } from './keyring.ts';
import { RecentlyUsed } from './recently-used.ts';
import { isObject, readSessionClaims } from './session-claims.ts';
import { Turns } from './turns.ts';

/** What a session token is called in its header, so that no other JWT passes for one (RFC 8725 3.11). */
const TYP = 'session+jwt';
/** Ours have some 700 characters; longer ones are refused unread (docs/security.md, T5). */
const MAX_TOKEN_LENGTH = 8192;
/**
 * Compact serialization alone. The signature is 64 bytes, so that its last character carries four bits that must be
 * zero: otherwise 16 spellings would pass for one token. The other segments are covered by the signature as spelled.
 */
const TOKEN = /^([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{85}[AQgw]$/;
const SIGNATURE_CHARACTERS = 86;
/** Some 10 MB when full: tokens of 700 characters and their claims. */
const REMEMBERED_TOKENS = 10_000;

export interface SessionJwtOptions {
  readonly keyring: Keyring;
  /** The claim `iss`. */
  readonly issuer: string;
  readonly ids: Pick<IdSource, 'uuidV4'>;
  /** Opens token keys. */
  readonly apiKeys: Pick<RandomApiKeySource, 'open'>;
  /** Whether the claim `api_key` holds the token key itself or its id. */
  readonly apiKeyClaim: ApiKeyClaim;
}

/** Signatures that are checked in one turn of the event loop: some 1.5 ms of it. */
const SIGNATURES_A_TURN = 16;

const require = createRequire(import.meta.url);

/** Signs. Loaded with the first token, or after the start (docs/performance.md, "What was measured once"). */
const jsonwebtoken = (): typeof import('jsonwebtoken') => require('jsonwebtoken');

/**
 * Session tokens: JWTs signed with ES256 (contract, section 3), by jsonwebtoken. They are verified here, because the library accepts
 * a missing `exp`, ignores `crit` and repairs much. Verified tokens are
 * remembered, which skips parsing and signature alone: a live key is asked for each time, and time, revocation and the
 * row are for the caller to judge each time. No error holds a token.
 */
export class SessionJwt implements SessionTokenSigner {
  readonly #keyring: Keyring;
  readonly #issuer: string;
  readonly #ids: Pick<IdSource, 'uuidV4'>;
  readonly #apiKeys: Pick<RandomApiKeySource, 'open'>;
  readonly #apiKeyClaim: ApiKeyClaim;
  /** By their signatures: to look a token up by all of its characters takes a twentieth of what Validate costs. */
  readonly #verified = new RecentlyUsed<VerifiedToken>(REMEMBERED_TOKENS);
  readonly #turns = new Turns(SIGNATURES_A_TURN);
  #keyringVersion = -1;

  constructor(options: SessionJwtOptions) {
    // A library that is not installed stops the start, and not the first login.
    require.resolve('jsonwebtoken');
    this.#keyring = options.keyring;
    this.#issuer = options.issuer;
    this.#ids = options.ids;
    this.#apiKeys = options.apiKeys;
    this.#apiKeyClaim = options.apiKeyClaim;
  }

  /** Loads the library, which the first token otherwise waits for. Rejected when it cannot be read. */
  async load(): Promise<void> {
    jsonwebtoken();
  }

  currentKeyId(now: number): string {
    return this.#keyring.currentKeyId(now);
  }

  reloadKeys(): Promise<void> {
    return this.#keyring.load();
  }

  /**
   * Throws AuthError UNAVAILABLE when the key was retired meanwhile (to the caller of Login, whose nonce is spent, that is
   * INTERNAL), SealedBoxError for a token key that was sealed for
   * another row. A token key that was made while tokens carried ids has no sealed form: the claim is absent then.
   */
  sign(kid: string, claims: IssuedClaims, tokenKey: TokenKey | null): string {
    const apiKey = this.#apiKeyValue(claims.orgId, tokenKey);
    const payload = {
      iss: this.#issuer,
      aud: claims.orgId,
      sub: claims.userId,
      sid: claims.sessionId,
      jti: this.#ids.uuidV4(),
      iat: claims.issuedAtSeconds,
      exp: claims.expiresAtSeconds,
      email: claims.email,
      email_verified: claims.emailVerified,
      roles: claims.roles,
      org_id: claims.orgId,
      ...(claims.credentialVersion === null ? {} : { credential_version: claims.credentialVersion }),
      ...(claims.actor === null ? {} : { act: { sub: claims.actor } }),
      ...(apiKey === null ? {} : { api_key: apiKey }),
    };
    return jsonwebtoken().sign(payload, this.#keyring.privateKey(kid), {
      algorithm: 'ES256',
      header: { alg: 'ES256', typ: TYP, kid },
    });
  }

  async verify(token: string, now: number): Promise<ProvenClaims | null> {
    const claims = await this.verifyAhead(token, now);
    return claims !== null && claims.issuedAtSeconds * 1000 <= now + MAX_CLOCK_SKEW_MS ? claims : null;
  }

  verifyAhead(token: string, now: number): Promise<ProvenClaims | null> {
    const claims = this.recall(token);
    return claims !== null && this.#keyring.coversAsLoaded(claims.kid, claims.expiresAtSeconds * 1000, now)
      ? Promise.resolve(claims)
      : this.#verifyAnew(token, now);
  }

  recall(token: string): ProvenClaims | null {
    this.#forgetAfterKeyringChange();
    const remembered = this.#verified.get(signatureOf(token));
    return remembered?.token === token ? remembered.claims : null;
  }

  async #verifyAnew(token: string, now: number): Promise<ProvenClaims | null> {
    const kid = readKid(token);
    if (kid === null) {
      return null;
    }
    const key = await this.#keyring.findVerifying(kid);
    if (key === null) {
      return null;
    }
    // A forged signature costs as much as a good one and is never remembered: a crowd of them must not hold up all others.
    await this.#turns.take();
    const payload = readSigned(token, key.publicKey);
    const claims = readSessionClaims(payload, this.#issuer);
    if (claims === null || !(await this.#keyring.covers(kid, claims.expiresAtSeconds * 1000, now))) {
      return null;
    }
    this.#forgetAfterKeyringChange();
    // Frozen: it is remembered and handed out again.
    const proven = Object.freeze({ ...claims, kid });
    this.#verified.set(signatureOf(token), { token, claims: proven });
    return proven;
  }

  #forgetAfterKeyringChange(): void {
    if (this.#keyringVersion === this.#keyring.version) {
      return;
    }
    this.#keyringVersion = this.#keyring.version;
    this.#verified.clear();
  }

  #apiKeyValue(orgId: string, tokenKey: TokenKey | null): string | null {
    if (tokenKey === null) {
      return null;
    }
    if (this.#apiKeyClaim === 'id') {
      return tokenKey.keyId;
    }
    if (tokenKey.sealedApiKey === null) {
      return null;
    }
    return this.#apiKeys.open(tokenKey.sealedApiKey, { orgId, keyId: tokenKey.keyId });
  }
}

interface VerifiedToken {
  readonly token: string;
  readonly claims: ProvenClaims;
}

/** Of a token of our form; other texts give what no signature is, or what another token ends with. */
function signatureOf(token: string): string {
  return token.slice(-SIGNATURE_CHARACTERS);
}

/** The `kid` of a token of our form whose header has exactly our members. Null for any other; nothing is trusted yet. */
function readKid(token: string): string | null {
  if (token.length > MAX_TOKEN_LENGTH) {
    return null;
  }
  const headerSegment = TOKEN.exec(token)?.[1];
  if (headerSegment === undefined) {
    return null;
  }
  const header = readObject(headerSegment);
  // Exactly these: jku, x5u and jwk would point to foreign keys, crit and b64 would change what is verified (RFC 8725 3.10).
  if (header === null || Object.keys(header).length !== 3) {
    return null;
  }
  const { alg, typ, kid } = header;
  return alg === 'ES256' && typ === TYP && typeof kid === 'string' ? kid : null;
}

/** The payload of a token of our form whose signature is good; null otherwise. */
function readSigned(token: string, publicKey: KeyObject): unknown {
  const end = token.lastIndexOf('.');
  const signed = token.slice(0, end);
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  // As JWS has them: two numbers of 32 bytes, without the frame that others put around them (RFC 7518 3.4).
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  if (!verify('sha256', Buffer.from(signed, 'latin1'), key, signature)) {
    return null;
  }
  return readObject(signed.slice(signed.indexOf('.') + 1));
}

/**
 * The object of a segment that is spelled as we spell it. Where a member is there twice, or spelled by escapes, two readers may see two
 * tokens in one (RFC 7515, section 4, and 10.12).
 */
function readObject(segment: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
    const isOurSpelling = Buffer.from(JSON.stringify(value)).toString('base64url') === segment;
    return isObject(value) && isOurSpelling ? value : null;
  } catch {
    return null;
  }
}
