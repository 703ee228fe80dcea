import { join } from 'node:path';
import type { Database } from '../storage/database.ts';
import { isClientVariable } from './client-variables.ts';
import type { DatabaseUrl } from './database-url.ts';
import { DEFINITIONS, type SettingDescription } from './definitions.ts';
import { type Environment, EnvironmentReader, fileVariable, type NamedFile } from './environment.ts';
import { isServiceLink } from './service-links.ts';
import { SettingsError, type SettingsFault } from './settings-error.ts';
import type { SmtpSettings } from './smtp-url.ts';
import { isKeyOf, isLoopback, type PemFile, type Rate } from './values.ts';

/** The settings of one start, checked. Settings of a later release are not here: nothing can lean on them. */
export interface Settings {
  /** AUTHFLOW_DATA_DIR: absolute. Default `./data`. */
  readonly dataDir: string;
  /** AUTHFLOW_DATABASE_…: where the store is. Default the SQLite file `authflow.db` in the data directory. */
  readonly database: Database;
  /** AUTHFLOW_HOST: an IP address or host name. Default `127.0.0.1`. */
  readonly host: string;
  /** AUTHFLOW_HTTP_PORT: 0 to 65535, 0 picks a free one. Default 8080. */
  readonly httpPort: number;
  /** AUTHFLOW_GRPC_PORT: 0 to 65535, 0 picks a free one. Default 50051. */
  readonly grpcPort: number;
  /** AUTHFLOW_TLS_CERT, AUTHFLOW_TLS_KEY, AUTHFLOW_TLS_CLIENT_CA; null for clear text. Default null. */
  readonly tls: TlsSettings | null;
  /** AUTHFLOW_SECRET: at least 32 bytes; null where its file in the data directory is to be used. Never log it. */
  readonly secret: Uint8Array | null;
  /** AUTHFLOW_SECRET_PREVIOUS: at least 32 bytes. Default none. Never log it. */
  readonly secretPrevious: Uint8Array | null;
  /** AUTHFLOW_ADMIN_TOKEN; null where its file in the data directory is to be used. Never log it. */
  readonly adminToken: string | null;
  /** Where secrets came from a file that a setting names, the password of the database and the key of TLS too. */
  readonly secretFiles: readonly NamedFile[];
  /** AUTHFLOW_OPEN_SIGNUP. Default false. */
  readonly openSignup: boolean;
  /** AUTHFLOW_PROTECTED_ROLES: roles. Default none. */
  readonly protectedRoles: readonly string[];
  /** AUTHFLOW_ALLOWED_ORIGINS: exact origins as browsers send them. Default none. */
  readonly allowedOrigins: readonly string[];
  /** AUTHFLOW_TRUSTED_PROXIES: IP addresses and networks of proxies in front. Default none. */
  readonly trustedProxies: readonly string[];
  /** AUTHFLOW_API_KEY_CLAIM: what the claim `api_key` of tokens holds. Default `key`, in the strict profile `id`. */
  readonly apiKeyClaim: 'key' | 'id';
  /** Whether AUTHFLOW_API_KEY_CLAIM is set, or the strict profile, which sets it: who leaves both out may not know what tokens hold. */
  readonly isApiKeyClaimChosen: boolean;
  /** AUTHFLOW_ISSUER: the claim `iss`. Default `authflow`. */
  readonly issuer: string;
  /** AUTHFLOW_SESSION_TTL: 1 second to 400 days. Default 7 days. */
  readonly sessionTtlSeconds: number;
  /** AUTHFLOW_SESSION_MAX_AGE: the session's TTL to 400 days. Default 30 days, or the TTL where that is longer. */
  readonly sessionMaxAgeSeconds: number;
  /** AUTHFLOW_SIGNING_KEY_ROTATION: 1 to 400 days; null for off. Default 30 days. */
  readonly signingKeyRotationMs: number | null;
  /** AUTHFLOW_NONCE_TTL: 1 second to 1 hour. Default 5 minutes. */
  readonly nonceTtlSeconds: number;
  /** AUTHFLOW_LIMIT_…: how often calls are answered, by the end of each name; null where it is off. */
  readonly limits: LimitSettings;
  /** AUTHFLOW_LIMIT_MAIL: of each class of callers of an organization; null where it is off. Default 1,000 an hour. */
  readonly mailLimit: Rate | null;
  /** AUTHFLOW_SMTP_URL; null for none. */
  readonly smtp: SmtpSettings | null;
  /** AUTHFLOW_MAIL_FROM; null where none is given, and then there is no mail server either. */
  readonly mailFrom: string | null;
  /** AUTHFLOW_PUBLIC_URL, without a slash at its end; null: the HTTP address. */
  readonly publicUrl: string | null;
  /** AUTHFLOW_LOCK_AFTER: 1 to 10 failures. Default 5. */
  readonly lockAfter: number;
  /** AUTHFLOW_LOCK_MAX: 1 second to 1 day. Default 15 minutes. */
  readonly lockMaxMs: number;
  /** AUTHFLOW_PASSWORD_HASH. Default `bcrypt`. */
  readonly passwordHash: 'bcrypt' | 'argon2id';
  /** AUTHFLOW_BCRYPT_COST: 10 to 15 (log2 of the rounds). Default 10. */
  readonly bcryptCost: number;
  /** AUTHFLOW_PROFILE. Default `compat`. */
  readonly profile: 'compat' | 'strict';
  /** AUTHFLOW_PASSWORD_POLICY. Default `hosted`, in the strict profile `nist`. */
  readonly passwordPolicy: 'hosted' | 'nist';
  /** AUTHFLOW_BREACHED_PASSWORDS: absolute; null for none. Default none. */
  readonly breachedPasswords: string | null;
  /** AUTHFLOW_WORKERS: 1 to 64. Default 1. */
  readonly workers: number;
  /** AUTHFLOW_HTTP_IDLE_TIMEOUT: 1 second to 1 day. Default 620 seconds. */
  readonly httpIdleTimeoutMs: number;
  /** AUTHFLOW_DRAIN_TIMEOUT: 0 to 5 minutes. Default 10 seconds. */
  readonly drainTimeoutMs: number;
  /** AUTHFLOW_AUDIT_RETENTION: 1 day to 3,650 days, or `forever`: null. Default 90 days. */
  readonly auditRetentionMs: number | null;
  /** AUTHFLOW_LOG_LEVEL. Default `info`. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** 1 to 1,000,000 a second, minute, hour or day, with a burst of 1 to 1,000,000. */
export interface LimitSettings {
  readonly foobar: Rate | null;
  readonly foobar_keyless: Rate | null;
  readonly foobar_keyless_total: Rate | null;
  readonly signup: Rate | null;
  readonly login: Rate | null;
  readonly mail_request: Rate | null;
  readonly person: Rate | null;
  readonly organizations: Rate | null;
  readonly organizations_total: Rate | null;
}

/** Both ports speak TLS. */
export interface TlsSettings {
  readonly cert: PemFile;
  readonly key: PemFile;
  /** Given: callers must show a certificate of one of these authorities. */
  readonly clientCa: PemFile | null;
}

/** After so long NIST has everybody log in anew (SP 800-63B, AAL1). */
const DEFAULT_SESSION_MAX_AGE_SECONDS = 30 * 24 * 60 * 60;

/**
 * The settings that an environment asks for. Reads the files that it names (secrets, TLS), writes nothing.
 * Throws one {@link SettingsError} with every fault: bad values, a secret given twice, files that cannot be read,
 * unknown names that begin with AUTHFLOW_ (but for what Kubernetes tells of a Service of that name), settings that
 * contradict each other.
 */
export function readSettings(env: Environment): Settings {
  const { settings, missing } = readSettingsToShow(env);
  if (missing.length > 0) {
    throw new SettingsError(missing);
  }
  return settings;
}

/** As {@link readSettings}, but for credentials that a start needs and that are not given: these are no reason to show nothing. */
export function readSettingsToShow(env: Environment): {
  readonly settings: Settings;
  readonly missing: readonly SettingsFault[];
} {
  const reader = new EnvironmentReader(env);
  const dataDir = reader.text(DEFINITIONS.dataDir);
  const profile = reader.text(DEFINITIONS.profile);
  const isStrict = profile === 'strict';
  const sessionTtlSeconds = reader.text(DEFINITIONS.sessionTtlSeconds);
  const settings: Settings = {
    dataDir,
    database: readDatabase(reader, dataDir),
    host: reader.text(DEFINITIONS.host),
    httpPort: reader.text(DEFINITIONS.httpPort),
    grpcPort: reader.text(DEFINITIONS.grpcPort),
    tls: readTls(reader),
    secret: reader.secret(DEFINITIONS.secret),
    secretPrevious: reader.secret(DEFINITIONS.secretPrevious),
    adminToken: reader.secret(DEFINITIONS.adminToken),
    secretFiles: reader.secretFiles,
    openSignup: reader.text(DEFINITIONS.openSignup),
    protectedRoles: reader.text(DEFINITIONS.protectedRoles) ?? [],
    allowedOrigins: reader.text(DEFINITIONS.allowedOrigins) ?? [],
    trustedProxies: reader.text(DEFINITIONS.trustedProxies) ?? [],
    apiKeyClaim: reader.text(DEFINITIONS.apiKeyClaim) ?? (isStrict ? 'id' : 'key'),
    isApiKeyClaimChosen: isStrict || reader.isGiven(DEFINITIONS.apiKeyClaim),
    issuer: reader.text(DEFINITIONS.issuer),
    sessionTtlSeconds,
    sessionMaxAgeSeconds:
      reader.text(DEFINITIONS.sessionMaxAgeSeconds) ?? Math.max(DEFAULT_SESSION_MAX_AGE_SECONDS, sessionTtlSeconds),
    signingKeyRotationMs: milliseconds(reader.text(DEFINITIONS.signingKeyRotationSeconds)),
    nonceTtlSeconds: reader.text(DEFINITIONS.nonceTtlSeconds),
    limits: readLimits(reader),
    mailLimit: reader.text(DEFINITIONS.limitMail),
    smtp: reader.secret(DEFINITIONS.smtpUrl),
    mailFrom: reader.text(DEFINITIONS.mailFrom),
    publicUrl: reader.text(DEFINITIONS.publicUrl),
    lockAfter: reader.text(DEFINITIONS.lockAfter),
    lockMaxMs: reader.text(DEFINITIONS.lockMaxSeconds) * 1000,
    passwordHash: reader.text(DEFINITIONS.passwordHash),
    bcryptCost: reader.text(DEFINITIONS.bcryptCost),
    profile,
    passwordPolicy: reader.text(DEFINITIONS.passwordPolicy) ?? (isStrict ? 'nist' : 'hosted'),
    breachedPasswords: reader.text(DEFINITIONS.breachedPasswords),
    workers: reader.text(DEFINITIONS.workers),
    httpIdleTimeoutMs: reader.text(DEFINITIONS.httpIdleTimeoutSeconds) * 1000,
    drainTimeoutMs: reader.text(DEFINITIONS.drainTimeoutSeconds) * 1000,
    auditRetentionMs: toMs(reader.text(DEFINITIONS.auditRetentionSeconds)),
    logLevel: reader.text(DEFINITIONS.logLevel),
  };
  checkProfile(reader, settings);
  checkSessions(reader, settings);
  checkPorts(reader, settings);
  checkClearText(reader, settings);
  checkSecrets(reader, settings);
  checkMail(reader, settings);
  checkNames(reader, env);

  const missing = missingCredentials(reader, settings);
  if (reader.faults.length > 0) {
    throw new SettingsError([...reader.faults, ...missing]);
  }
  return { settings, missing };
}

/**
 * A database that is named by an option of a command, in the form of AUTHFLOW_DATABASE_URL; what else there is to say of a PostgreSQL
 * server is said by the settings. Throws {@link SettingsError}, which never quotes the URL.
 */
export function databaseAt(env: Environment, option: string, url: string): Database {
  const reader = new EnvironmentReader(env);
  const address = reader.attempt(option, () => DEFINITIONS.databaseUrl.parse(Buffer.from(url)));
  const database = address === null ? null : completed(reader, address);
  if (database === null || reader.faults.length > 0) {
    throw new SettingsError(reader.faults);
  }
  return database;
}

/** Every setting as the public table describes it, in its order. */
export const SETTINGS: readonly SettingDescription[] = Object.values(DEFINITIONS);

/** One setting as it is in force. */
export interface SettingInForce extends SettingDescription {
  /** As it was written (paths of the store: absolute), or the default; for a secret `(set)` or the path of its file. Null where there is none. */
  readonly value: string | null;
  readonly source: 'default' | 'environment' | 'file';
}

/**
 * Where each setting of {@link readSettings} came from and what it is, in the order of the table, for people.
 * Holds no secret.
 */
export function describeSettings(env: Environment, settings: Settings): readonly SettingInForce[] {
  return SETTINGS.map((setting) => {
    const { name, unit, default: standard, range, meaning, secret } = setting;
    const file = secret ? env[fileVariable(setting)] : undefined;
    const text = secret && env[name] !== undefined ? '(set)' : env[name];
    const value = file ?? RESOLVED[name]?.(settings) ?? text ?? standard;
    const source = file !== undefined ? 'file' : text !== undefined ? 'environment' : 'default';
    return { name, unit, default: standard, range, meaning, secret, value, source };
  });
}

/** Shown resolved: what they mean depends on the working directory, on the profile and on each other. */
const RESOLVED: Readonly<Record<string, (settings: Settings) => string | null>> = {
  [DEFINITIONS.dataDir.name]: (settings) => settings.dataDir,
  [DEFINITIONS.databaseUrl.name]: ({ database }) => urlWithoutPassword(database),
  [DEFINITIONS.apiKeyClaim.name]: ({ apiKeyClaim }) => apiKeyClaim,
  [DEFINITIONS.sessionMaxAgeSeconds.name]: ({ sessionMaxAgeSeconds }) => durationText(sessionMaxAgeSeconds),
  [DEFINITIONS.passwordPolicy.name]: ({ passwordPolicy }) => passwordPolicy,
  [DEFINITIONS.breachedPasswords.name]: ({ breachedPasswords }) => breachedPasswords,
};

function durationText(seconds: number): string {
  return seconds % 86_400 === 0 ? `${seconds / 86_400}d` : `${seconds}s`;
}

function urlWithoutPassword(database: Database): string {
  if (database.engine === 'sqlite') {
    return `sqlite:${database.file}`;
  }
  const { hosts, user, password } = database;
  const folder = hosts[0]?.host.startsWith('/') ? hosts[0].host : null;
  const authority = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',');
  const credentials = `${encodeURIComponent(user)}${password === null ? '' : ':***'}`;
  const name = encodeURIComponent(database.database);
  return folder === null
    ? `postgres://${credentials}@${authority}/${name}`
    : `postgres://${credentials}@:${hosts[0]?.port}/${name}?host=${folder}`;
}

