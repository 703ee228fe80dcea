import { expect, onTestFinished, test, vi } from 'vitest';
import { AuditFollower } from '../../../src/domain/audit/audit-follower.ts';
import type { Storage } from '../../../src/domain/storage.ts';
import type { PostgresDatabase } from '../../../src/storage/database.ts';
import type { StoreObserver } from '../../../src/storage/engine.ts';
import { type FaultProxy, startFaultProxy } from '../../support/postgres/fault-proxy.ts';
import { urlOf } from '../../support/postgres/logins.ts';
import { needsPgBouncer } from '../../support/postgres/needs.ts';
import { startPgBouncer } from '../../support/postgres/pgbouncer.ts';
import { until } from '../../support/postgres/processes.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import {
  addOrganization,
  addSession,
  addUser,
  apiKey,
  auditEvent,
  EPOCH,
  KID,
  loginAttempt,
  MINUTE,
  NOW,
  nonce,
  populate,
  signingKey,
} from '../fixtures.ts';
import { databaseAt, engineAt, openNode, versionUnderTest } from './lab.ts';
import { beats, catchUp, pair, SCHEMA } from './pair.ts';

const AT = NOW + MINUTE;

interface Told {
  lost: number[];
  notRepeated: unknown[];
}

interface Node {
  readonly storage: Storage;
  readonly told: Told;
}

async function nodeAt(database: PostgresDatabase): Promise<Node> {
  const told: Told = { lost: [], notRepeated: [] };
  const observer: StoreObserver = {
    watchConnections() {},
    connectionFailed() {},
    storeGone() {},
    writesLost: (endings) => told.lost.push(endings),
    endingNotRepeated: (error) => told.notRepeated.push(error),
  };
  return { storage: await openNode(database, { observer }), told };
}

/** The standby has all that was written until now, and gets no more of it. */
async function fallBehind(primary: PostgresServer, standby: PostgresServer): Promise<void> {
  await catchUp(primary, standby);
  await standby.query(`ALTER SYSTEM SET primary_conninfo = ''`, 'postgres');
  await standby.query('SELECT pg_reload_conf()', 'postgres');
  await until(async () => (await standby.query('SELECT 1 FROM pg_stat_wal_receiver')).length === 0);
}

async function failOver(primary: PostgresServer, standby: PostgresServer): Promise<void> {
  await primary.kill();
  await standby.query('SELECT pg_promote()', 'postgres');
}

