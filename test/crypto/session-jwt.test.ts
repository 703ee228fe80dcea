import { createPrivateKey, createPublicKey, type JsonWebKey, randomBytes, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import jsonwebtoken from 'jsonwebtoken';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type ApiKeyClaim, RandomApiKeySource } from '../../src/crypto/api-key-source.ts';
import { RandomIdSource } from '../../src/crypto/id-source.ts';
import { Keyring } from '../../src/crypto/keyring.ts';
import { SealedBox, SealedBoxError } from '../../src/crypto/sealed-box.ts';
import { SessionJwt, type SessionJwtOptions } from '../../src/crypto/session-jwt.ts';
import { createSigningKey } from '../../src/crypto/signing-key.ts';
import { Turns } from '../../src/crypto/turns.ts';
import type { IssuedClaims, ProvenClaims } from '../../src/domain/ports.ts';
import { FakeClock, SigningKeyRows } from './signing-key-rows.ts';

const NOW = 1_760_000_000_000;
const DAY_MS = 86_400_000;
const ISSUER = 'https://auth.example.org';
const box = new SealedBox(randomBytes(32));
const ids = new RandomIdSource();
const CLAIMS = {
  sessionId: ids.uuidV7(NOW),
  userId: ids.uuidV7(NOW),
  orgId: ids.uuidV4(),
  email: 'jörg@example.org',
  issuedAtSeconds: NOW / 1000,
  credentialVersion: 1,
  actor: null,
  expiresAtSeconds: NOW / 1000 + 86_400,
  emailVerified: false,
  roles: [],
};

let clock: FakeClock;
let storage: SigningKeyRows;
let keyring: Keyring;

function newSigner(apiKeyClaim: ApiKeyClaim = 'key', options: Partial<SessionJwtOptions> = {}): SessionJwt {
  const apiKeys = new RandomApiKeySource({ box, claim: apiKeyClaim });
  return new SessionJwt({ keyring, issuer: ISSUER, ids, apiKeys, apiKeyClaim, ...options });
}

/** What a token of the present key proves. */
function proven({ emailVerified: _, roles: __, ...claims }: IssuedClaims): ProvenClaims {
  return { ...claims, kid: keyring.currentKeyId(clock.now()) };
}

function parts(token: string) {
  const decoded = jsonwebtoken.decode(token, { complete: true });
  return { header: decoded?.header, payload: decoded?.payload };
}

beforeEach(async () => {
  clock = new FakeClock(NOW);
  storage = new SigningKeyRows();
  storage.rows = [createSigningKey(box, { createdAt: NOW, activatesAt: NOW })];
  keyring = new Keyring({ storage, box, clock });
  await keyring.refresh();
});

describe('a session token', () => {
  test('carries the claims of the contract and nothing else', () => {
    const signer = newSigner();
    const kid = signer.currentKeyId(NOW);
    const { header, payload } = parts(signer.sign(kid, CLAIMS, null));
    expect(header).toEqual({ alg: 'ES256', typ: 'session+jwt', kid });
    expect(payload).toEqual({
      iss: ISSUER,
      aud: CLAIMS.orgId,
      sub: CLAIMS.userId,
      sid: CLAIMS.sessionId,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: CLAIMS.issuedAtSeconds,
      exp: CLAIMS.expiresAtSeconds,
      email: CLAIMS.email,
      email_verified: false,
      roles: [],
      org_id: CLAIMS.orgId,
      credential_version: CLAIMS.credentialVersion,
    });
  });

  test('yields its claims, the first time and when remembered, also after it has expired', async () => {
    const signer = newSigner();
    const token = signer.sign(signer.currentKeyId(NOW), CLAIMS, null);
    for (const now of [NOW, NOW, NOW + 2 * DAY_MS]) {
      expect(await signer.verify(token, now)).toEqual(proven(CLAIMS));
    }
    expect(await newSigner().verify(token, NOW + 2 * DAY_MS)).toEqual(proven(CLAIMS));
  });

  test('has an id of its own each time', () => {
    const signer = newSigner();
    const sign = () => parts(signer.sign(signer.currentKeyId(NOW), CLAIMS, null)).payload?.['jti' as never];
    expect(sign()).not.toBe(sign());
  });

  test('K2: carries the token key, its id or nothing as the settings and the row say', () => {
    const apiKeys = new RandomApiKeySource({ box, claim: 'key' });
    const { apiKey } = apiKeys.create('api');
    const row = { orgId: CLAIMS.orgId, keyId: ids.uuidV7(NOW) };
    const sealedApiKey = apiKeys.seal(apiKey, row);
    const kid = keyring.currentKeyId(NOW);
    const claim = (mode: ApiKeyClaim, sealed: Uint8Array | null) =>
      parts(newSigner(mode).sign(kid, CLAIMS, { keyId: row.keyId, sealedApiKey: sealed })).payload;
    expect(claim('key', sealedApiKey)).toMatchObject({ api_key: apiKey });
    expect(claim('key', null)).not.toHaveProperty('api_key');
    expect(claim('id', sealedApiKey)).toMatchObject({ api_key: row.keyId });
    const ofAnother = apiKeys.seal(apiKey, { ...row, orgId: ids.uuidV4() });
    expect(() => claim('key', ofAnother)).toThrow(SealedBoxError);
  });

  test('of another issuer or another store is refused', async () => {
    const token = newSigner('key', { issuer: 'authflow' }).sign(keyring.currentKeyId(NOW), CLAIMS, null);
    expect(await newSigner().verify(token, NOW)).toBeNull();
    const otherRows = new SigningKeyRows();
    otherRows.rows = [createSigningKey(box, { createdAt: NOW, activatesAt: NOW })];
    const other = new Keyring({ storage: otherRows, box, clock });
    await other.refresh();
    const foreign = newSigner('key', { keyring: other }).sign(other.currentKeyId(NOW), CLAIMS, null);
    expect(await newSigner().verify(foreign, NOW)).toBeNull();
  });

  test('0 of 10,000 mutations of a token are accepted', async () => {
    const signer = newSigner();
    const token = signer.sign(signer.currentKeyId(NOW), CLAIMS, null);
    await signer.verify(token, NOW);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';
    let accepted = 0;
    for (let round = 0; round < 10_000; round += 1) {
      const at = round % token.length;
      const mutant = token.slice(0, at) + alphabet[randomBytes(1).readUInt8() % 65] + token.slice(at + (round & 1));
      if (mutant !== token && (await signer.verify(mutant, NOW)) !== null) {
        accepted += 1;
      }
    }
    expect(accepted).toBe(0);
  });
});

