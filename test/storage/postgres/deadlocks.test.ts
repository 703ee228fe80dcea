import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { NewUser } from '../../../src/domain/auth/storage.ts';
import type { LockRules } from '../../../src/domain/auth/tries.ts';
import type { MailKind } from '../../../src/domain/mail/mail.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import type { WriteName } from '../../../src/storage/operations.ts';
import { NEVER_LOCKED } from '../../support/storage/uncounted.ts';
import { challengeSeed, mailedCode } from '../contract/factor-scene.ts';
import {
  addedUser,
  addOrganization,
  addUser,
  auditEvent,
  DAY,
  HOUR,
  importedUser,
  KID,
  loginAttempt,
  mailRequest,
  NOW,
  newMail,
  newSession,
  newUser,
  nonce,
  type Org,
  organization,
  populate,
  signingKey,
  storeIdentity,
  tokenKey,
} from '../fixtures.ts';
import { type FactorWrite, factorPlays, type PlayedChallenge } from './factor-plays.ts';
import { type Lab, openLab, openNode } from './lab.ts';

const OPERATIONS = 3_000;
/** So many endings were told, or too few of them met. */
const ENDINGS = 100;
const AT_ONCE = 24;
const USERS = 3;
/** So small that logins end older sessions. */
const MOST_SESSIONS = 4;
/** Known devices have theirs soon: both counters of a user are held then. */
const LOCK: LockRules = { ...NEVER_LOCKED, hardLockAt: { ...NEVER_LOCKED.hardLockAt, known_device: 1 } };
const SEED = Number(process.env.SEED ?? 20_260_101);

/** So long that a session is moved by each renewal. */
const LIFETIME = { ttlSeconds: 8 * 86_400, maxAgeSeconds: 30 * 86_400 };

/** How often each write is made, beside the others. */
const SHARES: Readonly<Record<WriteName, number>> = {
  initialize: 1,
  beginEpoch: 1,
  renewEpoch: 2,
  ping: 2,
  sweep: 6,
  addSigningKey: 6,
  addSigningKeyWhenDue: 2,
  replaceSecretCheck: 1,
  resealApiKeys: 4,
  resealSigningKeys: 2,
  createOrganization: 3,
  updateOrganization: 6,
  closeOrganization: 4,
  reopenOrganization: 12,
  createApiKey: 10,
  revokeApiKey: 5,
  beginSignUp: 10,
  createUser: 15,
  addUser: 10,
  manageUser: 40,
  impersonate: 10,
  recordMailToken: 5,
  beginLogin: 120,
  endTry: 60,
  createSession: 160,
  countCurrentPassword: 30,
  changePassword: 30,
  endSession: 50,
  endUserSessions: 40,
  renewSession: 60,
  endMySessions: 30,
  recordSessionUses: 30,
  updateProfile: 10,
  disableUser: 10,
  enableUser: 30,
  setUserPassword: 15,
  unlockUser: 20,
  deleteUser: 4,
  verifyEmail: 10,
  resetPassword: 15,
  requestEmailChange: 10,
  changeEmail: 15,
  takeEmailBack: 10,
  reportNotMe: 3,
  deleteAccount: 2,
  putPendingSecret: 40,
  reserveCode: 60,
  reserveLoginCode: 60,
  completeChallenge: 80,
  confirmSecret: 60,
  removeSecondFactor: 6,
  replaceRecoveryCodes: 15,
  putEmailCode: 20,
  changePasswordByChallenge: 15,
  resealFactor: 10,
  importUsers: 8,
  recordAuditEvents: 4,
  removeAuditEvents: 6,
  requestMail: 20,
  answerMailRequest: 40,
  leaseMails: 20,
  endMailLease: 30,
  showMail: 4,
  retryMail: 10,
  resealMail: 10,
};

const NEW_USER = { email: '', addressVersion: 0, credentialVersion: 1 };

/** What the operations play with; all of it changes under them. */
interface Field {
  readonly orgs: { readonly org: Org; readonly keyIds: string[]; readonly users: NewUser[]; readonly cap: number }[];
  readonly sessions: { orgId: string; userId: string; email: string; sessionId: string }[];
  readonly challenges: PlayedChallenge[];
  kid: string;
  /** Endings that were told, in the organization without a cap. */
  told: number;
  readonly random: () => number;
}

