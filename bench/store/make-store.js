import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAdministration } from '../../src/app/administration.ts';
import { migrateStore } from '../../src/app/migration.ts';
import { readSettings } from '../../src/config/settings.ts';
import { createAdminToken } from '../../src/crypto/admin-token.ts';
import { UNREACHED_LIMITS } from '../limits.js';
import { PASSWORD, PASSWORD_HASH, SeededRows } from './rows.js';
import { writeTables } from './write-rows.js';

/** @typedef {import('./rows.js').Shape} Shape */
/** What a call shows: a live session and the key of its organization. @typedef {{ email: string, sessionToken: string, apiKey: string }} KeyedSession */
/**
 * @typedef {object} SeededStore
 * @property {NodeJS.ProcessEnv} env for a server over it
 * @property {readonly KeyedSession[]} sessions some of its live ones, over as many organizations as there are
 * @property {{ apiKey: string, users: readonly { email: string }[], password: string, passwordHash: string }} logins users of one organization
 * @property {import('./rows.js').SeededRows} rows
 * @property {() => void} remove what it has of this machine's files
 */

/** So many users log in, all of one organization: in the smallest store it has no more. */
const USERS_TO_LOG_IN = 100;
const SECRET = 'of a benchmark: it keeps nothing that anybody would want';
const SEED = 'AuthFlow';

/**
 * Makes a store of a shape, in a file or in a schema of PostgreSQL, and signs tokens for some of its sessions.
 *
 * @param {Omit<Shape, 'seed' | 'at'>} size
 * @param {{ url?: string, schema?: string, sampled: number }} options `url` of PostgreSQL; without it in a file
 * @returns {Promise<SeededStore>}
 */
export async function makeStore(size, { url, schema, sampled }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'authflow-bench-'));
  const env = {
    ...process.env,
    AUTHFLOW_DATA_DIR: dataDir,
    AUTHFLOW_SECRET: SECRET,
    AUTHFLOW_ADMIN_TOKEN: createAdminToken(),
    AUTHFLOW_HTTP_PORT: '0',
    AUTHFLOW_GRPC_PORT: '0',
    ...UNREACHED_LIMITS,
    ...(url === undefined ? {} : { AUTHFLOW_DATABASE_URL: url }),
    ...(schema === undefined ? {} : { AUTHFLOW_DATABASE_SCHEMA: schema }),
  };
  const rows = await fillStore(env, { ...size, seed: SEED, at: Date.now() });
  const administration = await openAdministration(readSettings(env));
  try {
    const sessions = rows.sample(sampled).map((session) => signed(administration.ports, session));
    const { apiKey } = rows.organization(0);
    const users = Array.from({ length: USERS_TO_LOG_IN }, (_, n) => rows.user(n * size.organizations));
    const logins = { apiKey, users, password: PASSWORD, passwordHash: PASSWORD_HASH };
    return { env, sessions, logins, rows, remove: () => rmSync(dataDir, { recursive: true }) };
  } finally {
    await administration.close();
  }
}

/**
 * Makes the store of an environment, and writes the rows of a shape to it.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {Shape} shape
 */
export async function fillStore(env, shape) {
  const settings = readSettings(env);
  await migrateStore(settings, { dryRun: false });
  const rows = new SeededRows(shape);
  await writeTables(settings.database, rows.tables());
  return rows;
}

/**
 * A token as Login would have signed it. It carries the key, as by default, though the row does not have it sealed: what is sealed is
 * never the same twice.
 *
 * @param {import('../../src/domain/ports.ts').Ports} ports
 * @param {ReturnType<SeededRows['sample']>[number]} session
 * @returns {KeyedSession}
 */
function signed({ sessionTokens, apiKeys, clock }, { sessionId, user, createdAt, expiresAt, organization }) {
  const { orgId, userId, email } = user;
  const { keyId, apiKey } = organization;
  const sealedApiKey = apiKeys.seal(apiKey, { orgId, keyId });
  const claims = {
    sessionId,
    userId,
    orgId,
    email,
    issuedAtSeconds: Math.floor(createdAt / 1_000),
    expiresAtSeconds: expiresAt / 1_000,
  };
  const sessionToken = sessionTokens.sign(sessionTokens.currentKeyId(clock.now()), claims, { keyId, sealedApiKey });
  return { email, sessionToken, apiKey };
}
