import { DEFAULT_SCHEMA } from '../storage/database.ts';
import { databaseUrl } from './database-url.ts';
import { smtpUrl } from './smtp-url.ts';
import type { Parser } from './values.ts';
import * as values from './values.ts';

/** What a setting is, for people: the README's table and `authflow config` are made of this. */
export interface SettingDescription {
  /** The environment variable. */
  readonly name: string;
  /** What its number counts, as `seconds`; null for text. */
  readonly unit: string | null;
  /** The default as it would be written; null where there is none. */
  readonly default: string | null;
  /** Which values are accepted. */
  readonly range: string;
  /** What it decides, in one sentence or two. */
  readonly meaning: string;
  /** Whether the value must never be shown. It can then also come from a file named by the variable with `_FILE`. */
  readonly secret: boolean;
}

/** A setting whose text `parse` understands; `fallback` makes the value without the variable. */
export interface TextSetting<T> extends SettingDescription {
  readonly secret: false;
  readonly parse: Parser<T>;
  readonly fallback: () => T;
}

/** A setting that is secret: bytes, from the variable or from a file. */
export interface SecretSetting<T> extends SettingDescription {
  readonly secret: true;
  readonly parse: (bytes: Uint8Array) => T;
}

type Facts = Omit<SettingDescription, 'secret'>;

function withDefault<T>(facts: Facts & { readonly default: string; readonly parse: Parser<T> }): TextSetting<T> {
  return { ...facts, secret: false, fallback: () => facts.parse(facts.default) };
}

function optional<T>(facts: Facts & { readonly parse: Parser<T> }): TextSetting<T | null> {
  return { ...facts, secret: false, fallback: () => null };
}

/** How often a call is answered; beyond it RATE_LIMITED tells how long to wait. */
function limit(facts: Pick<Facts, 'name' | 'meaning'> & { readonly default: string }): TextSetting<values.Rate | null> {
  return withDefault({
    ...facts,
    unit: 'calls per d, h, m or s',
    range: 'off, or 1 to 1000000 in a unit: 100/s, 60/h burst 300',
    parse: values.rate,
  });
}

/*
 * Defaults of limits are what no honest backend meets, and bound what one caller costs. All are for a node.
 *
 * Logins of one key, 200/s: more than 13 cores hash (15 a second each, bcrypt 10), and 720,000 an hour; 10,000 people who sign in at
 * nine within one second are the burst. Sign-ups alike: an import hashes too. FooBar, 500/s burst 20000: one for each login and sign-up
 * that these allow, and a quarter more for pages that are left again; 500 cost a twentieth of a core. Keyless ones from one address alike: it may be a backend that has no key. All of them, 5000/s:
 * ten such backends, half of what a core answers.
 *
 * Requests for mails, 50/s burst 1000: a quarter of the logins, and in the burst as many as may wait for an answer at once.
 *
 * A person's address, 50/s burst 10000: an office of 10,000 may be behind it, or 100,000 within half an hour.
 *
 * Organizations are rows for ever: an address may sign up 300 at once and 3,600 an hour, all together ten times that. A backend that
 * makes more does it with the admin token, which is not limited.
 */