test('thousands of writes over few rows, through two nodes, wait for each other in one order: no deadlock, every invariant', async () => {
  const lab = await openLab({ lockTimeoutMs: 60_000, statementTimeoutMs: 60_000 });
  const nodes = [await openNode(lab.past), await openNode(lab.past)] as const;
  const field = await layOut(nodes[0]);
  do {
    const plan = planOf(field.random);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, n) => {
        for (let name = plan.pop(); name !== undefined; name = plan.pop()) {
          await play(nodes[n % 2 === 0 ? 0 : 1], name, field);
        }
      }),
    );
  } while (field.told <= ENDINGS);
  await Promise.all(nodes.map((node) => node.close()));
  await expectInvariants(lab, field);
  // Connections tell of theirs as they end.
  const deadlocks = async () =>
    (
      await lab.sql<{ connected: string; deadlocks: string }>(
        `SELECT deadlocks, numbackends AS connected FROM pg_stat_database WHERE datname = current_database()`,
      )
    )[0];
  await expect.poll(async () => Number((await deadlocks())?.connected)).toBe(1);
  expect(Number((await deadlocks())?.deadlocks)).toBe(0);
});

async function layOut(storage: Storage): Promise<Field> {
  const { org, user } = await populate(storage);
  const other = await addOrganization(storage);
  const users = async (of: Org) => [await addUser(storage, of), await addUser(storage, of), await addUser(storage, of)];
  return {
    orgs: [
      { org, keyIds: [org.keyId], users: [user, ...(await users(org))].slice(0, USERS), cap: MOST_SESSIONS },
      { org: other, keyIds: [other.keyId], users: await users(other), cap: 100_000 },
    ],
    sessions: [],
    challenges: [],
    kid: KID,
    told: 0,
    random: randomFrom(SEED),
  };
}

function planOf(random: () => number): WriteName[] {
  const all = Object.entries(SHARES).flatMap(([name, share]) => Array.from({ length: share }, () => name as WriteName));
  return Array.from({ length: OPERATIONS }, () => oneOf(all, random));
}

