import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import type { EntranceCheck } from '../check.ts';
import { demandSuccess, JWT, UUID } from '../expectations.ts';
import { isObject, jsonObject } from '../http-client.ts';
import { demand, demandEqual } from '../mismatch.ts';
import type { Visit } from '../visit.ts';
import type { World } from '../world.ts';

const SECTION = '3 Tokens and keys';

/** The session token, as somebody reads it who has the JWKS alone. */
export const TOKEN_CHECKS: readonly EntranceCheck[] = [
  {
    section: SECTION,
    title: 'the JWKS verifies the session token: ES256, session+jwt',
    async run(visit) {
      const { token, header } = await readToken(visit);
      demandEqual('alg', 'ES256', header.alg);
      demandEqual('typ', 'session+jwt', header.typ);
      const key = (await publicKeys(visit.world)).find(({ kid }) => kid === header.kid);
      demand(key !== undefined, 'the kid of the token in the JWKS', 'no such key in the JWKS');
      const [head, claims, signature = ''] = token.split('.');
      const isSigned = verify(
        'sha256',
        Buffer.from(`${head}.${claims}`),
        { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      );
      demand(isSigned, 'a signature of that key', 'a signature that the key does not verify');
    },
  },
  {
    section: SECTION,
    title: 'its claims say who, where, for whom and how long',
    async run(visit) {
      const { claims, reply } = await readToken(visit);
      const { userId, orgId, email } = visit.world.ada;
      const exact = { sub: userId, aud: orgId, org_id: orgId, email, email_verified: false };
      for (const [name, value] of Object.entries(exact)) {
        demandEqual(`the claim ${name}`, value, claims[name]);
      }
      for (const name of ['iss', 'sid', 'jti']) {
        const claim = claims[name];
        demand(
          typeof claim === 'string' && claim !== '',
          `the claim ${name}: text`,
          `the claim ${name}: ${typeof claim}`,
        );
      }
      for (const name of ['iat', 'exp']) {
        demand(Number.isInteger(claims[name]), `the claim ${name}: whole seconds`, `the claim ${name}: something else`);
      }
      demandEqual('expires_at, in seconds', Number(claims.exp), Date.parse(String(reply.expires_at)) / 1000);
      demand(Number(claims.iat) < Number(claims.exp), 'iat before exp', 'iat not before exp');
    },
  },
  {
    section: SECTION,
    title: 'sid is the session_id of validate',
    async run(visit) {
      const { token, claims } = await readToken(visit);
      const { email } = visit.world.ada;
      const reply = await visit.call('validate', { sessionToken: token, email, api_key: visit.world.apiKey });
      demandEqual('session_id', String(claims.sid), demandSuccess('validate', reply, { session_id: UUID }).session_id);
    },
  },
  {
    section: SECTION,
    title: 'the claim api_key is a key, the public id of one, or absent',
    async run(visit) {
      const { api_key } = (await readToken(visit)).claims;
      const isKeyOrId = typeof api_key === 'string' && (/^af_[\w-]{43}$/.test(api_key) || UUID.fits(api_key));
      demand(api_key === undefined || isKeyOrId, 'api_key: a key, an id or nothing', 'api_key: something else');
    },
  },
  {
    section: SECTION,
    title: 'no role is taken from the caller',
    async run(visit) {
      const { claims } = await readToken(visit);
      demand(!('role' in claims), 'no claim role', 'a claim role');
      demandEqual('the claim roles of a new user', '[]', JSON.stringify(claims.roles));
    },
  },
];

/** The keys of the JWKS. Demands that they are public keys of ES256. */
export async function publicKeys({ http }: Pick<World, 'http'>): Promise<readonly (JsonWebKey & { kid: string })[]> {
  const reply = await http.send({ method: 'GET', path: '/.well-known/jwks.json' });
  demandEqual('the status of the JWKS', 200, reply.status);
  const keys: unknown = jsonObject(reply)?.keys;
  demand(Array.isArray(keys) && keys.length > 0, 'a JWKS with keys', 'no keys');
  return keys.map((key: unknown) => {
    const { kty, crv, alg, d, kid } = isObject(key) ? key : {};
    demandEqual('kty, crv and alg of a key', 'EC P-256 ES256', `${kty} ${crv} ${alg}`);
    demand(d === undefined, 'public keys alone', 'a private key');
    demand(typeof kid === 'string', 'a kid for each key', 'a key without a kid');
    return { ...(key as JsonWebKey), kid };
  });
}

type Part = Readonly<Record<string, unknown>>;

async function readToken(visit: Visit): Promise<{ token: string; header: Part; claims: Part; reply: Part }> {
  const reply = demandSuccess('login', (await visit.loggedIn()).reply, { token: JWT });
  const token = String(reply.token);
  const [header, claims] = token.split('.').map(decode);
  return { token, header: header ?? {}, claims: claims ?? {}, reply };
}

function decode(segment: string): Part {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
