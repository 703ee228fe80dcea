import { chmodSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeSettings, readSettings, SETTINGS } from '../../src/config/settings.ts';
import { SettingsError, type SettingsFault } from '../../src/config/settings-error.ts';
import { CERTIFICATES } from '../support/certificates.js';
import { temporaryFile, temporaryFolder } from './temporary-folder.ts';

const ADMIN_TOKEN = `afadm_${'A'.repeat(43)}`;
const SECRET = 's'.repeat(32);

/** Accepted and refused values of every setting whose value is judged on its own. */
const VALUES: readonly { name: string; good: readonly string[]; bad: readonly string[] }[] = [
  { name: 'AUTHFLOW_DATA_DIR', good: ['.', '/var/lib/authflow', 'a b'], bad: ['', 'a\0b'] },
  {
    name: 'AUTHFLOW_DATABASE_URL',
    good: ['sqlite:db', 'sqlite:./a/b.db', 'sqlite:/a/b.db', 'sqlite:///a/b.db', 'sqlite:a.db\n'],
    bad: [
      '',
      'sqlite:',
      'sqlite::memory:',
      'sqlite:a.db?mode=ro',
      'sqlite://host/a.db',
      'sqlite:folder/',
      'a.db',
      'postgres://h/db',
      'postgres://:p@h/db',
      'postgres://u@h',
      'postgres://u@h/',
      'postgres://u@/db',
      'postgres://u@h:0/db',
      'postgres://u@h:65536/db',
      'postgres://u@h,/db',
      'postgres://u@[h]/db',
      'postgres://u:100%@h/db',
      'postgres://u@h/db?sslmode=require',
      'postgres://u@h/db?host=/run/postgresql',
      'postgres://u@h/db#x',
      'mysql://h/db',
    ],
  },
  {
    name: 'AUTHFLOW_DATABASE_SCHEMA',
    good: ['authflow', '_a1'],
    bad: ['', 'A', '1a', 'a-b', 'a.b', 'pg_a', 'a'.repeat(64)],
  },
  { name: 'AUTHFLOW_DATABASE_POOL', good: ['6', '100'], bad: ['', '5', '101'] },
  { name: 'AUTHFLOW_DATABASE_STATEMENT_TIMEOUT', good: ['1s', '10s'], bad: ['', '0s', '11s', '5'] },
  { name: 'AUTHFLOW_DATABASE_LOCK_TIMEOUT', good: ['1s', '10s'], bad: ['', '0s', '11s'] },
  { name: 'AUTHFLOW_DATABASE_CONNECT_TIMEOUT', good: ['1s', '10s'], bad: ['', '0s', '11s'] },
  { name: 'AUTHFLOW_DATABASE_IDLE_TIMEOUT', good: ['1s', '1d'], bad: ['', '0s', '2d'] },
  { name: 'AUTHFLOW_DATABASE_TLS', good: ['disable', 'verify-full'], bad: ['', 'require', 'true'] },
  { name: 'AUTHFLOW_DATABASE_NAMED_STATEMENTS', good: ['true', 'false'], bad: ['', '1'] },
  {
    name: 'AUTHFLOW_HOST',
    good: ['127.0.0.1', '127.3.2.1', '::1', 'localhost', 'LocalHost'],
    bad: ['', '[::1]', 'a b', '127.0.0.1:80', 'http://localhost', '-a', 'a..b'],
  },
  { name: 'AUTHFLOW_HTTP_PORT', good: ['0', '1', '65535'], bad: ['', '-1', '65536', '8080.0', '0x50', ' 80', 'http'] },
  { name: 'AUTHFLOW_GRPC_PORT', good: ['0', '1', '65535'], bad: ['', '-1', '65536', '1e3'] },
  { name: 'AUTHFLOW_INSECURE', good: ['true', 'false'], bad: ['', 'True', '1', 'yes'] },
  {
    name: 'AUTHFLOW_SECRET',
    good: [SECRET, `${SECRET}\n`, 'é'.repeat(16)],
    bad: ['', 's'.repeat(31), `${'s'.repeat(31)}\n`],
  },
  {
    name: 'AUTHFLOW_SECRET_PREVIOUS',
    good: [SECRET, `${SECRET}\n`],
    bad: ['', 's'.repeat(31)],
  },
  {
    name: 'AUTHFLOW_ADMIN_TOKEN',
    good: [ADMIN_TOKEN, `${ADMIN_TOKEN}\n`],
    bad: [
      '',
      ADMIN_TOKEN.slice(0, -1),
      `${ADMIN_TOKEN}A`,
      `af_${'A'.repeat(43)}`,
      `afadm_${'+'.repeat(43)}`,
      `${ADMIN_TOKEN}\n\n`,
    ],
  },
  { name: 'AUTHFLOW_OPEN_SIGNUP', good: ['true', 'false'], bad: ['', 'TRUE', '0'] },
  {
    name: 'AUTHFLOW_PROTECTED_ROLES',
    good: ['owner', 'owner, billing:admin', 'a'.repeat(64)],
    bad: ['', ',', 'Owner', 'owner;admin', '1st', 'a'.repeat(65)],
  },
  {
    name: 'AUTHFLOW_ALLOWED_ORIGINS',
    good: [
      'https://a.example',
      'http://localhost:3000',
      'https://a.example, https://b.example:8443',
      'tauri://localhost',
    ],
    bad: [
      '',
      '*',
      'null',
      'https://a.example/',
      'https://a.example/x',
      'https://A.example',
      'https://a.example:443',
      'https://*.example',
      'a.example',
      'https://a.example,',
      'https://u:p@a.example',
      'file:///a',
      'https://a.example https://b.example',
    ],
  },
  {
    name: 'AUTHFLOW_TRUSTED_PROXIES',
    good: ['10.0.0.1', '10.0.0.0/8, ::1', '2001:db8::/32', '0.0.0.0/0'],
    bad: ['', 'proxy.internal', '10.0.0.0/33', '10.0.0/8', '::1/129', '10.0.0.1,', '10.0.0.0/8/8', 'fe80::1%eth0', '*'],
  },
  { name: 'AUTHFLOW_API_KEY_CLAIM', good: ['key', 'id'], bad: ['', 'Key', 'none'] },
  {
    name: 'AUTHFLOW_ISSUER',
    good: ['authflow', 'https://login.example.com', 'urn:example:authflow'],
    bad: ['', 'a b', 'é', ':', 'a\nb', 'x'.repeat(256)],
  },
  {
    name: 'AUTHFLOW_SESSION_TTL',
    good: ['1s', '400d', '12h', '90m'],
    bad: ['', '0s', '401d', '7', '7D', '1h30m', '500ms', '-1s', '1.5h'],
  },
  { name: 'AUTHFLOW_SESSION_MAX_AGE', good: ['7d', '400d', '168h'], bad: ['', '0s', '401d', '30', '30D', '-1s'] },
  { name: 'AUTHFLOW_SIGNING_KEY_ROTATION', good: ['1d', '400d', '24h', 'off'], bad: ['', '23h', '401d', '30', 'Off'] },
  { name: 'AUTHFLOW_NONCE_TTL', good: ['1s', '1h', '60m'], bad: ['', '0s', '2h', '3601s', '1d'] },
  ...[
    'FOOBAR',
    'FOOBAR_KEYLESS',
    'FOOBAR_KEYLESS_TOTAL',
    'SIGNUP',
    'LOGIN',
    'MAIL_REQUEST',
    'PERSON',
    'MAIL',
    'ORGANIZATIONS',
    'ORGANIZATIONS_TOTAL',
  ].map((limit) => ({
    name: `AUTHFLOW_LIMIT_${limit}`,
    good: ['off', '1/s', '60/h', '1000000/d', '100/s burst 1', '1/m burst 1000000'],
    bad: [
      '',
      'OFF',
      '0',
      '100',
      '0/s',
      '1000001/s',
      '1.5/s',
      '-1/s',
      '9/ms',
      '7/s burst',
      '7/s burst 0',
      '8/s+burst 9',
      ' 1/s',
    ],
  })),
  { name: 'AUTHFLOW_LOCK_AFTER', good: ['1', '5', '10'], bad: ['', '0', '11', '2.5', 'off'] },
  { name: 'AUTHFLOW_LOCK_MAX', good: ['1s', '15m', '1d'], bad: ['', '0s', '25h', '15'] },
  { name: 'AUTHFLOW_BCRYPT_COST', good: ['10', '15'], bad: ['', '9', '16', '4', '10.5'] },
  { name: 'AUTHFLOW_HTTP_IDLE_TIMEOUT', good: ['1s', '620s', '1d'], bad: ['', '620', '0s', '25h'] },
  { name: 'AUTHFLOW_DRAIN_TIMEOUT', good: ['0s', '5m', '300s'], bad: ['', '10', '6m', '301s'] },
  { name: 'AUTHFLOW_PROFILE', good: ['compat', 'strict'], bad: ['', 'Strict', 'hosted'] },
  { name: 'AUTHFLOW_BREACHED_PASSWORDS', good: ['breached.txt', '/srv/a b'], bad: ['', 'a\0b'] },
  { name: 'AUTHFLOW_PASSWORD_POLICY', good: ['hosted', 'nist'], bad: ['', 'NIST', 'none'] },
  { name: 'AUTHFLOW_AUDIT_RETENTION', good: ['1d', '3650d', 'forever'], bad: ['', '23h', '3651d', '0', 'Forever'] },
  { name: 'AUTHFLOW_LOG_LEVEL', good: ['debug', 'info', 'warn', 'error'], bad: ['', 'INFO', 'trace', 'silent'] },
  {
    name: 'AUTHFLOW_SMTP_URL',
    good: [],
    bad: [
      '',
      'mail.example.com',
      'http://mail.example.com',
      'smtp://user@mail.example.com',
      'smtp://mail.example.com/x',
    ],
  },
  {
    name: 'AUTHFLOW_MAIL_FROM',
    good: ['no-reply@example.com', 'a+b@mail.example.com'],
    bad: ['', 'a', 'Acme <a@example.com>', 'a@b, c@d', 'ü@example.com'],
  },
  {
    name: 'AUTHFLOW_PUBLIC_URL',
    good: ['https://auth.example.com', 'https://example.com/auth-server/', 'http://localhost:8080'],
    bad: ['', 'auth.example.com', 'http://auth.example.com', 'https://u:p@example.com', 'https://example.com/?a=b'],
  },
  // Of a later release: the default alone.
  { name: 'AUTHFLOW_PASSWORD_HASH', good: ['bcrypt', 'argon2id'], bad: ['', 'argon2', 'md5'] },
  { name: 'AUTHFLOW_WORKERS', good: ['1', '64', 'auto'], bad: ['', '0', '65', '1.5', 'Auto'] },
];

