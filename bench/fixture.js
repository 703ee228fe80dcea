import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcryptjs from 'bcryptjs';
import { openAdministration } from '../src/app/administration.ts';
import { migrateStore } from '../src/app/migration.ts';
import { readSettings } from '../src/config/settings.ts';
import { createOrganization } from '../test/support/asked.ts';
import { UNREACHED_LIMITS } from './limits.js';

/** @typedef {import('../src/domain/ports.ts').Ports} Ports */
/** @typedef {{ email: string, userId: string }} User */
/** @typedef {{ email: string, sessionToken: string }} Session */
/**
 * @typedef {object} Fixture
 * @property {NodeJS.ProcessEnv} env for a server over the store
 * @property {string} apiKey
 * @property {string} password of every user
 * @property {string} passwordHash
 * @property {readonly User[]} users
 * @property {Session[]} sessions live ones
 * @property {() => void} remove
 */

const USERS = 220;
/** As many as a user may have at once (docs/security.md, S2). */
export const SESSIONS_PER_USER = 100;
const PASSWORD = 'correct horse battery staple';

/**
 * Makes a store with users who are logged in. Written straight to the store: by logins it would take minutes.
 *
 * @returns {Promise<Fixture>}
 */
export async function makeFixture() {
  const dataDir = mkdtempSync(join(tmpdir(), 'authflow-bench-'));
  const env = {
    ...process.env,
    AUTHFLOW_DATA_DIR: dataDir,
    AUTHFLOW_HTTP_PORT: '0',
    AUTHFLOW_GRPC_PORT: '0',
    ...UNREACHED_LIMITS,
    AUTHFLOW_BCRYPT_COST: '10',
  };
  const settings = readSettings(env);
  await migrateStore(settings, { dryRun: false });
  const administration = await openAdministration(settings);
  try {
    const { ports } = administration;
    const { organization, apiKey } = await createOrganization(ports, { name: 'Bench' });
    const owner = await ports.storage.findApiKey(ports.apiKeys.hash(apiKey) ?? new Uint8Array());
    if (owner === null) {
      throw new Error('The key that was made is not in the store.');
    }
    const tenant = { orgId: organization.orgId, keyId: owner.keyId };
    const passwordHash = bcryptjs.hashSync(PASSWORD, settings.bcryptCost);
    const users = await Promise.all(
      Array.from({ length: USERS }, (_, index) => createUser(ports, tenant, passwordHash, index)),
    );
    const sessions = [];
    for (const user of users) {
      sessions.push(
        ...(await Promise.all(Array.from({ length: SESSIONS_PER_USER }, () => openSession(ports, tenant, user)))),
      );
    }
    const remove = () => rmSync(dataDir, { recursive: true });
    return { env, apiKey, password: PASSWORD, passwordHash, users, sessions, remove };
  } finally {
    await administration.close();
  }
}

/**
 * @param {Ports} ports
 * @param {{ orgId: string, keyId: string }} tenant
 * @param {string} passwordHash
 * @param {number} index
 * @returns {Promise<User>}
 */
async function createUser({ storage, ids, clock }, { orgId, keyId }, passwordHash, index) {
  const createdAt = clock.now();
  const userId = ids.uuidV7(createdAt);
  const email = `user-${index}@example.com`;
  await storage.createUser({
    userId,
    orgId,
    keyId,
    email,
    fullname: `User ${index}`,
    passwordHash,
    createdAt,
  });
  return { email, userId };
}

/**
 * @param {Ports} ports
 * @param {{ orgId: string, keyId: string }} tenant
 * @param {User} user
 * @returns {Promise<Session>}
 */
async function openSession({ storage, ids, clock, sessionTokens, rules }, tenant, { email, userId }) {
  const now = clock.now();
  const issuedAtSeconds = Math.floor(now / 1000);
  const expiresAtSeconds = issuedAtSeconds + rules.sessionTtlSeconds;
  const sessionId = ids.uuidV7(now);
  const kid = sessionTokens.currentKeyId(now);
  const creation = await storage.createSession({
    tenant,
    sessionId,
    userId,
    credentialVersion: 1,
    rehash: null,
    createdAt: now,
    expiresAt: expiresAtSeconds * 1000,
    maxAgeSeconds: rules.sessionMaxAgeSeconds,
    actor: null,
    device: { clientIp: '', userAgent: '' },
    maxLiveSessions: SESSIONS_PER_USER,
    kid,
    attempt: null,
  });
  if (creation.outcome !== 'created') {
    throw new Error(`No session was made: ${creation.outcome}.`);
  }
  const claims = {
    sessionId,
    userId,
    orgId: tenant.orgId,
    email,
    issuedAtSeconds,
    expiresAtSeconds,
    credentialVersion: 1,
    actor: null,
    emailVerified: false,
    roles: [],
  };
  return { email, sessionToken: sessionTokens.sign(kid, claims, creation.session.tokenKey) };
}