async function play(storage: Storage, name: WriteName, field: Field): Promise<void> {
  const { random } = field;
  const place = oneOf(field.orgs, random);
  const { org, keyIds, users, cap } = place;
  const { orgId } = org;
  const keyId = keyIds.at(-1) ?? org.keyId;
  const tenant = { orgId, keyId };
  const user = oneOf(users, random);
  const { userId } = user;
  const at = NOW + Math.floor(random() * 1_000);
  const tell = (ended: number | undefined) => {
    field.told += cap === MOST_SESSIONS ? 0 : (ended ?? 0);
  };
  const own = field.sessions.filter((session) => session.orgId === orgId);
  const session = own.length === 0 ? { orgId, userId, email: user.email, sessionId: 'none' } : oneOf(own, random);
  const ownSession = { tenant, ...session, kid: field.kid };
  const countedAs = random() < 0.3 ? 'known_device' : 'private_key';
  const attempt = { email: user.email, countedAs, userId: user.userId, lock: LOCK } as const;
  const version = async () => (await storage.findUserCredentials(orgId, userId))?.credentialVersion ?? 1;

  const proof = async () => {
    const { email, addressVersion, credentialVersion } = (await storage.findUserCredentials(orgId, userId)) ?? NEW_USER;
    const epoch = (await storage.readStoreIdentity())?.epoch ?? '';
    return { orgId, userId, email, addressVersion, credentialVersion, epoch, at };
  };
  const mailTo = (kind: MailKind) => newMail({ orgId, userId }, { kind });
  const proven = async () => {
    const credentialVersion = (await storage.findUserCredentials(orgId, session.userId))?.credentialVersion ?? 1;
    const { sessionId, userId, email } = session;
    return {
      tenant,
      userId,
      email,
      sessionId,
      kid: field.kid,
      credentialVersion,
      isProven: random() < 0.5,
      code: null,
      at,
    };
  };

  const factors = () =>
    factorPlays({
      ...{ storage, org, tenant, user, challenges: field.challenges, kid: field.kid, at, random, proven, mailTo, tell },
      maxLiveSessions: cap,
      endsUntold: cap === MOST_SESSIONS,
      opened: (sessionId, of) => field.sessions.push({ orgId, userId: of, email: user.email, sessionId }),
    });

  const plays: { readonly [Name in Exclude<WriteName, FactorWrite>]: () => Promise<unknown> } = {
    initialize: () => storage.initialize(storeIdentity(), signingKey()),
    async beginEpoch() {
      const key = signingKey();
      await storage.beginEpoch(randomUUID(), key, at);
      field.kid = key.kid;
    },
    renewEpoch: () => storage.renewEpoch(randomUUID()),
    ping: () => storage.ping(),
    sweep: () => storage.sweep(NOW, 100),
    async addSigningKey() {
      const key = signingKey();
      await storage.addSigningKey(key, random() < 0.5 ? at : null);
      field.kid = key.kid;
    },
    async replaceSecretCheck() {
      const { secretCheck } = (await storage.readStoreIdentity()) ?? storeIdentity();
      const key = signingKey();
      const compromised = random() < 0.5 ? { epoch: randomUUID(), signingKey: key, at } : null;
      const isReplaced = await storage.replaceSecretCheck({
        from: secretCheck,
        to: Buffer.from(randomUUID()),
        compromised,
        rotated: { secretId: '0123abcd', previousSecretId: null },
      });
      field.kid = isReplaced && compromised !== null ? key.kid : field.kid;
    },
    async resealApiKeys() {
      const sealed = await storage.listSealedApiKeys(null, 100);
      await storage.resealApiKeys(
        sealed.map(({ sealedApiKey, ...place }) => ({ ...place, from: sealedApiKey, to: Buffer.from(randomUUID()) })),
      );
    },
    async resealSigningKeys() {
      const keys = await storage.listSigningKeys();
      await storage.resealSigningKeys(
        keys.map(({ kid, sealedPrivateKey }) => ({ kid, from: sealedPrivateKey, to: Buffer.from(randomUUID()) })),
      );
    },
    addSigningKeyWhenDue: () => storage.addSigningKeyWhenDue(signingKey({ createdAt: at }), 100),
    createOrganization() {
      const created = organization();
      return storage.createOrganization(created, tokenKey(created.orgId));
    },
    updateOrganization: () =>
      storage.updateOrganization(orgId, { settings: { second_factor: random() < 0.7 ? 'required' : null } }),
    closeOrganization: () => storage.closeOrganization(orgId, at),
    reopenOrganization: () => storage.reopenOrganization(orgId),
    async createApiKey() {
      const key = tokenKey(orgId);
      await storage.createApiKey(key);
      keyIds.push(key.keyId);
    },
    async revokeApiKey() {
      if (keyIds.length > 1) {
        keyIds.pop();
        await storage.revokeApiKey({ orgId, keyId, at, endSessions: random() < 0.3 });
      }
    },
    beginSignUp: () => storage.beginSignUp({ ...tenant, email: 'new@example.com', nonce: nonce() }),
    async createUser() {
      const created = newUser(tenant);
      if ((await storage.createUser(created)) === 'created') {
        users[Math.floor(random() * users.length)] = created;
      }
    },
    addUser: () => storage.addUser(addedUser(orgId), { keyId: tenant.keyId, protectedRoles: [] }),
    async manageUser() {
      const email = random() < 0.1 ? `${Math.floor(random() * 3)}@example.com` : user.email;
      const kinds = ['disable', 'enable', 'unlock', 'reset_second_factor'] as const;
      const update = { email, roles: random() < 0.5 ? ['editor'] : [], fullname: 'Ada' };
      const given = { kind: 'set_password', passwordHash: '$2b$given', mustChange: true } as const;
      const other = random() < 0.2 ? given : { kind: oneOf(kinds, random) };
      const change = random() < 0.4 ? ({ kind: 'update', update } as const) : other;
      const managed = { orgId, userId, manager: null, at };
      const changed = await storage.manageUser(managed, change);
      tell(changed.outcome === 'changed' ? changed.endedSessions : 0);
    },
    async recordMailToken() {
      const { credentialVersion = 0 } = (await storage.findUserCredentials(orgId, userId)) ?? {};
      await storage.recordMailToken({ orgId, userId, manager: null, at, credentialVersion }, 'invite');
    },
    async impersonate() {
      const opened = newSession(tenant, user, {
        kid: field.kid,
        actor: 'somebody',
        credentialVersion: await version(),
      });
      const by = { manager: null, reason: 'a ticket' };
      if ((await storage.impersonate(opened, by)).outcome === 'created') {
        field.sessions.push({ orgId, userId, email: user.email, sessionId: opened.sessionId });
      }
    },
    beginLogin: async () =>
      storage.beginLogin(
        loginAttempt(tenant, random() < 0.8 ? user : { email: `nobody${Math.floor(random() * 5)}@example.com` }, {
          device: random() < 0.3 ? { userId, credentialVersion: await version() } : null,
          lock: LOCK,
          hidesUsers: random() < 0.5,
          at,
        }),
      ),
    endTry: async () => {
      const end = random() < 0.7 ? 'failed' : 'withdrawn';
      const sessionId = random() < 0.3 ? (field.sessions.at(-1)?.sessionId ?? null) : null;
      await storage.endTry({ orgId, ...attempt, endId: randomUUID(), sessionId, end, at });
    },
    async createSession() {
      const made = newSession(tenant, user, {
        credentialVersion: await version(),
        kid: field.kid,
        createdAt: at,
        // Some are expired by the time of the sweeps of others.
        expiresAt: NOW + (cap === MOST_SESSIONS && random() < 0.1 ? -1 : DAY),
        maxLiveSessions: cap === MOST_SESSIONS ? 1 + Math.floor(random() * MOST_SESSIONS) : cap,
        rehash: { from: user.passwordHash, to: '$2b$new' },
        attempt,
        challenge: random() < 0.6 ? challengeSeed() : null,
      });
      const created = await storage.createSession(made);
      if (created.outcome === 'created') {
        field.sessions.push({ orgId, userId, email: user.email, sessionId: made.sessionId });
      }
      if (created.outcome === 'challenged') {
        field.challenges.push({ orgId, userId, challengeId: created.challenge.challengeId });
      }
    },
    async changePassword() {
      const version = (await storage.findUserCredentials(orgId, session.userId))?.credentialVersion ?? 1;
      const change = {
        tenant,
        userId: session.userId,
        sessionId: session.sessionId,
        kid: field.kid,
        isProven: random() < 0.5,
        at,
      };
      const changed = await storage.changePassword({ ...change, credentialVersion: version, passwordHash: '$2b$c' });
      tell(changed.outcome === 'changed' ? changed.endedSessions : 0);
    },
    countCurrentPassword: () =>
      storage.countCurrentPassword({ orgId, userId: session.userId, sessionId: session.sessionId, most: 1_000, at }),
    async endSession() {
      tell((await storage.endSession(session, at)) === 'ended' ? 1 : 0);
    },
    async endUserSessions() {
      tell(await storage.endUserSessions(orgId, session.userId, at));
    },
    async renewSession() {
      await storage.renewSession({ ...ownSession, signingKid: field.kid, lifetime: LIFETIME, at });
    },
    async endMySessions() {
      const endedId = random() < 0.5 ? null : session.sessionId;
      const ended = await storage.endMySessions({ ...ownSession, endedId, at });
      tell(ended.outcome === 'ended' ? ended.endedSessions : 0);
    },
    recordSessionUses: () =>
      storage.recordSessionUses(
        own
          .slice(-8)
          .toSorted(() => random() - 0.5)
          .map(({ sessionId }) => ({ orgId, sessionId, usedAt: NOW + HOUR, clientIp: '', userAgent: '' })),
      ),
    updateProfile: () => storage.updateProfile({ ...ownSession, fullname: 'Another', at }),
    async disableUser() {
      tell((await storage.disableUser(orgId, session.userId, at))?.endedSessions);
    },
    enableUser: () => storage.enableUser(orgId, userId),
    async setUserPassword() {
      tell((await storage.setUserPassword(orgId, session.userId, '$2b$s', at))?.endedSessions);
    },
    unlockUser: () => storage.unlockUser(user, at),
    async deleteUser() {
      tell((await storage.deleteUser(orgId, userId, at))?.endedSessions);
    },
    verifyEmail: async () => storage.verifyEmail(await proof()),
    async resetPassword() {
      const reset = { ...(await proof()), passwordHash: '$2b$r', notice: mailTo('password_was_reset') };
      const outcome = await storage.resetPassword(reset);
      tell(outcome.outcome === 'reset' ? outcome.endedSessions : 0);
    },
    async requestEmailChange() {
      const mails = { mail: mailTo('change_email'), warning: mailTo('email_change_warning') };
      await storage.requestEmailChange({ ...(await proven()), ...mails });
    },
    async changeEmail() {
      const newEmail = random() < 0.5 ? oneOf(users, random).email : `wanted${Math.floor(random() * 3)}@example.com`;
      const outcome = await storage.changeEmail({ ...(await proof()), newEmail });
      tell(outcome.outcome === 'changed' ? outcome.endedSessions : 0);
    },
    async takeEmailBack() {
      const outcome = await storage.takeEmailBack({
        ...(await proof()),
        email: user.email,
        mail: mailTo('reset_password'),
      });
      tell(outcome.outcome === 'changed' ? outcome.endedSessions : 0);
    },
    async reportNotMe() {
      if (cap === MOST_SESSIONS) {
        await storage.reportNotMe({ ...(await proof()), mail: mailTo('reset_password') });
      }
    },
    async deleteAccount() {
      const outcome = await storage.deleteAccount(await proven());
      tell(outcome.outcome === 'deleted' ? outcome.endedSessions : 0);
    },
    async importUsers() {
      // In an order that each draws: the step has one of its own.
      const emails = Array.from({ length: 5 }, (_, n) => `imported${n}@example.com`);
      const users = emails.toSorted(() => random() - 0.5).map((each) => importedUser({ email: each }));
      await storage.importUsers(orgId, users);
    },
    recordAuditEvents: () => storage.recordAuditEvents([auditEvent({ createdAt: at })]),
    removeAuditEvents: () => storage.removeAuditEvents({ at: Date.now(), keptMs: 0, limit: 20 }),
    requestMail: () => storage.requestMail(mailRequest(orgId, { requestKey: `${Math.floor(random() * 5)}`, at }), true),
    async answerMailRequest() {
      const [request] = await storage.listMailRequests(1);
      // Few budgets, in either order.
      const recipients = [`${Math.floor(random() * 3)}`, `${Math.floor(random() * 3)}`];
      const organization = { count: 1_000, periodMs: 1_000, burst: 1_000 };
      const mail = newMail({ orgId, userId }, { kind: 'reset_password', budget: { recipients, organization }, at });
      const { credentialVersion } = await proof();
      const loginCode = random() < 0.5 ? mailedCode(org, user, { credentialVersion }) : null;
      await storage.answerMailRequest({ ...mailRequest(orgId), ...request, orgId, mail, loginCode });
      if (loginCode !== null) {
        field.challenges.push({ orgId, userId, challengeId: loginCode.challengeId });
      }
    },
    leaseMails: () => storage.leaseMails({ leaseId: 'a lease', at, leaseMs: 100, limit: 5, lastTurn: '' }),
    async endMailLease() {
      const [mail] = await storage.listMails(orgId, { after: null, limit: 1 });
      const end = { end: random() < 0.3 ? ('sent' as const) : ('dropped' as const) };
      await storage.endMailLease({ orgId, mailId: mail?.mailId ?? '', leaseId: 'a lease', at, end });
    },
    async showMail() {
      await storage.showMail((await storage.listMails(orgId, { after: null, limit: 1 }))[0]?.mailId ?? '');
    },
    async retryMail() {
      await storage.retryMail((await storage.listMails(orgId, { after: null, limit: 1 }))[0]?.mailId ?? '', at);
    },
    async resealMail() {
      const [mail] = await storage.listSealedMails(null, 1);
      await storage.resealMail({
        ...(mail ?? { orgId, mailId: '', from: Buffer.of() }),
        to: Buffer.from(randomUUID()),
      });
    },
  };
  await { ...plays, ...factors() }[name]();
}