describe('the table', () => {
  test('every setting is judged here, or with the TLS files', () => {
    const judged = [
      ...VALUES.map(({ name }) => name),
      'AUTHFLOW_TLS_CERT',
      'AUTHFLOW_TLS_KEY',
      'AUTHFLOW_TLS_CLIENT_CA',
      'AUTHFLOW_DATABASE_TLS_CA',
    ];
    expect(SETTINGS.map(({ name }) => name).sort()).toEqual(judged.sort());
  });

  test('every setting says what it is', () => {
    for (const { name, range, meaning } of SETTINGS) {
      expect(name).toMatch(/^AUTHFLOW_[A-Z_]+$/);
      expect(range).not.toBe('');
      expect(meaning).toMatch(/^[A-Z].*\.$/);
    }
  });

  test.each(VALUES)('$name accepts what it should', ({ name, good }) => {
    for (const value of good) {
      expect(faultsOf({ [name]: value }), value).toEqual([]);
    }
  });

  test.each(VALUES)('$name refuses what it should, by its name and without the value', ({ name, bad }) => {
    for (const value of bad) {
      const faults = faultsOf({ [name]: value });
      expect(
        faults.map((fault) => fault.name),
        value,
      ).toEqual([name]);
      if (value.length > 8) {
        expect(faults[0]?.message).not.toContain(value);
      }
    }
  });

  test('a refusal names the word that a setting takes beside numbers', () => {
    const words = SETTINGS.flatMap(({ name, range }) => {
      const [word] = /(?<=^|or )(?:off|forever|auto)(?=,|$)/.exec(range) ?? [];
      return word === undefined ? [] : [{ name, word }];
    });
    expect(words.map(({ word }) => word)).toEqual(expect.arrayContaining(['off', 'forever', 'auto']));
    for (const { name, word } of words) {
      expect(faultsOf({ [name]: '?' })).toMatchObject([{ name, message: expect.stringContaining(word) }]);
    }
  });
});