function checkMail(reader: EnvironmentReader, { smtp, mailFrom, publicUrl, host }: Settings): void {
  if (smtp === null) {
    return;
  }
  const { mailFrom: from, publicUrl: url } = DEFINITIONS;
  if (mailFrom === null && !reader.isFaulty(from)) {
    reader.fault(from.name, `is needed with ${DEFINITIONS.smtpUrl.name}: the address that mails come from`);
  }
  if (publicUrl === null && !reader.isFaulty(url) && !isLoopback(host)) {
    reader.fault(url.name, `is needed with ${DEFINITIONS.smtpUrl.name}: links in mails lead there`);
  }
}

function readLimits(reader: EnvironmentReader): LimitSettings {
  return {
    foobar: reader.text(DEFINITIONS.limitFooBar),
    foobar_keyless: reader.text(DEFINITIONS.limitFooBarKeyless),
    foobar_keyless_total: reader.text(DEFINITIONS.limitFooBarKeylessTotal),
    signup: reader.text(DEFINITIONS.limitSignUp),
    login: reader.text(DEFINITIONS.limitLogin),
    mail_request: reader.text(DEFINITIONS.limitMailRequest),
    person: reader.text(DEFINITIONS.limitPerson),
    organizations: reader.text(DEFINITIONS.limitOrganizations),
    organizations_total: reader.text(DEFINITIONS.limitOrganizationsTotal),
  };
}