describe('T3: a token issued in the future', () => {
  const ahead = {
    ...CLAIMS,
    issuedAtSeconds: CLAIMS.issuedAtSeconds + 61,
    expiresAtSeconds: CLAIMS.expiresAtSeconds + 61,
  };

  test('is refused until then, remembered or not, and proven to who ends its session', async () => {
    const signer = newSigner();
    const token = signer.sign(signer.currentKeyId(NOW), ahead, null);
    expect(await signer.verify(token, NOW)).toBeNull();
    expect(await signer.verifyAhead(token, NOW)).toEqual(proven(ahead));
    expect(await signer.verify(token, NOW)).toBeNull();
    expect(await signer.verify(token, NOW + 1_000)).toEqual(proven(ahead));
    expect(await signer.verify(token, NOW)).toBeNull();
  });

  test('is proven to nobody unless everything else about it is right', async () => {
    const token = newSigner().sign(keyring.currentKeyId(NOW), ahead, null);
    expect(await newSigner('key', { issuer: 'another' }).verifyAhead(token, NOW)).toBeNull();
    const [header, payload, signature = ''] = token.split('.');
    const forged = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expect(await newSigner().verifyAhead(forged, NOW)).toBeNull();
    await keyring.rotate({ compromised: true });
    expect(await newSigner().verifyAhead(token, NOW)).toBeNull();
  });
});

describe('remembered tokens', () => {
  test('skip the signature, which is checked once for each token', async () => {
    const signer = newSigner();
    const kid = signer.currentKeyId(NOW);
    const [one = '', two = ''] = [1, 2].map(() => signer.sign(kid, CLAIMS, null));
    const verifications = vi.spyOn(Turns.prototype, 'take');
    for (const token of [one, two, one, two, one]) {
      expect(await signer.verify(token, NOW)).toEqual(proven(CLAIMS));
    }
    expect(verifications).toHaveBeenCalledTimes(2);
    verifications.mockRestore();
  });

  test('K2: are refused as soon as the key is retired', async () => {
    const signer = newSigner();
    const token = signer.sign(signer.currentKeyId(NOW), CLAIMS, null);
    expect(await signer.verify(token, NOW)).toEqual(proven(CLAIMS));
    const otherProcess = new Keyring({ storage, box, clock });
    await otherProcess.rotate({ compromised: true });
    await keyring.refresh();
    expect(await signer.verify(token, NOW)).toBeNull();
    const renewed = signer.sign(signer.currentKeyId(NOW), CLAIMS, null);
    expect(await signer.verify(renewed, NOW)).toEqual(proven(CLAIMS));
  });

  test('K2: outlive two rotations in a row, the sessions of every key', async () => {
    const signer = newSigner();
    const tokens: string[] = [];
    for (let rotation = 0; rotation < 3; rotation += 1) {
      const kid = signer.currentKeyId(clock.now());
      const claims = { ...CLAIMS, expiresAtSeconds: CLAIMS.expiresAtSeconds + rotation };
      storage.signedUntil(kid, claims.expiresAtSeconds * 1000);
      tokens.push(signer.sign(kid, claims, null));
      for (const token of tokens) {
        expect(await signer.verify(token, clock.now())).not.toBeNull();
      }
      await keyring.rotate({ compromised: false });
      for (const token of tokens) {
        expect(await signer.verify(token, clock.now())).not.toBeNull();
      }
      clock.advance(600_000);
      for (const token of tokens) {
        expect(await signer.verify(token, clock.now())).not.toBeNull();
      }
    }
    expect(new Set(tokens.map((token) => parts(token).header?.kid)).size).toBe(3);
  });

  test('a superseded key that is known to have signed for less refuses a token that claims more', async () => {
    const signer = newSigner();
    const kid = signer.currentKeyId(NOW);
    const token = signer.sign(kid, CLAIMS, null);
    expect(await signer.verify(token, NOW)).toEqual(proven(CLAIMS));
    await keyring.rotate({ compromised: false });
    clock.advance(600_000);
    expect(await signer.verify(token, clock.now())).toBeNull();
    storage.signedUntil(kid, CLAIMS.expiresAtSeconds * 1000);
    expect(await signer.verify(token, clock.now())).toEqual({ ...proven(CLAIMS), kid });
  });
});