describe('the strict profile', () => {
  const STRICT = { AUTHFLOW_PROFILE: 'strict' };

  test('sets the claim of tokens and the password policy', () => {
    expect(readSettings(STRICT)).toMatchObject({
      apiKeyClaim: 'id',
      isApiKeyClaimChosen: true,
      passwordPolicy: 'nist',
    });
  });

  test('is shown with what it sets', () => {
    const shown = describeSettings(STRICT, readSettings(STRICT));
    const shownAs = (wanted: string) => shown.find(({ name }) => name === wanted)?.value;
    expect(shownAs('AUTHFLOW_API_KEY_CLAIM')).toBe('id');
    expect(shownAs('AUTHFLOW_PASSWORD_POLICY')).toBe('nist');
  });

  test('leaves the policy to whoever chooses one', () => {
    expect(readSettings({ ...STRICT, AUTHFLOW_PASSWORD_POLICY: 'hosted' }).passwordPolicy).toBe('hosted');
    expect(readSettings({ AUTHFLOW_PASSWORD_POLICY: 'nist' }).passwordPolicy).toBe('nist');
  });

  test('has no keys in tokens, whatever is asked for', () => {
    expect(faultsOf({ ...STRICT, AUTHFLOW_API_KEY_CLAIM: 'id' })).toEqual([]);
    expect(faultsOf({ ...STRICT, AUTHFLOW_API_KEY_CLAIM: 'key' })).toMatchObject([
      { name: 'AUTHFLOW_API_KEY_CLAIM', message: expect.stringContaining('AUTHFLOW_PROFILE=strict') },
    ]);
  });
});