function readDatabase(reader: EnvironmentReader, dataDir: string): Database {
  return completed(
    reader,
    reader.secret(DEFINITIONS.databaseUrl) ?? { engine: 'sqlite', file: join(dataDir, 'authflow.db') },
  );
}

function completed(reader: EnvironmentReader, url: DatabaseUrl): Database {
  const common = {
    schema: reader.text(DEFINITIONS.databaseSchema),
    poolSize: reader.text(DEFINITIONS.databasePool),
    statementTimeoutMs: reader.text(DEFINITIONS.databaseStatementTimeoutSeconds) * 1000,
    lockTimeoutMs: reader.text(DEFINITIONS.databaseLockTimeoutSeconds) * 1000,
    connectTimeoutMs: reader.text(DEFINITIONS.databaseConnectTimeoutSeconds) * 1000,
    idleTimeoutMs: reader.text(DEFINITIONS.databaseIdleTimeoutSeconds) * 1000,
    namedStatements: reader.text(DEFINITIONS.databaseNamedStatements),
  };
  const mode = reader.text(DEFINITIONS.databaseTls);
  const ca = reader.text(DEFINITIONS.databaseTlsCa)?.pem ?? null;
  if (url.engine === 'sqlite') {
    return url;
  }
  const isNear = url.hosts.every(({ host }) => host.startsWith('/') || isLoopback(host));
  const isClear = mode === 'disable' || (mode === null && isNear);
  if (isClear && ca !== null) {
    reader.fault(DEFINITIONS.databaseTlsCa.name, `needs ${DEFINITIONS.databaseTls.name}=verify-full`);
  }
  return { ...url, ...common, tls: isClear ? null : { ca } };
}

