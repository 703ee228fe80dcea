// Makes mail-tokens.json by the words of docs/contract.md ("Tokens of mails") and Node's own HKDF and HMAC, without a line of
// the product: node test/vectors/make-mail-tokens.js > test/vectors/mail-tokens.json
import { createHmac, hkdfSync } from 'node:crypto';

const KINDS = ['verify_email', 'reset_password', 'invite', 'change_email', 'email_change_warning', 'not_me'];
/** What is bound to no version of the credentials. */
const BOUND_TO_ADDRESS = ['verify_email', 'not_me'];
/** @type {Record<string, number>} */
const LIFE = {
  verify_email: 86400,
  reset_password: 1800,
  invite: 604800,
  change_email: 3600,
  email_change_warning: 604800,
  not_me: 604800,
};

const secret = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const store = { storeId: '11111111-1111-4111-8111-111111111111', epoch: '22222222-2222-4222-8222-222222222222' };
const at = 1_760_000_000_000;
const user = {
  orgId: '0b8f6f3e-9c1d-4c39-8f5e-3f2a1b0c9d8e',
  userId: '0199b0a1-7c1d-7c39-8f5e-3f2a1b0c9d8e',
  email: 'ann@example.org',
  credentialVersion: 3,
};
/** Of the address that a warning leads back to. */
const addressVersion = 0x01_02_03_04_05_06;
const newEmail = 'é中@xn--bcher-kva.example';

/** @param {readonly string[]} texts */
function parts(texts) {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/**
 * @param {string} kind
 * @param {any} spoilt
 */
function make(kind, { version = 1, number = KINDS.indexOf(kind), address, ...changes } = {}) {
  const { orgId, userId, email, credentialVersion } = { ...user, ...changes };
  /** @type {Record<string, string>} */
  const own = { change_email: newEmail, email_change_warning: email };
  const carried = address ?? own[kind] ?? '';
  const expiry = Buffer.alloc(6);
  expiry.writeUIntBE((changes.at ?? at) / 1000 + (LIFE[kind] ?? 0), 0, 6);
  /** @param {string} uuid */
  const id = (uuid) => Buffer.from(uuid.replaceAll('-', ''), 'hex');
  const isWarning = kind === 'email_change_warning';
  const which = Buffer.alloc(isWarning ? 6 : 0);
  if (isWarning) {
    which.writeUIntBE(addressVersion, 0, 6);
  }
  const head = [Buffer.from([version, number]), expiry, id(orgId), id(userId), which];
  const payload = Buffer.concat([...head, Buffer.from(carried)]);
  const bound = isWarning ? [] : [email, String(BOUND_TO_ADDRESS.includes(kind) ? 0 : credentialVersion)];
  const key = hkdfSync(
    'sha256',
    Buffer.from(changes.secret ?? secret, 'hex'),
    parts([changes.storeId ?? store.storeId, changes.epoch ?? store.epoch]),
    `authflow mail token v1 ${changes.keyOf ?? kind}`,
    32,
  );
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length);
  const input = Buffer.concat([length, payload, parts(bound)]);
  return Buffer.concat([payload, createHmac('sha256', Buffer.from(key)).update(input).digest()]).toString('base64url');
}

/**
 * Every other spelling of the bytes of a token.
 * @param {string} token
 */
function spellings(token) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const bytes = Buffer.from(token, 'base64url');
  const twins = [...alphabet]
    .map((last) => token.slice(0, -1) + last)
    .filter((twin) => twin !== token && Buffer.from(twin, 'base64url').equals(bytes));
  return [...twins, `${token}=`, ` ${token}`, `${token}\n`, `${token.slice(0, 10)} ${token.slice(10)}`, `${token}A`];
}

const refused = [
  ...KINDS.flatMap((kind) => [
    ...KINDS.filter((other) => other !== kind).flatMap((other) => [
      { why: `${kind} under the key of ${other}`, token: make(kind, { keyOf: other }) },
      { why: `${kind} that says it is ${other}`, token: make(kind, { number: KINDS.indexOf(other) }) },
    ]),
    { why: `${kind} of another version of the format`, token: make(kind, { version: 2 }) },
    { why: `${kind} of a kind that is none`, token: make(kind, { number: KINDS.length }) },
    { why: `${kind} of another store`, token: make(kind, { storeId: store.epoch }) },
    { why: `${kind} of another epoch`, token: make(kind, { epoch: store.storeId }) },
    { why: `${kind} under another secret`, token: make(kind, { secret: secret.replace('00', 'ff') }) },
    ...spellings(make(kind)).map((token) => ({ why: `${kind} in another spelling`, token })),
  ]),
  ...['verify_email', 'reset_password', 'invite', 'not_me'].map((kind) => ({
    why: `${kind} that carries an address`,
    token: make(kind, { address: newEmail }),
  })),
  ...['', 'x', 'Ann@example.org', ' ann@example.org', `${'a'.repeat(250)}@example.org`, 'ann@example.org\u0000'].map(
    (address) => ({ why: `a change to ${JSON.stringify(address)}`, token: make('change_email', { address }) }),
  ),
  { why: 'nothing', token: '' },
  { why: 'text', token: 'ann@example.org' },
  { why: 'bytes of zero', token: 'A'.repeat(96) },
];

const bound = [
  ...['reset_password', 'invite', 'change_email'].flatMap((kind) => [
    { why: `${kind}, after another change of the credentials`, kind, user: { credentialVersion: 4 }, good: false },
    { why: `${kind}, at another address`, kind, user: { email: 'bob@example.org' }, good: false },
  ]),
  ...BOUND_TO_ADDRESS.flatMap((kind) => [
    { why: `${kind}, after another password`, kind, user: { credentialVersion: 4 }, good: true },
    { why: `${kind}, at another address`, kind, user: { email: 'bob@example.org' }, good: false },
  ]),
  {
    why: 'email_change_warning, at another address',
    kind: 'email_change_warning',
    user: { email: 'bob@example.org', credentialVersion: 9 },
    good: true,
  },
  ...KINDS.flatMap((kind) =>
    ['orgId', 'userId'].map((id) => ({
      why: `${kind}, of another ${id}`,
      kind,
      user: { [id]: store.epoch },
      good: false,
    })),
  ),
];

const good = KINDS.map((kind) => ({ kind, expiresAt: at + (LIFE[kind] ?? 0) * 1000, token: make(kind) }));
process.stdout.write(
  `${JSON.stringify({ secret, store, at, user, newEmail, addressVersion, good, bound, refused }, null, 2)}\n`,
);