describe('defaults and values', () => {
  test('an empty environment gives the defaults of the table', () => {
    expect(readSettings({ PATH: '/bin' })).toEqual({
      dataDir: resolve('data'),
      database: { engine: 'sqlite', file: resolve('data/authflow.db') },
      host: '127.0.0.1',
      httpPort: 8080,
      grpcPort: 50051,
      tls: null,
      trustedProxies: [],
      workers: 1,
      secret: null,
      secretPrevious: null,
      adminToken: null,
      secretFiles: [],
      openSignup: false,
      protectedRoles: [],
      allowedOrigins: [],
      apiKeyClaim: 'key',
      isApiKeyClaimChosen: false,
      issuer: 'authflow',
      sessionTtlSeconds: 604_800,
      sessionMaxAgeSeconds: 2_592_000,
      signingKeyRotationMs: 2_592_000_000,
      nonceTtlSeconds: 300,
      limits: {
        foobar: { count: 500, periodMs: 1_000, burst: 20_000 },
        foobar_keyless: { count: 500, periodMs: 1_000, burst: 20_000 },
        foobar_keyless_total: { count: 5_000, periodMs: 1_000, burst: 50_000 },
        signup: { count: 200, periodMs: 1_000, burst: 10_000 },
        login: { count: 200, periodMs: 1_000, burst: 10_000 },
        mail_request: { count: 50, periodMs: 1_000, burst: 1_000 },
        person: { count: 50, periodMs: 1_000, burst: 10_000 },
        organizations: { count: 1, periodMs: 1_000, burst: 300 },
        organizations_total: { count: 10, periodMs: 1_000, burst: 3_000 },
      },
      smtp: null,
      mailFrom: null,
      publicUrl: null,
      mailLimit: { count: 1_000, periodMs: 3_600_000, burst: 1_000 },
      lockAfter: 5,
      lockMaxMs: 900_000,
      passwordHash: 'bcrypt',
      bcryptCost: 10,
      profile: 'compat',
      passwordPolicy: 'hosted',
      breachedPasswords: null,
      httpIdleTimeoutMs: 620_000,
      drainTimeoutMs: 10_000,
      auditRetentionMs: 7_776_000_000,
      logLevel: 'info',
    });
  });

  test('the defaults that the table shows are the defaults', () => {
    const env = Object.fromEntries(
      SETTINGS.flatMap(({ name, default: text }) =>
        text === null || name === 'AUTHFLOW_DATABASE_URL' ? [] : [[name, text] as const],
      ),
    );
    // Said aloud, one of them is a choice.
    expect(readSettings(env)).toEqual({ ...readSettings({}), isApiKeyClaimChosen: true });
  });

  test('values are read in their units', () => {
    const folder = temporaryFolder();
    const settings = readSettings({
      AUTHFLOW_DATA_DIR: folder,
      AUTHFLOW_HTTP_PORT: '0',
      AUTHFLOW_GRPC_PORT: '0',
      AUTHFLOW_SECRET: `${SECRET}\r\n`,
      AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN,
      AUTHFLOW_OPEN_SIGNUP: 'true',
      AUTHFLOW_PROTECTED_ROLES: 'owner, root,owner',
      AUTHFLOW_ALLOWED_ORIGINS: 'https://a.example , https://b.example,https://a.example',
      AUTHFLOW_API_KEY_CLAIM: 'id',
      AUTHFLOW_SESSION_TTL: '2h',
      AUTHFLOW_NONCE_TTL: '90s',
      AUTHFLOW_SIGNING_KEY_ROTATION: 'off',
      AUTHFLOW_HTTP_IDLE_TIMEOUT: '90s',
      AUTHFLOW_DRAIN_TIMEOUT: '1m',
    });
    expect(settings).toMatchObject({
      dataDir: folder,
      database: { engine: 'sqlite', file: join(folder, 'authflow.db') },
      httpPort: 0,
      grpcPort: 0,
      adminToken: ADMIN_TOKEN,
      openSignup: true,
      protectedRoles: ['owner', 'root'],
      allowedOrigins: ['https://a.example', 'https://b.example'],
      apiKeyClaim: 'id',
      sessionTtlSeconds: 7_200,
      signingKeyRotationMs: null,
      nonceTtlSeconds: 90,
      httpIdleTimeoutMs: 90_000,
      drainTimeoutMs: 60_000,
    });
    expect(Buffer.from(settings.secret ?? []).toString()).toBe(SECRET);
  });

  test('a limit is a rate, with a burst of as many where none is given, or off', () => {
    const { limits } = readSettings({
      AUTHFLOW_LIMIT_FOOBAR: '60/h',
      AUTHFLOW_LIMIT_SIGNUP: '2/d burst 300',
      AUTHFLOW_LIMIT_LOGIN: 'off',
      AUTHFLOW_LIMIT_PERSON: '7/m burst 1',
    });
    expect(limits).toMatchObject({
      foobar: { count: 60, periodMs: 3_600_000, burst: 60 },
      signup: { count: 2, periodMs: 86_400_000, burst: 300 },
      login: null,
      person: { count: 7, periodMs: 60_000, burst: 1 },
    });
  });

  test('the data directory moves the database with it, unless that has a place of its own', () => {
    const dataDir = temporaryFolder();
    expect(readSettings({ AUTHFLOW_DATA_DIR: dataDir }).database).toEqual({
      engine: 'sqlite',
      file: join(dataDir, 'authflow.db'),
    });
    const env = { AUTHFLOW_DATA_DIR: dataDir, AUTHFLOW_DATABASE_URL: 'sqlite:/x/y.db' };
    expect(readSettings(env)).toMatchObject({ dataDir, database: { engine: 'sqlite', file: '/x/y.db' } });
  });
});