interface Vectors {
  readonly now: number;
  readonly issuer: string;
  readonly audience: string;
  readonly privateJwk: JsonWebKey & { readonly kid: string };
  readonly rows: readonly {
    readonly name: string;
    readonly row: string;
    readonly token: string;
    readonly expected: 'accepted' | 'expired' | 'other_organization' | 'refused';
    readonly also?: string;
  }[];
}

describe('jwt-attacks.json', () => {
  const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/jwt-attacks.json', import.meta.url), 'utf8'));
  const now = vectors.now * 1000;

  async function vectorSigner(): Promise<SessionJwt> {
    const { privateJwk } = vectors;
    const pkcs8 = createPrivateKey({ key: privateJwk, format: 'jwk' }).export({ format: 'der', type: 'pkcs8' });
    const rows = new SigningKeyRows();
    rows.rows = [
      {
        kid: privateJwk.kid,
        publicJwk: '{}',
        sealedPrivateKey: box.seal({ purpose: 'signing-key', orgId: '', rowId: privateJwk.kid }, pkcs8),
        createdAt: now,
        activatesAt: now,
        verifiesUntil: 0,
        retiredAt: null,
      },
    ];
    const ring = new Keyring({ storage: rows, box, clock: new FakeClock(now) });
    await ring.refresh();
    return newSigner('key', { keyring: ring, issuer: vectors.issuer });
  }

  test('T6: has at least 400 rows, some that are accepted, and leaves a choice of none that the key has not signed', () => {
    expect(vectors.rows.length).toBeGreaterThanOrEqual(400);
    expect(vectors.rows.filter(({ expected }) => expected === 'accepted').length).toBeGreaterThan(5);
    const isForged = ({ token }: { readonly token: string }) => !isSignedBy(vectors.privateJwk, token);
    expect(vectors.rows.filter((row) => row.also !== undefined && isForged(row))).toEqual([]);
    expect(new Set(vectors.rows.map(({ name }) => name)).size).toBe(vectors.rows.length);
  });

  test('T1–T6: every row is judged as it says, twice', async () => {
    const signer = await vectorSigner();
    for (const { name, row, token, expected } of vectors.rows) {
      for (const round of ['first', 'second']) {
        const claims = await signer.verify(token, now);
        const verdict =
          claims === null
            ? 'refused'
            : claims.orgId !== vectors.audience
              ? 'other_organization'
              : claims.expiresAtSeconds <= vectors.now
                ? 'expired'
                : 'accepted';
        expect({ row, name, round, verdict }).toEqual({ row, name, round, verdict: expected });
      }
    }
  });

  test('T5: the signature of garbage is never checked', async () => {
    const signer = await vectorSigner();
    const verifications = vi.spyOn(Turns.prototype, 'take');
    const garbage = vectors.rows.filter(({ row }) => row === 'T5');
    for (const { token } of garbage) {
      await signer.verify(token, now);
    }
    expect(garbage.length).toBeGreaterThan(20);
    expect(verifications).not.toHaveBeenCalled();
    verifications.mockRestore();
  });
});

/** Whether ECDSA finds the signature good, whatever the token says. */
function isSignedBy(jwk: Vectors['privateJwk'], token: string): boolean {
  const end = token.lastIndexOf('.');
  const key = createPublicKey(createPrivateKey({ key: jwk, format: 'jwk' }));
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  return verify('sha256', Buffer.from(token.slice(0, end)), { key, dsaEncoding: 'ieee-p1363' }, signature);
}
