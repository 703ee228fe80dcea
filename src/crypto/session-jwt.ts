import type { KeyObject } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import type { TokenKey } from '../domain/auth/storage.ts';
import { MAX_CLOCK_SKEW_MS } from '../domain/clock-skew.ts';
import type { IdSource, ProvenClaims, SessionClaims, SessionTokenSigner } from '../domain/ports.ts';
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

/**
 * Session tokens: JWTs signed with ES256 (contract, section 3). The library checks the signature; form, header and
 * claims are checked here, because it accepts a missing `exp`, ignores `crit` and repairs much. Verified tokens are
 * remembered, which skips parsing and signature alone: a live key is asked for each time, and time, revocation and the
 * row are for the caller to judge each time. No error holds a token.
 */
export class SessionJwt implements SessionTokenSigner {
  readonly #keyring: Keyring;
  readonly #issuer: string;
  readonly #ids: Pick<IdSource, 'uuidV4'>;
  readonly #apiKeys: Pick<RandomApiKeySource, 'open'>;
  readonly #apiKeyClaim: ApiKeyClaim;
  readonly #verified = new RecentlyUsed<ProvenClaims>(REMEMBERED_TOKENS);
  readonly #turns = new Turns(SIGNATURES_A_TURN);
  #keyringVersion = -1;

  constructor(options: SessionJwtOptions) {
    this.#keyring = options.keyring;
    this.#issuer = options.issuer;
    this.#ids = options.ids;
    this.#apiKeys = options.apiKeys;
    this.#apiKeyClaim = options.apiKeyClaim;
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
  sign(kid: string, claims: SessionClaims, tokenKey: TokenKey | null): string {
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
      email_verified: false,
      org_id: claims.orgId,
      ...(apiKey === null ? {} : { api_key: apiKey }),
    };
    return jsonwebtoken.sign(payload, this.#keyring.privateKey(kid), {
      algorithm: 'ES256',
      header: { alg: 'ES256', typ: TYP, kid },
    });
  }

  async verify(token: string, now: number): Promise<ProvenClaims | null> {
    const claims = await this.verifyAhead(token, now);
    return claims !== null && claims.issuedAtSeconds * 1000 <= now + MAX_CLOCK_SKEW_MS ? claims : null;
  }

  verifyAhead(token: string, now: number): Promise<ProvenClaims | null> {
    this.#forgetAfterKeyringChange();
    const remembered = this.#verified.get(token);
    if (
      remembered !== undefined &&
      this.#keyring.coversAsLoaded(remembered.kid, remembered.expiresAtSeconds * 1000, now)
    ) {
      return Promise.resolve(remembered);
    }
    return this.#verifyAnew(token, now);
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
    const payload = verifySignature(token, key.publicKey, now);
    const claims = readSessionClaims(payload, this.#issuer);
    if (claims === null || !(await this.#keyring.covers(kid, claims.expiresAtSeconds * 1000, now))) {
      return null;
    }
    this.#forgetAfterKeyringChange();
    // Frozen: it is remembered and handed out again.
    const proven = Object.freeze({ ...claims, kid });
    this.#verified.set(token, proven);
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

/** The `kid` of a token of our form whose header has exactly our members. Null for any other; nothing is trusted yet. */
function readKid(token: string): string | null {
  if (token.length > MAX_TOKEN_LENGTH) {
    return null;
  }
  const headerSegment = TOKEN.exec(token)?.[1];
  if (headerSegment === undefined) {
    return null;
  }
  const header = parseObject(Buffer.from(headerSegment, 'base64url').toString('utf8'));
  // Exactly these: jku, x5u and jwk would point to foreign keys, crit and b64 would change what is verified (RFC 8725 3.10).
  if (header === null || Object.keys(header).length !== 3) {
    return null;
  }
  const { alg, typ, kid } = header;
  return alg === 'ES256' && typ === TYP && typeof kid === 'string' ? kid : null;
}

/** The payload of a token whose signature is good; null otherwise. */
function verifySignature(token: string, publicKey: KeyObject, now: number): unknown {
  try {
    return jsonwebtoken.verify(token, publicKey, {
      algorithms: ['ES256'],
      ignoreExpiration: true,
      clockTimestamp: Math.floor(now / 1000),
    });
  } catch {
    // Every error of the library says the same to us: refused. Its text may quote the token.
    return null;
  }
}

function parseObject(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