/** Every setting, in the order of the public table (contract, section 7). */
export const DEFINITIONS = {
  dataDir: withDefault({
    name: 'AUTHFLOW_DATA_DIR',
    unit: null,
    default: './data',
    range: 'a path',
    meaning: 'The folder of the database, the secret file and the admin token file (folder 0700, files 0600).',
    parse: values.path,
  }),
  databaseUrl: {
    name: 'AUTHFLOW_DATABASE_URL',
    unit: null,
    default: 'sqlite: + data directory + /authflow.db',
    range: 'sqlite: and the path of a file, or postgres://USER:PASSWORD@HOST:PORT/DATABASE',
    meaning:
      'Where the store is. Several PostgreSQL hosts with commas between them: the one that takes writes is used. ' +
      'It is shown without its password.',
    secret: true,
    parse: databaseUrl,
  },
  databaseSchema: withDefault({
    name: 'AUTHFLOW_DATABASE_SCHEMA',
    unit: null,
    default: DEFAULT_SCHEMA,
    range: '1 to 63 of a-z, 0-9 and _, beginning neither with a digit nor with pg_',
    meaning: 'PostgreSQL: the schema that holds the tables. It is made where it is missing and may be.',
    parse: values.schemaName,
  }),
  databasePool: withDefault({
    name: 'AUTHFLOW_DATABASE_POOL',
    unit: 'connections',
    default: '10',
    range: '6 to 100',
    meaning: 'PostgreSQL: the most connections of a process. No organization holds more than half of them.',
    parse: values.integer(6, 100),
  }),
  databaseStatementTimeoutSeconds: withDefault({
    name: 'AUTHFLOW_DATABASE_STATEMENT_TIMEOUT',
    unit: 'duration (d, h, m, s)',
    default: '5s',
    range: '1s to 10s',
    meaning: 'PostgreSQL: how long a statement may take. A connection whose statement took longer is closed.',
    parse: values.durationSeconds('1s', '10s'),
  }),
  databaseLockTimeoutSeconds: withDefault({
    name: 'AUTHFLOW_DATABASE_LOCK_TIMEOUT',
    unit: 'duration (d, h, m, s)',
    default: '2s',
    range: '1s to 10s',
    meaning: 'PostgreSQL: how long a statement waits for a lock.',
    parse: values.durationSeconds('1s', '10s'),
  }),
  databaseConnectTimeoutSeconds: withDefault({
    name: 'AUTHFLOW_DATABASE_CONNECT_TIMEOUT',
    unit: 'duration (d, h, m, s)',
    default: '2s',
    range: '1s to 10s',
    meaning: 'PostgreSQL: how long a connection may take to be made, for each host.',
    parse: values.durationSeconds('1s', '10s'),
  }),
  databaseIdleTimeoutSeconds: withDefault({
    name: 'AUTHFLOW_DATABASE_IDLE_TIMEOUT',
    unit: 'duration (d, h, m, s)',
    default: '10m',
    range: '1s to 1d',
    meaning: 'PostgreSQL: how long a connection that is not used is kept.',
    parse: values.durationSeconds('1s', '1d'),
  }),
  databaseTls: optional({
    name: 'AUTHFLOW_DATABASE_TLS',
    unit: null,
    default: null,
    range: 'disable or verify-full',
    meaning:
      'PostgreSQL: clear text, or TLS with a certificate that is verified, with the name of the host. Without it clear ' +
      'text on this machine, TLS elsewhere.',
    parse: values.oneOf('disable', 'verify-full'),
  }),
  databaseTlsCa: optional({
    name: 'AUTHFLOW_DATABASE_TLS_CA',
    unit: null,
    default: null,
    range: 'the path of a PEM file',
    meaning:
      'PostgreSQL: the authorities that its certificate is verified with, in the place of those that Node trusts.',
    parse: values.certificateFile,
  }),
  databaseNamedStatements: withDefault({
    name: 'AUTHFLOW_DATABASE_NAMED_STATEMENTS',
    unit: null,
    default: 'true',
    range: 'true or false',
    meaning: 'PostgreSQL: false behind a pool of transactions that knows no named statements (PgBouncer before 1.21).',
    parse: values.boolean,
  }),
  host: withDefault({
    name: 'AUTHFLOW_HOST',
    unit: null,
    default: '127.0.0.1',
    range: 'an IP address or a host name',
    meaning: 'The listening address of both ports. Clear text on any but a loopback address needs AUTHFLOW_INSECURE.',
    parse: values.host,
  }),
  httpPort: withDefault({
    name: 'AUTHFLOW_HTTP_PORT',
    unit: null,
    default: '8080',
    range: '0 to 65535',
    meaning: 'The port of Connect, gRPC-Web and JSON over HTTP. 0 picks a free one.',
    parse: values.port,
  }),
  grpcPort: withDefault({
    name: 'AUTHFLOW_GRPC_PORT',
    unit: null,
    default: '50051',
    range: '0 to 65535',
    meaning: 'The port of gRPC, with health and reflection. 0 picks a free one.',
    parse: values.port,
  }),
  insecure: withDefault({
    name: 'AUTHFLOW_INSECURE',
    unit: null,
    default: 'false',
    range: 'true or false',
    meaning: 'Allows clear text on an address that others reach: behind a proxy that ends TLS, or in a container.',
    parse: values.boolean,
  }),
  tlsCert: optional({
    name: 'AUTHFLOW_TLS_CERT',
    unit: null,
    default: null,
    range: 'the path of a PEM file',
    meaning: 'The certificate chain of both ports. Given together with AUTHFLOW_TLS_KEY.',
    parse: values.certificateFile,
  }),
  tlsKey: optional({
    name: 'AUTHFLOW_TLS_KEY',
    unit: null,
    default: null,
    range: 'the path of a PEM file',
    meaning: 'The private key of AUTHFLOW_TLS_CERT.',
    parse: values.privateKeyFile,
  }),
  tlsClientCa: optional({
    name: 'AUTHFLOW_TLS_CLIENT_CA',
    unit: null,
    default: null,
    range: 'the path of a PEM file',
    meaning: 'The authorities whose client certificates are demanded of every caller (mTLS).',
    parse: values.certificateFile,
  }),
  secret: {
    name: 'AUTHFLOW_SECRET',
    unit: 'bytes',
    default: null,
    range: 'at least 32 bytes, one final newline off',
    meaning:
      'Seals keys at rest. Without it a file is made with a new SQLite store, never beside an existing one. ' +
      'A store made under another secret refuses to open.',
    secret: true,
    parse: values.secret,
  },
  secretPrevious: {
    name: 'AUTHFLOW_SECRET_PREVIOUS',
    unit: 'bytes',
    default: null,
    range: 'at least 32 bytes, one final newline off',
    meaning:
      'The secret that AUTHFLOW_SECRET replaces, while "authflow secret rotate" replaces it: every server reads both. Without it ' +
      'nothing that is sealed or signed under another secret opens.',
    secret: true,
    parse: values.secret,
  },
  adminToken: {
    name: 'AUTHFLOW_ADMIN_TOKEN',
    unit: null,
    default: null,
    range: 'afadm_ and 43 base64url characters',
    meaning: 'Opens OrganizationService. Without it a file is made with a SQLite store.',
    secret: true,
    parse: values.adminToken,
  },
  openSignup: withDefault({
    name: 'AUTHFLOW_OPEN_SIGNUP',
    unit: null,
    default: 'false',
    range: 'true or false',
    meaning: 'Organizations may sign up without the admin token.',
    parse: values.boolean,
  }),
  protectedRoles: optional({
    name: 'AUTHFLOW_PROTECTED_ROLES',
    unit: null,
    default: null,
    range: 'roles with commas between them',
    meaning:
      'Users with one of these roles are read-only to management keys, which give nobody one: the admin token alone changes them.',
    parse: values.roles,
  }),
  allowedOrigins: optional({
    name: 'AUTHFLOW_ALLOWED_ORIGINS',
    unit: null,
    default: null,
    range: 'exact origins with commas between them',
    meaning: 'The origins whose browsers may call, with CORS. All others are refused as a likely leaked key.',
    parse: values.origins,
  }),
  trustedProxies: optional({
    name: 'AUTHFLOW_TRUSTED_PROXIES',
    unit: null,
    default: null,
    range: 'IP addresses and networks, as 10.0.0.0/8, with commas between them',
    meaning: 'The proxies whose header x-forwarded-for tells where a call comes from. It is read from the right.',
    parse: values.networks,
  }),
  apiKeyClaim: {
    name: 'AUTHFLOW_API_KEY_CLAIM',
    unit: null,
    default: 'key',
    range: 'key or id',
    meaning:
      'What the claim api_key of a session token holds: the token key itself, or only its public id. ' +
      'In the strict profile id, and nothing else.',
    secret: false,
    parse: values.oneOf('key', 'id'),
    fallback: () => null,
  },
  issuer: withDefault({
    name: 'AUTHFLOW_ISSUER',
    unit: null,
    default: 'authflow',
    range: '1 to 255 printable ASCII characters',
    meaning: 'The claim iss of tokens: your public URL where others verify them.',
    parse: values.issuer,
  }),
  sessionTtlSeconds: withDefault({
    name: 'AUTHFLOW_SESSION_TTL',
    unit: 'duration (d, h, m, s)',
    default: '7d',
    range: '1s to 400d',
    meaning: 'How long a session lives.',
    parse: values.durationSeconds('1s', '400d'),
  }),
  sessionMaxAgeSeconds: {
    name: 'AUTHFLOW_SESSION_MAX_AGE',
    unit: 'duration (d, h, m, s)',
    default: '30d',
    range: 'AUTHFLOW_SESSION_TTL to 400d',
    meaning:
      'How long after its login a session can be kept alive by renewing it. By default 30 days, or AUTHFLOW_SESSION_TTL ' +
      'where that is longer.',
    secret: false,
    parse: values.durationSeconds('1s', '400d'),
    fallback: () => null,
  },
  signingKeyRotationSeconds: withDefault({
    name: 'AUTHFLOW_SIGNING_KEY_ROTATION',
    unit: 'duration (d, h, m, s)',
    default: '30d',
    range: '1d to 400d, or off',
    meaning:
      'How old the newest key of session tokens becomes before a server makes the next. Sessions go on: a new key is ' +
      'published for ten minutes before it signs, and an old one verifies until its last token has ended.',
    parse: values.unlessOff(values.durationSeconds('1d', '400d')),
  }),
  nonceTtlSeconds: withDefault({
    name: 'AUTHFLOW_NONCE_TTL',
    unit: 'duration (d, h, m, s)',
    default: '5m',
    range: '1s to 1h',
    meaning: 'How long a foobar token can be used.',
    parse: values.durationSeconds('1s', '1h'),
  }),
  lockAfter: withDefault({
    name: 'AUTHFLOW_LOCK_AFTER',
    unit: 'failures in a row',
    default: '5',
    range: '1 to 10',
    meaning:
      'How many wrong passwords for one user begin the waits: a second, doubled by each further one. ' +
      'So many tries at most are compared at once.',
    parse: values.integer(1, 10),
  }),
  lockMaxSeconds: withDefault({
    name: 'AUTHFLOW_LOCK_MAX',
    unit: 'duration (d, h, m, s)',
    default: '15m',
    range: '1s to 1d',
    meaning:
      'The longest of these waits. Whatever it is, 50 failures in a row with a key that was never in tokens lock the ' +
      'user to such callers, and 20 to each other class, until an administrator opens it.',
    parse: values.durationSeconds('1s', '1d'),
  }),
  limitFooBar: limit({
    name: 'AUTHFLOW_LIMIT_FOOBAR',
    default: '500/s burst 20000',
    meaning: 'FooBar with an API key, for each key.',
  }),
  limitFooBarKeyless: limit({
    name: 'AUTHFLOW_LIMIT_FOOBAR_KEYLESS',
    default: '500/s burst 20000',
    meaning: 'FooBar without a key, for each address that it comes from (IPv6: each /64).',
  }),
  limitFooBarKeylessTotal: limit({
    name: 'AUTHFLOW_LIMIT_FOOBAR_KEYLESS_TOTAL',
    default: '5000/s burst 50000',
    meaning: 'FooBar without a key, from all addresses together.',
  }),
  limitSignUp: limit({
    name: 'AUTHFLOW_LIMIT_SIGNUP',
    default: '200/s burst 10000',
    meaning: 'SignUp, for each API key.',
  }),
  limitLogin: limit({
    name: 'AUTHFLOW_LIMIT_LOGIN',
    default: '200/s burst 10000',
    meaning: 'Login, for each API key; without one for each organization.',
  }),
  limitMailRequest: limit({
    name: 'AUTHFLOW_LIMIT_MAIL_REQUEST',
    default: '50/s burst 1000',
    meaning: 'SendVerificationEmail, ForgotPassword and ChangeEmail, for each organization and class of callers.',
  }),
  limitPerson: limit({
    name: 'AUTHFLOW_LIMIT_PERSON',
    default: '50/s burst 10000',
    meaning:
      'SignUp, Login and what asks for a mail, for each organization and address of a person (IPv6: each /64), where client_ip tells it with a key ' +
      'that was never in tokens, or AUTHFLOW_TRUSTED_PROXIES without a key.',
  }),
  limitOrganizations: limit({
    name: 'AUTHFLOW_LIMIT_ORGANIZATIONS',
    default: '1/s burst 300',
    meaning: 'Open sign-up of organizations, for each address that it comes from (IPv6: each /64).',
  }),
  limitOrganizationsTotal: limit({
    name: 'AUTHFLOW_LIMIT_ORGANIZATIONS_TOTAL',
    default: '10/s burst 3000',
    meaning: 'Open sign-up of organizations, from all addresses together.',
  }),
  limitMail: withDefault({
    name: 'AUTHFLOW_LIMIT_MAIL',
    unit: 'mails per d, h, m or s',
    default: '1000/h burst 1000',
    range: 'off, or 1 to 1000000 in a unit: 100/s, 60/h burst 300',
    meaning:
      'Mails, for each organization and class of callers that cause them. Beyond it none are made, and no caller notices. A user ' +
      'gets the same one once a minute and five times an hour, whatever this says.',
    parse: values.rate,
  }),
  smtpUrl: {
    name: 'AUTHFLOW_SMTP_URL',
    unit: null,
    default: null,
    range: 'smtp://USER:PASSWORD@HOST:PORT or smtps://…; the user and the password where the server asks for them',
    meaning:
      'The mail server. smtp:// demands STARTTLS but on loopback. Without one mails are made and kept for 7 days: "authflow mail list" ' +
      'and "authflow mail show" read them.',
    secret: true,
    parse: smtpUrl,
  },
  mailFrom: optional({
    name: 'AUTHFLOW_MAIL_FROM',
    unit: null,
    default: null,
    range: 'an address alone, such as no-reply@example.com',
    meaning: 'Where mails come from. Required with AUTHFLOW_SMTP_URL.',
    parse: values.mailAddress,
  }),
  publicUrl: optional({
    name: 'AUTHFLOW_PUBLIC_URL',
    unit: null,
    default: null,
    range: 'an https address (http on loopback alone), such as https://auth.example.com',
    meaning:
      'Where browsers reach this server: links in mails lead there. Required with AUTHFLOW_SMTP_URL, but where the host is loopback: then it is the HTTP address.',
    parse: values.publicUrl,
  }),
  passwordHash: withDefault({
    name: 'AUTHFLOW_PASSWORD_HASH',
    unit: null,
    default: 'bcrypt',
    range: 'bcrypt or argon2id',
    meaning:
      "How new passwords are hashed: by bcrypt of the cost below, or by argon2id with OWASP's parameters (19 MiB, two passes). " +
      'Under argon2id, other hashes are upgraded at the next login; none of argon2id ever goes back.',
    parse: values.oneOf('bcrypt', 'argon2id'),
  }),
  bcryptCost: withDefault({
    name: 'AUTHFLOW_BCRYPT_COST',
    unit: 'doublings',
    default: '10',
    range: '10 to 15',
    meaning:
      'The cost of a bcrypt hash: each step doubles the work. Hashes of a lower cost are upgraded at the next login.',
    parse: values.integer(10, 15),
  }),
  profile: withDefault({
    name: 'AUTHFLOW_PROFILE',
    unit: null,
    default: 'compat',
    range: 'compat or strict',
    meaning:
      'How the six calls are taken. compat: as the hosted product takes them. strict: no GET under /auth, a login does not ' +
      'tell who is unknown or disabled, every call needs an API key, and ChangePassword the present password.',
    parse: values.oneOf('compat', 'strict'),
  }),
  passwordPolicy: {
    name: 'AUTHFLOW_PASSWORD_POLICY',
    unit: null,
    default: 'hosted',
    range: 'hosted or nist',
    meaning:
      'What a new password must be. hosted: 8 to 32 characters with a letter of each case, a digit and a special ' +
      'character. nist: 15 to 128 characters of any kind; the default in the strict profile.',
    secret: false,
    parse: values.oneOf('hosted', 'nist'),
    fallback: () => null,
  },
  breachedPasswords: optional({
    name: 'AUTHFLOW_BREACHED_PASSWORDS',
    unit: null,
    default: null,
    range: 'the path of a file',
    meaning:
      'A list of breached passwords that no new one may be on: SHA-1 hashes, one a line, in order, as Have I Been Pwned ' +
      'gives them. Nothing is asked over a network.',
    parse: values.path,
  }),
  workers: withDefault({
    name: 'AUTHFLOW_WORKERS',
    unit: 'processes',
    default: '1',
    range: '1 to 64, or auto',
    meaning:
      'How many server processes share both ports; auto is one for each processor. ' +
      'What is bounded is bounded for all of them together.',
    parse: values.workers,
  }),
  httpIdleTimeoutSeconds: withDefault({
    name: 'AUTHFLOW_HTTP_IDLE_TIMEOUT',
    unit: 'duration (d, h, m, s)',
    default: '620s',
    range: '1s to 1d',
    meaning:
      'How long an idle connection of the HTTP port is kept after an answer: longer than the pools in front. ' +
      'Near the bound on connections the longest idle go first.',
    parse: values.durationSeconds('1s', '1d'),
  }),
  drainTimeoutSeconds: withDefault({
    name: 'AUTHFLOW_DRAIN_TIMEOUT',
    unit: 'duration (d, h, m, s)',
    default: '10s',
    range: '0s to 5m',
    meaning: 'How long a stopping server lets work in flight end.',
    parse: values.durationSeconds('0s', '5m'),
  }),
  auditRetentionSeconds: withDefault({
    name: 'AUTHFLOW_AUDIT_RETENTION',
    unit: 'duration (d, h, m, s)',
    default: '90d',
    range: '1d to 3650d, or forever',
    meaning: 'How long the events of the audit log are kept. Older ones are removed in small steps.',
    parse: values.durationSecondsOrForever('1d', '3650d'),
  }),
  logLevel: withDefault({
    name: 'AUTHFLOW_LOG_LEVEL',
    unit: null,
    default: 'info',
    range: 'debug, info, warn or error',
    meaning: 'The least severe lines that the log holds. JSON lines; never a password, token, key or query string.',
    parse: values.oneOf('debug', 'info', 'warn', 'error'),
  }),
} satisfies Record<string, TextSetting<unknown> | SecretSetting<unknown>>;