describe('secrets', () => {
  test('come from a file, bytes as given but for one final newline', () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0x00, 0x0a]), Buffer.alloc(32, 7), Buffer.from('\n\n')]);
    const settings = readSettings({
      AUTHFLOW_SECRET_FILE: temporaryFile(bytes),
      AUTHFLOW_ADMIN_TOKEN_FILE: temporaryFile(`${ADMIN_TOKEN}\r\n`),
    });
    expect(Buffer.from(settings.secret ?? [])).toEqual(bytes.subarray(0, -1));
    expect(settings.adminToken).toBe(ADMIN_TOKEN);
  });

  test('given twice are refused', () => {
    const faults = faultsOf({
      AUTHFLOW_SECRET: SECRET,
      AUTHFLOW_SECRET_FILE: temporaryFile(SECRET),
      AUTHFLOW_ADMIN_TOKEN: ADMIN_TOKEN,
      AUTHFLOW_ADMIN_TOKEN_FILE: temporaryFile(ADMIN_TOKEN),
    });
    expect(faults.map(({ name }) => name)).toEqual(['AUTHFLOW_SECRET', 'AUTHFLOW_ADMIN_TOKEN']);
  });

  test('that replace themselves are refused', () => {
    const faults = faultsOf({ AUTHFLOW_SECRET: SECRET, AUTHFLOW_SECRET_PREVIOUS: `${SECRET}\n` });
    expect(faults.map(({ name }) => name)).toEqual(['AUTHFLOW_SECRET_PREVIOUS']);
  });

  test('in a file that cannot be read, is a folder, or holds too little are refused under the name of the file', () => {
    for (const file of [join(temporaryFolder(), 'not-there'), temporaryFolder(), temporaryFile('short'), '']) {
      const faults = faultsOf({ AUTHFLOW_SECRET_FILE: file, AUTHFLOW_ADMIN_TOKEN_FILE: file });
      expect(faults.map(({ name }) => name)).toEqual(['AUTHFLOW_SECRET_FILE', 'AUTHFLOW_ADMIN_TOKEN_FILE']);
    }
  });

  test('in a file that cannot be read say which file, and why', () => {
    const folder = temporaryFolder();
    const notThere = join(folder, 'not-mounted', 'secret');
    const closed = temporaryFile(SECRET);
    chmodSync(closed, 0);
    const messageOf = (file: string) => faultsOf({ AUTHFLOW_SECRET_FILE: file }).map(({ message }) => message);
    expect(messageOf(notThere)).toEqual([`names ${notThere}, which is not there (ENOENT)`]);
    expect(messageOf('./not-mounted/secret')).toEqual(['names ./not-mounted/secret, which is not there (ENOENT)']);
    expect(messageOf(folder)).toEqual([`names ${folder}, which is a folder (EISDIR)`]);
    // The superuser may read all.
    expect(messageOf(closed)).toEqual(
      process.getuid?.() === 0 ? [] : [`names ${closed}, which this user may not read (EACCES)`],
    );
  });

  test('given in the place of a file that would hold them are not shown', () => {
    for (const secret of [
      'hunter2',
      'hunter2/Rr8x+',
      '/hunter2/Rr8x+',
      'postgres://u:hunter2@db/auth',
      '-----BEGIN PRIVATE KEY-----\nhunter2/hunter2\n',
    ]) {
      const [fault] = faultsOf({ AUTHFLOW_SECRET_FILE: secret });
      expect(fault).toEqual({ name: 'AUTHFLOW_SECRET_FILE', message: 'names a file that is not there (ENOENT)' });
      expect(JSON.stringify(faultsOf({ AUTHFLOW_TLS_KEY: secret, AUTHFLOW_TLS_CERT: secret }))).not.toContain(
        'hunter2',
      );
    }
  });

  test('never appear in a fault', () => {
    const error = errorOf({
      AUTHFLOW_SECRET: 'hunter2',
      AUTHFLOW_ADMIN_TOKEN: 'hunter2',
      AUTHFLOW_SECRTE: 'hunter2',
      AUTHFLOW_HTTP_PORT: 'hunter2',
    });
    expect(error?.faults).toHaveLength(4);
    expect(`${error?.message}${error?.stack}${JSON.stringify(error)}`).not.toContain('hunter2');
  });
});