function milliseconds(seconds: number | 'off'): number | null {
  return seconds === 'off' ? null : seconds * 1000;
}

/** Nodes share no folder in which what one of them made could lie. */
function missingCredentials(
  reader: EnvironmentReader,
  { database, secret, adminToken, dataDir }: Settings,
): readonly SettingsFault[] {
  if (database.engine === 'sqlite') {
    return [];
  }
  const isMissing = (setting: SettingDescription, value: unknown) =>
    value === null && !reader.isFaulty(setting) && !reader.isGivenAsFile(setting);
  const why = 'is missing: on PostgreSQL nothing is made beside the store';
  const { secret: secretSetting, adminToken: tokenSetting } = DEFINITIONS;
  const printsToken = `echo "afadm_$(openssl rand -base64 32 | tr '+/' '-_' | tr -d =)"`;
  return [
    ...(isMissing(secretSetting, secret)
      ? [
          {
            name: secretSetting.name,
            message:
              `${why}. A store that exists opens by the secret that it was made with alone (after a move ` +
              `${fileVariable(secretSetting)}=${join(dataDir, 'secret')}); for a new one, openssl rand -base64 32 prints one`,
          },
        ]
      : []),
    ...(isMissing(tokenSetting, adminToken)
      ? [
          {
            name: tokenSetting.name,
            message:
              `${why}. After a move ${fileVariable(tokenSetting)}=${join(dataDir, 'admin-token')} is that of before; ` +
              `${printsToken} prints a new one`,
          },
        ]
      : []),
  ];
}