/** Writes that are acknowledged and lost, and what must be as if they were not. */
async function writeWhatIsLost(storage: Storage, prepared: Prepared): Promise<void> {
  const { org, other, ada, bob, eve, fay, sessions, secondKey } = prepared;
  const { orgId } = org;
  expect(await storage.endSession(sessions.ada, AT)).toBe('ended');
  await storage.disableUser(orgId, bob.userId, AT);
  // Taken back: stays as it is.
  await storage.disableUser(orgId, fay.userId, AT);
  await storage.enableUser(orgId, fay.userId);
  await storage.revokeApiKey({ orgId, keyId: secondKey.keyId, at: AT, endSessions: false });
  await storage.closeOrganization(other.orgId, AT);
  const change = { tenant: org, kid: KID, credentialVersion: 1, isProven: false, at: AT };
  expect(await storage.changePassword({ ...change, ...sessions.dan, passwordHash: '$2b$dans-new' })).toMatchObject({
    outcome: 'changed',
  });
  // The session that asks for this one is lost with it.
  const lost = await addSession(storage, org, eve);
  expect(await storage.changePassword({ ...change, ...lost, passwordHash: '$2b$eves-new' })).toMatchObject({
    outcome: 'changed',
  });
  // And one that was refused stays refused.
  expect(await storage.changePassword({ ...change, ...sessions.dan, passwordHash: '$2b$refused' })).toMatchObject({
    outcome: 'credentials_changed',
  });
  expect(await storage.beginLogin(loginAttempt(org, ada, { nonce: prepared.spent }))).toMatchObject({
    outcome: 'begun',
  });
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

async function prepare(storage: Storage) {
  const { org, user: ada } = await populate(storage);
  const [bob, eve, dan, fay] = await Promise.all([
    addUser(storage, org),
    addUser(storage, org),
    addUser(storage, org),
    addUser(storage, org),
  ]);
  const other = await addOrganization(storage);
  const guest = await addUser(storage, other);
  const secondKey = apiKey(org.orgId);
  await storage.createApiKey(secondKey);
  // Kept: enabled since, and not to be disabled again.
  await storage.disableUser(org.orgId, ada.userId, NOW);
  await storage.enableUser(org.orgId, ada.userId);
  const afterDisabling = { credentialVersion: 2 };
  const sessions = {
    ada: await addSession(storage, org, ada, afterDisabling),
    adaToo: await addSession(storage, org, ada, afterDisabling),
    bob: await addSession(storage, org, bob),
    eve: await addSession(storage, org, eve),
    dan: await addSession(storage, org, dan),
    guest: await addSession(storage, other, guest),
  };
  return { org, other, ada, bob, eve, dan, fay, guest, sessions, secondKey, spent: nonce() };
}

async function expectNothingComesBack(storage: Storage, { org, other, ...prepared }: Prepared): Promise<void> {
  const { ada, bob, eve, dan, fay, sessions, secondKey, spent } = prepared;
  const { orgId } = org;
  const live = async (session: { readonly orgId: string; readonly sessionId: string }) => {
    const found = await storage.findSession(session.orgId, session.sessionId);
    return found !== null && found.revokedAt === null;
  };
  expect(await live(sessions.ada)).toBe(false);
  expect(await live(sessions.adaToo)).toBe(true);
  expect(await live(sessions.bob)).toBe(false);
  expect(await live(sessions.eve)).toBe(false);
  expect(await live(sessions.guest)).toBe(false);
  const user = (userId: string) => storage.findUserCredentials(orgId, userId);
  expect(await user(ada.userId)).toMatchObject({ disabledAt: null });
  expect(await user(fay.userId)).toMatchObject({ disabledAt: null });
  expect(await user(bob.userId)).toMatchObject({ disabledAt: AT });
  expect(await user(eve.userId)).toMatchObject({ passwordHash: '$2b$eves-new', credentialVersion: 2 });
  expect(await user(dan.userId)).toMatchObject({ passwordHash: '$2b$dans-new', disabledAt: null });
  expect(await storage.findApiKey(secondKey.apiKeyHash)).toMatchObject({ revokedAt: AT });
  expect(await storage.findOrganization(other.orgId)).toMatchObject({ closedAt: AT });
  expect((await storage.readStoreIdentity())?.epoch).not.toBe(EPOCH);
  expect(await storage.beginLogin(loginAttempt(org, ada, { nonce: spent }))).toEqual({
    outcome: 'nonce_invalid',
  });
}

test('writes that an asynchronous standby lacked are noticed by each node, and nothing that ended comes back (R5)', async () => {
  const { primary, standby } = await pair();
  const database = databaseAt(urlOf([primary.port, standby.port]), SCHEMA);
  const [one, other] = [await nodeAt(database), await nodeAt(database)];
  const prepared = await prepare(one.storage);
  await fallBehind(primary, standby);
  await writeWhatIsLost(one.storage, prepared);
  await beats(primary, 2);
  await failOver(primary, standby);
  // The nonce was spent through the one: the other has lost its beats alone, and refuses it first.
  const again = loginAttempt(prepared.org, prepared.ada, { nonce: prepared.spent });
  await vi.waitFor(
    async () => expect(await other.storage.beginLogin(again)).toEqual({ outcome: 'nonce_invalid' }),
    120_000,
  );
  expect(other.told.lost).toEqual([0]);
  await expectNothingComesBack(one.storage, prepared);
  expect(one.told).toEqual({ lost: [8], notRepeated: [] });
  await expectNothingComesBack(other.storage, prepared);
  expect(other.told).toEqual({ lost: [0], notRepeated: [] });
});

test('a session that wrong passwords ended stays ended when that is lost, and their count begins anew (R5, A1)', async () => {
  const { primary, standby } = await pair();
  const { storage, told } = await nodeAt(databaseAt(urlOf([primary.port, standby.port]), SCHEMA));
  const { org, user } = await populate(storage);
  const [ended, counted] = [await addSession(storage, org, user), await addSession(storage, org, user)];
  const count = ({ orgId, userId, sessionId }: typeof ended) =>
    storage.countCurrentPassword({ orgId, userId, sessionId, most: 2, at: AT });
  await fallBehind(primary, standby);
  await count(counted);
  for (const outcome of ['counted', 'counted', 'session_ended']) {
    expect(await count(ended)).toMatchObject({ outcome });
  }
  await beats(primary, 1);
  await failOver(primary, standby);
  await vi.waitFor(() => expect(told).toEqual({ lost: [1], notRepeated: [] }), 60_000);
  await vi.waitFor(async () => {
    expect(await storage.findSession(ended.orgId, ended.sessionId)).toMatchObject({ revokedAt: AT });
  }, 240_000);
  expect(await count(counted)).toEqual({ outcome: 'counted', tries: 1 });
});

test('a compromised secret is replaced again when that is lost, under an epoch of its own (R5, K2)', async () => {
  const { primary, standby } = await pair();
  const { storage, told } = await nodeAt(databaseAt(urlOf([primary.port, standby.port]), SCHEMA));
  await populate(storage);
  const from = (await storage.readStoreIdentity())?.secretCheck ?? Buffer.of();
  const to = Buffer.from('under another secret');
  const fresh = signingKey({ activatesAt: AT });
  await fallBehind(primary, standby);
  const compromised = { epoch: 'lost', signingKey: fresh, at: AT };
  const rotated = { secretId: 'new', previousSecretId: 'old' };
  expect(await storage.replaceSecretCheck({ from, to, compromised, rotated })).toBe(true);
  await beats(primary, 1);
  await failOver(primary, standby);
  await vi.waitFor(() => expect(told).toEqual({ lost: [1], notRepeated: [] }), 60_000);
  await vi.waitFor(async () => {
    const identity = await storage.readStoreIdentity();
    expect(Buffer.from(identity?.secretCheck ?? [])).toEqual(to);
    expect([EPOCH, 'lost']).not.toContain(identity?.epoch);
  }, 240_000);
  const keys = await storage.listSigningKeys();
  expect(keys.map(({ kid, retiredAt }) => [kid, retiredAt])).toEqual([
    [KID, AT],
    [fresh.kid, null],
  ]);
});

test('who follows the audit log is told of what comes after a failover that lost what was told (W14)', async () => {
  const { primary, standby } = await pair();
  const { storage, told } = await nodeAt(databaseAt(urlOf([primary.port, standby.port]), SCHEMA));
  await populate(storage);
  const follower = new AuditFollower(storage);
  await follower.start(null, 0);
  const follow = async () => {
    const ids: string[] = [];
    for (let more = await follower.next(0); more.length > 0; more = await follower.next(0)) {
      ids.push(...more.map(({ eventId }) => eventId));
    }
    return ids;
  };
  await fallBehind(primary, standby);
  // More positions than PostgreSQL leaves out by itself at a failover.
  const lost = Array.from({ length: 150 }, () => auditEvent());
  await storage.recordAuditEvents(lost);
  expect((await follow()).toSorted()).toEqual(lost.map(({ eventId }) => eventId).toSorted());
  await beats(primary, 1);
  await failOver(primary, standby);
  await vi.waitFor(async () => expect(await storage.readStoreIdentity()).not.toMatchObject({ epoch: EPOCH }), 60_000);
  expect(told).toEqual({ lost: [0], notRepeated: [] });
  const after = Array.from({ length: 20 }, () => auditEvent());
  await storage.recordAuditEvents(after);
  const ids = await follow();
  expect(ids).toEqual(expect.arrayContaining(after.map(({ eventId }) => eventId)));
  expect(new Set(ids).size).toBe(ids.length);
});

test('a recovery that is cut off goes on where it was (R5)', async () => {
  const { primary, standby } = await pair();
  const proxy = await startFaultProxy(primary);
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const { storage, told } = await nodeAt(databaseAt(primary.url(), SCHEMA, { hosts: [proxy] }));
  const prepared = await prepare(storage);
  await fallBehind(primary, standby);
  await writeWhatIsLost(storage, prepared);
  proxy.target = standby;
  let commits = 0;
  proxy.judge = ({ sql }) => {
    commits += sql === 'COMMIT' ? 1 : 0;
    // The first is that of the new epoch, each time.
    const verdict = ({ 3: 'cut_after', 6: 'cut_before' } as const)[commits];
    return sql === 'COMMIT' ? (verdict ?? 'pass') : 'pass';
  };
  await failOver(primary, standby);
  await vi.waitFor(() => expectNothingComesBack(storage, prepared), 60_000);
  // Two were done at the first cut, one more before the second.
  expect(told).toEqual({ lost: [8, 6, 5], notRepeated: [] });
});

test('through a pool that keeps its connections to the nodes the loss is noticed within a beat (R5)', async (context) => {
  needsPgBouncer(context);
  const { primary, standby } = await pair();
  const switched: FaultProxy = await startFaultProxy(primary);
  onTestFinished(() => switched[Symbol.asyncDispose]());
  const bouncer = await startPgBouncer(switched);
  onTestFinished(() => bouncer[Symbol.asyncDispose]());
  const database = databaseAt(bouncer.url(), SCHEMA, { namedStatements: false });
  const [one, other] = [await nodeAt(database), await nodeAt(database)];
  const prepared = await prepare(one.storage);
  await fallBehind(primary, standby);
  await writeWhatIsLost(one.storage, prepared);
  await beats(primary, 2);
  switched.target = standby;
  await failOver(primary, standby);
  await vi.waitFor(() => {
    expect(one.told.lost).toHaveLength(1);
    expect(other.told.lost).toHaveLength(1);
  }, 240_000);
  await vi.waitFor(() => expectNothingComesBack(one.storage, prepared), 60_000);
  await expectNothingComesBack(other.storage, prepared);
});

test('no loss is told of where there was none: restarts, kills, and outcomes that were swept (R5)', async () => {
  const server = await startPostgres({ version: versionUnderTest(), durable: true });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const database = databaseAt(server.url(), SCHEMA);
  await (await engineAt(database)).migrate();
  const { storage, told } = await nodeAt(database);
  await populate(storage);
  const isBack = () => vi.waitFor(async () => storage.ping(), 60_000);
  await server.stop();
  await server.start();
  await isBack();
  await server.kill();
  await server.start();
  await isBack();
  const before = await server.query<{ write_id: string }>(`SELECT write_id FROM ${SCHEMA}.recent_writes`);
  // Five minutes on: what was acknowledged before is not asked for, and may be swept. A beat may come at any time.
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 5 * MINUTE + 1);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const ids = before.map(({ write_id }) => `'${write_id}'`).join(', ');
  await server.query(`DELETE FROM ${SCHEMA}.recent_writes WHERE write_id IN (${ids})`);
  await server.stop();
  await server.start();
  await isBack();
  expect((await storage.readStoreIdentity())?.epoch).toBe(EPOCH);
  expect(told).toEqual({ lost: [], notRepeated: [] });
});