describe('TLS', () => {
  const cert = () => temporaryFile(CERTIFICATES.server.cert);
  const key = () => temporaryFile(CERTIFICATES.server.key);

  test('takes certificate, key and the authorities of clients', () => {
    const settings = readSettings({
      AUTHFLOW_HOST: '0.0.0.0',
      AUTHFLOW_TLS_CERT: cert(),
      AUTHFLOW_TLS_KEY: key(),
      AUTHFLOW_TLS_CLIENT_CA: temporaryFile(CERTIFICATES.ca),
    });
    expect(settings.tls?.cert.pem).toBe(CERTIFICATES.server.cert);
    expect(settings.tls?.key.pem).toBe(CERTIFICATES.server.key);
    expect(settings.tls?.clientCa?.pem).toBe(CERTIFICATES.ca);
  });

  test.each([
    ['a certificate alone', () => ({ AUTHFLOW_TLS_CERT: cert() }), ['AUTHFLOW_TLS_KEY']],
    ['a key alone', () => ({ AUTHFLOW_TLS_KEY: key() }), ['AUTHFLOW_TLS_CERT']],
    [
      'authorities alone',
      () => ({ AUTHFLOW_TLS_CLIENT_CA: temporaryFile(CERTIFICATES.ca) }),
      ['AUTHFLOW_TLS_CLIENT_CA'],
    ],
    [
      'files that are not there',
      () => ({ AUTHFLOW_TLS_CERT: '/nowhere/c', AUTHFLOW_TLS_KEY: '/nowhere/k', AUTHFLOW_TLS_CLIENT_CA: '/nowhere/a' }),
      ['AUTHFLOW_TLS_CERT', 'AUTHFLOW_TLS_KEY', 'AUTHFLOW_TLS_CLIENT_CA'],
    ],
    [
      'files that are not PEM',
      () => ({
        AUTHFLOW_TLS_CERT: temporaryFile('no'),
        AUTHFLOW_TLS_KEY: temporaryFile('no'),
        AUTHFLOW_TLS_CLIENT_CA: temporaryFile(''),
      }),
      ['AUTHFLOW_TLS_CERT', 'AUTHFLOW_TLS_KEY', 'AUTHFLOW_TLS_CLIENT_CA'],
    ],
    [
      'the key of another certificate',
      () => ({ AUTHFLOW_TLS_CERT: cert(), AUTHFLOW_TLS_KEY: temporaryFile(CERTIFICATES.foreign.key) }),
      ['AUTHFLOW_TLS_KEY'],
    ],
    [
      'certificate and key swapped',
      () => ({ AUTHFLOW_TLS_CERT: key(), AUTHFLOW_TLS_KEY: cert() }),
      ['AUTHFLOW_TLS_CERT', 'AUTHFLOW_TLS_KEY'],
    ],
    ['an empty variable', () => ({ AUTHFLOW_TLS_CERT: '', AUTHFLOW_TLS_KEY: key() }), ['AUTHFLOW_TLS_CERT']],
  ])('refuses %s', (_, env, names) => {
    expect(faultsOf(env()).map(({ name }) => name)).toEqual(names);
  });
});