function readTls(reader: EnvironmentReader): TlsSettings | null {
  const { tlsCert, tlsKey, tlsClientCa } = DEFINITIONS;
  const cert = reader.text(tlsCert);
  const key = reader.text(tlsKey);
  const clientCa = reader.text(tlsClientCa);
  if (reader.isGiven(tlsCert) !== reader.isGiven(tlsKey)) {
    const [given, missing] = reader.isGiven(tlsCert) ? [tlsCert, tlsKey] : [tlsKey, tlsCert];
    reader.fault(missing.name, `is missing: ${given.name} is given, and both belong together`);
  } else if (reader.isGiven(tlsClientCa) && !reader.isGiven(tlsCert)) {
    reader.fault(tlsClientCa.name, `needs ${tlsCert.name} and ${tlsKey.name}`);
  }
  if (cert === null || key === null) {
    return null;
  }
  reader.secretFiles.push({ name: tlsKey.name, path: key.path });
  if (!isKeyOf(key, cert)) {
    reader.fault(tlsKey.name, `is not the key of ${tlsCert.name}`);
  }
  return { cert, key, clientCa };
}

/** Left out, the claim is the profile's; a start that overruled what is written would surprise. */
function checkProfile(reader: EnvironmentReader, { profile, apiKeyClaim }: Settings): void {
  if (profile === 'strict' && apiKeyClaim === 'key') {
    reader.fault(
      DEFINITIONS.apiKeyClaim.name,
      `must be id, or left out, where ${DEFINITIONS.profile.name}=strict: its tokens hold no key`,
    );
  }
}