async function expectInvariants(lab: Lab, field: Field): Promise<void> {
  const live = `SELECT s.* FROM {schema}.sessions s JOIN {schema}.organizations o ON o.org_id = s.org_id
    WHERE s.revoked_at IS NULL AND s.generation = o.session_generation AND s.expires_at > ${NOW}`;
  const [capped, free] = field.orgs.map(({ org }) => org.orgId);
  expect(
    await lab.sql(
      `SELECT user_id FROM (${live}) AS live WHERE org_id = $1 GROUP BY user_id HAVING count(*) > ${MOST_SESSIONS}`,
      [capped],
    ),
  ).toEqual([]);
  expect(
    await lab.sql(`SELECT org_id FROM {schema}.api_keys WHERE in_tokens GROUP BY org_id HAVING count(*) > 1`),
  ).toEqual([]);
  expect(
    await lab.sql(
      `SELECT 1 FROM (${live}) AS live LEFT JOIN {schema}.users u ON u.org_id = live.org_id AND u.user_id = live.user_id
       WHERE u.user_id IS NULL OR u.disabled_at IS NOT NULL`,
    ),
  ).toEqual([]);
  expect(
    await lab.sql(
      `SELECT 1 FROM (${live}) AS live JOIN {schema}.organizations o ON o.org_id = live.org_id WHERE o.closed_at IS NOT NULL`,
    ),
  ).toEqual([]);
  const [row] = await lab.sql<{ n: string }>(
    `SELECT count(*) AS n FROM {schema}.sessions WHERE org_id = $1 AND revoked_at IS NOT NULL`,
    [free],
  );
  expect(field.told).toBe(Number(row?.n));
}

function oneOf<Value>(values: readonly Value[], random: () => number): Value {
  return values[Math.floor(random() * values.length)] as Value;
}

/** The same sequence for one seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