describe('settings together', () => {
  test.each(['0.0.0.0', '::', '192.168.1.10', 'example.com', '::ffff:127.0.0.1', '127.0.0.1.example.com'])(
    'clear text on %s needs AUTHFLOW_INSECURE=true',
    (host) => {
      expect(faultsOf({ AUTHFLOW_HOST: host }).map(({ name }) => name)).toEqual(['AUTHFLOW_HOST']);
      expect(faultsOf({ AUTHFLOW_HOST: host, AUTHFLOW_INSECURE: 'false' })).toHaveLength(1);
      expect(faultsOf({ AUTHFLOW_HOST: host, AUTHFLOW_INSECURE: 'true' })).toEqual([]);
    },
  );

  test('one port cannot serve both', () => {
    expect(faultsOf({ AUTHFLOW_HTTP_PORT: '9000', AUTHFLOW_GRPC_PORT: '9000' }).map(({ name }) => name)).toEqual([
      'AUTHFLOW_GRPC_PORT',
    ]);
  });

  test('an unknown name is refused with the nearest known one', () => {
    const faults = faultsOf({
      AUTHFLOW_SECRTE: 'x',
      AUTHFLOW_HTTPPORT: '1',
      AUTHFLOW_HTTP_PORT_FILE: 'x',
      authflow_host: 'x',
      AUTHFLOW_ADMIN_TOKEN_FIEL: 'x',
      AUTHFLOW_: 'x',
      [`AUTHFLOW_${'X'.repeat(10_000)}`]: 'x',
      NOT_AUTHFLOW_X: 'x',
    });
    expect(faults.map(({ message }) => /did you mean (\w+)\?/.exec(message)?.[1]).slice(0, 5)).toEqual([
      'AUTHFLOW_SECRET',
      'AUTHFLOW_HTTP_PORT',
      'AUTHFLOW_HTTP_PORT',
      'AUTHFLOW_HOST',
      'AUTHFLOW_ADMIN_TOKEN_FILE',
    ]);
    expect(faults).toHaveLength(7);
  });

  test('no name is proposed that resembles it in nothing', () => {
    for (const name of ['AUTHFLOW_FOO', 'AUTHFLOW_MARK', 'AUTHFLOW_']) {
      const [fault] = faultsOf({ [name]: 'x' });
      expect(fault?.message).not.toMatch(/did you mean/);
      expect(fault?.message).toContain('authflow config');
    }
  });

  test('what the programs of the clients read is ignored, and what only resembles that is refused', () => {
    const apiKey = `af_${'x'.repeat(43)}`;
    for (const address of [
      '127.0.0.1:50051',
      '[::1]:50051',
      'http://localhost',
      'https://login.example.com:8443',
      '',
    ]) {
      expect(faultsOf({ AUTHFLOW_ADDRESS: address, AUTHFLOW_API_KEY: apiKey })).toEqual([]);
    }
    expect(faultsOf({ AUTHFLOW_URL: 'http://127.0.0.1:8080', AUTHFLOW_API_KEY: '' })).toEqual([]);
    expect(faultsOf({ AUTHFLOW_MANAGEMENT_KEY: `afm_${'A'.repeat(43)}` })).toEqual([]);
    const misspelled = {
      AUTHFLOW_ADDRESS: '0.0.0.0',
      AUTHFLOW_URL: 'sqlite:./authflow.db',
      AUTHFLOW_API_KEY: 'id',
      AUTHFLOW_MANAGEMENT_KEY: 'id',
      authflow_address: '127.0.0.1:50051',
      AUTHFLOW_GRPC: '127.0.0.1:50051',
    };
    expect(faultsOf(misspelled).map(({ name }) => name)).toEqual(Object.keys(misspelled));
  });

  // https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
  test.each([
    ['authflow', 'AUTHFLOW', '10.0.0.11'],
    ['authflow-api', 'AUTHFLOW_API', 'fd00:10::b'],
  ])('what Kubernetes tells of a Service named %s is ignored', (_, prefix, address) => {
    const url = (protocol: string, port: number) =>
      `${protocol}://${address.includes(':') ? `[${address}]` : address}:${port}`;
    const env = {
      [`${prefix}_SERVICE_HOST`]: address,
      [`${prefix}_SERVICE_PORT`]: '8080',
      [`${prefix}_SERVICE_PORT_HTTP`]: '8080',
      [`${prefix}_SERVICE_PORT_GRPC_API`]: '50051',
      [`${prefix}_PORT`]: url('tcp', 8080),
      [`${prefix}_PORT_8080_TCP`]: url('tcp', 8080),
      [`${prefix}_PORT_8080_TCP_PROTO`]: 'tcp',
      [`${prefix}_PORT_8080_TCP_PORT`]: '8080',
      [`${prefix}_PORT_8080_TCP_ADDR`]: address,
      [`${prefix}_PORT_53_UDP`]: url('udp', 53),
      [`${prefix}_PORT_53_UDP_PROTO`]: 'udp',
      [`${prefix}_PORT_53_UDP_PORT`]: '53',
      [`${prefix}_PORT_53_UDP_ADDR`]: address,
    };
    expect(faultsOf(env)).toEqual([]);
    expect(readSettings(env)).toEqual(readSettings({}));
  });

  test('what only resembles that is refused as ever', () => {
    const env = {
      AUTHFLOW_PORT: '8080',
      AUTHFLOW_GRPCPORT: '50051',
      AUTHFLOW_SERVICE_HOST: 'example.com',
      AUTHFLOW_SERVICE_PORT: 'http',
      AUTHFLOW_PORT_8080_TCP: '8080',
      AUTHFLOW_PORT_8080_TCP_PROTO: 'http',
      AUTHFLOW_PORT_8080_TCP_NAME: 'http',
      AUTHFLOW_SERVICE: 'tcp://10.0.0.11:8080',
      authflow_service_host: '10.0.0.11',
    };
    expect(faultsOf(env).map(({ name }) => name)).toEqual(Object.keys(env));
  });

  test('a Service that bears the name of a setting is told from a wrong number', () => {
    const [fault, ...others] = faultsOf({ AUTHFLOW_GRPC_PORT: 'tcp://10.0.0.11:50051' });
    expect(fault).toMatchObject({ name: 'AUTHFLOW_GRPC_PORT', message: expect.stringContaining('Kubernetes') });
    expect(others).toEqual([]);
  });

  test('every fault is named at once, and each once', () => {
    const env = Object.fromEntries(VALUES.map(({ name, bad }) => [name, bad.at(-1)]));
    const names = faultsOf({ ...env, AUTHFLOW_TLS_CERT: '/nowhere', AUTHFLOW_UNKNOWN: 'x' }).map(({ name }) => name);
    const expected = [...VALUES.map(({ name }) => name), 'AUTHFLOW_TLS_CERT', 'AUTHFLOW_TLS_KEY', 'AUTHFLOW_UNKNOWN'];
    expect(names.sort()).toEqual(expected.sort());
  });
});