function checkSessions(reader: EnvironmentReader, { sessionTtlSeconds, sessionMaxAgeSeconds }: Settings): void {
  if (sessionMaxAgeSeconds < sessionTtlSeconds && !reader.isFaulty(DEFINITIONS.sessionMaxAgeSeconds)) {
    reader.fault(DEFINITIONS.sessionMaxAgeSeconds.name, `must be at least ${DEFINITIONS.sessionTtlSeconds.name}`);
  }
}

function checkPorts(reader: EnvironmentReader, { httpPort, grpcPort }: Settings): void {
  if (httpPort === grpcPort && httpPort !== 0) {
    reader.fault(DEFINITIONS.grpcPort.name, `must differ from ${DEFINITIONS.httpPort.name}`);
  }
}

function checkSecrets(reader: EnvironmentReader, { secret, secretPrevious }: Settings): void {
  if (secret !== null && secretPrevious !== null && Buffer.compare(secret, secretPrevious) === 0) {
    reader.fault(DEFINITIONS.secretPrevious.name, `is the same as ${DEFINITIONS.secret.name}: leave it out`);
  }
}

function checkClearText(reader: EnvironmentReader, settings: Settings): void {
  const { host, insecure, tlsCert, tlsKey } = DEFINITIONS;
  const isAllowed = reader.text(insecure) || reader.isFaulty(insecure);
  // Half of a TLS pair has its own fault.
  const isMeantForTls = reader.isGiven(tlsCert) || reader.isGiven(tlsKey);
  if (!isLoopback(settings.host) && !isAllowed && !isMeantForTls) {
    reader.fault(
      host.name,
      `is reachable by others, who would send passwords in clear text: give ${tlsCert.name} and ${tlsKey.name}, ` +
        `or ${insecure.name}=true where a proxy ends TLS`,
    );
  }
}

function checkNames(reader: EnvironmentReader, env: Environment): void {
  const known = SETTINGS.flatMap((setting) =>
    setting.secret ? [setting.name, fileVariable(setting)] : [setting.name],
  );
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || !/^authflow_/i.test(name)) {
      continue;
    }
    if (!known.includes(name) && !isServiceLink(name, value) && !isClientVariable(name, value)) {
      const meant = nearest(name.toUpperCase(), known);
      reader.fault(
        name,
        `is not a setting: ${meant === null ? '"authflow config" names them all' : `did you mean ${meant}?`}`,
      );
    }
  }
}

/** Null where more than half of what follows the common beginning would have to be changed. */
function nearest(name: string, candidates: readonly string[]): string | null {
  const byDistance = candidates.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  const best = byDistance.reduce((nearer, next) => (next.distance < nearer.distance ? next : nearer));
  return best.distance > (name.length - 'AUTHFLOW_'.length) / 2 ? null : best.candidate;
}

/** Levenshtein's. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, character] of [...from.slice(0, 64)].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const substitution = (row[j] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(substitution, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

function toMs(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000;
}