describe('describeSettings', () => {
  test('shows every setting in force, its source, and no secret', () => {
    const file = temporaryFile(`${ADMIN_TOKEN}\n`);
    const env = {
      AUTHFLOW_DATA_DIR: 'd',
      AUTHFLOW_SECRET: SECRET,
      AUTHFLOW_ADMIN_TOKEN_FILE: file,
      AUTHFLOW_NONCE_TTL: '1m',
    };
    const rows = describeSettings(env, readSettings(env));
    const shown = Object.fromEntries(rows.map(({ name, value, source }) => [name, [value, source]]));
    expect(rows.map(({ name }) => name)).toEqual(SETTINGS.map(({ name }) => name));
    expect(shown).toMatchObject({
      AUTHFLOW_DATA_DIR: [resolve('d'), 'environment'],
      AUTHFLOW_DATABASE_URL: [`sqlite:${resolve('d/authflow.db')}`, 'default'],
      AUTHFLOW_SECRET: ['(set)', 'environment'],
      AUTHFLOW_ADMIN_TOKEN: [file, 'file'],
      AUTHFLOW_NONCE_TTL: ['1m', 'environment'],
      AUTHFLOW_HTTP_PORT: ['8080', 'default'],
      AUTHFLOW_TLS_CERT: [null, 'default'],
    });
    expect(JSON.stringify(rows)).not.toContain(SECRET);
    expect(JSON.stringify(rows)).not.toContain(ADMIN_TOKEN);
  });
});

function faultsOf(env: Record<string, string | undefined>): readonly SettingsFault[] {
  return errorOf(env)?.faults ?? [];
}

function errorOf(env: Record<string, string | undefined>): SettingsError | null {
  try {
    readSettings(env);
    return null;
  } catch (error) {
    if (error instanceof SettingsError) {
      return error;
    }
    throw error;
  }
}
