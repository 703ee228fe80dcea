import { expect, test } from 'vitest';
import { TOLD_PART } from '../../../src/domain/auth/tries.ts';
import { KEEP_ENDED_SIGNING_KEYS_MS } from '../../../src/domain/signing-keys/storage.ts';
import type { StoreObserver } from '../../../src/storage/engine.ts';
import { until } from '../../support/postgres/processes.ts';
import { NEVER_LOCKED } from '../../support/storage/uncounted.ts';
import { addSession, auditEvent, DAY, HOUR, KID, loginAttempt, NOW, nonce, populate, signingKey } from '../fixtures.ts';
import { type Lab, openLab, openNode } from './lab.ts';

/** From now on the database's clock may be set, by minutes. */
async function withClock(lab: Lab): Promise<(minutes: number) => Promise<void>> {
  const [row] = await lab.sql<{ name: string }>('SELECT current_database() AS name');
  // Before pg_catalog, which comes first where it is not named.
  await lab.sql(`
    CREATE SCHEMA clock;
    GRANT USAGE ON SCHEMA clock TO PUBLIC;
    CREATE TABLE clock.ahead AS SELECT interval '0' AS by;
    GRANT SELECT ON clock.ahead TO PUBLIC;
    CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
      'SELECT pg_catalog.clock_timestamp() + by FROM clock.ahead';
    ALTER TABLE {schema}.recent_writes ALTER committed_at SET DEFAULT clock.clock_timestamp();
    ALTER DATABASE ${row?.name} SET search_path = clock, pg_catalog`);
  return async (minutes) => {
    await lab.sql(`UPDATE clock.ahead SET by = make_interval(mins => ${minutes})`);
  };
}

function observer(lost: number[]): StoreObserver {
  return {
    watchConnections() {},
    connectionFailed() {},
    storeGone() {},
    writesLost: (endings) => lost.push(endings),
    endingNotRepeated() {},
  };
}

test('a database whose clock is eleven minutes later at once has lost nothing, and what was undone since stays so (R5)', async () => {
  const lab = await openLab();
  const setClock = await withClock(lab);
  const lost: number[] = [];
  const one = await openNode(lab.past, { observer: observer(lost) });
  const other = await openNode(lab.past, { observer: observer(lost) });
  const { org, user } = await populate(one);
  const { orgId } = org;
  const { userId } = user;
  await addSession(one, org, user);
  await one.closeOrganization(orgId, NOW);
  await one.setUserPassword(orgId, userId, '$2b$old', NOW);
  await one.disableUser(orgId, userId, NOW);
  await other.reopenOrganization(orgId);
  await other.enableUser(orgId, userId);
  await other.setUserPassword(orgId, userId, '$2b$new', NOW + 1);
  const epoch = (await one.readStoreIdentity())?.epoch;

  await lab.sql(`INSERT INTO {schema}.recent_writes (write_id, outcome) VALUES ('last', 'null')`);
  await setClock(11);
  const left = (id: string) => lab.sql(`SELECT 1 FROM {schema}.recent_writes WHERE write_id = $1`, [id]);
  await until(async () => (await left('last')).length === 0, 50);
  // Each has beaten since, and looked.
  const beats = async () =>
    Number((await lab.sql<{ n: string }>('SELECT count(*) AS n FROM {schema}.recent_writes'))[0]?.n);
  await until(async () => (await beats()) >= 6, 50);

  expect(lost).toEqual([]);
  expect((await other.readStoreIdentity())?.epoch).toBe(epoch);
  expect(await other.findOrganization(orgId)).toMatchObject({ closedAt: null });
  expect(await other.findUserCredentials(orgId, userId)).toMatchObject({ passwordHash: '$2b$new', disabledAt: null });
});

test('an ending that is done again after a loss is done only on what it met (R5)', async () => {
  const lab = await openLab();
  const lost: number[] = [];
  const one = await openNode(lab.past, { observer: observer(lost) });
  const other = await openNode(lab.past);
  const { org, user } = await populate(one);
  const { orgId } = org;
  const { userId } = user;
  await one.closeOrganization(orgId, NOW);
  await one.disableUser(orgId, userId, NOW);
  const now = async () => (await lab.sql<{ at: string }>('SELECT clock_timestamp()::text AS at'))[0]?.at;
  const before = await now();
  // On what is closed and disabled already, and undone by another.
  await one.closeOrganization(orgId, NOW);
  await one.disableUser(orgId, userId, NOW);
  await one.setUserPassword(orgId, userId, '$2b$old', NOW);
  const after = await now();
  await other.reopenOrganization(orgId);
  await other.enableUser(orgId, userId);
  await other.setUserPassword(orgId, userId, '$2b$new', NOW + 1);
  await lab.sql('DELETE FROM {schema}.recent_writes WHERE committed_at BETWEEN $1 AND $2', [before, after]);
  await until(async () => lost.length === 1, 20);
  // Waits for what is done again.
  await one.readStoreIdentity();
  expect(await other.findOrganization(orgId)).toMatchObject({ closedAt: null });
  expect(await other.findUserCredentials(orgId, userId)).toMatchObject({ passwordHash: '$2b$new', disabledAt: null });
});

test("a node whose clock is ahead removes no event of the audit log that is young by the database's clock (W12)", async () => {
  const lab = await openLab();
  const storage = await openNode(lab.database);
  const young = auditEvent({ createdAt: Date.now() - HOUR });
  const old = auditEvent({ createdAt: Date.now() - 3 * DAY });
  const last = auditEvent({ createdAt: Date.now() - 4 * DAY });
  await storage.recordAuditEvents([young, old, last]);
  const removal = { at: Date.now() + 91 * DAY, keptMs: 2 * DAY, limit: 10 };
  expect(await storage.removeAuditEvents(removal)).toEqual({ removed: 1, more: false });
  const ids = (await storage.readAuditFeed({ after: 0, missing: [], limit: 10 })).map(({ eventId }) => eventId);
  expect(ids).toEqual([young.eventId, last.eventId]);
});

test("a node whose clock is ahead removes nothing that the database's clock lets live: no spent nonce, session, counter or signing key (R8, N1)", async () => {
  const lab = await openLab();
  const storage = await openNode(lab.database);
  const { org, user } = await populate(storage);
  const now = Date.now();
  const spent = nonce({ keepUntil: now + HOUR });
  const login = () => storage.beginLogin(loginAttempt(org, user, { nonce: spent }));
  await login();
  expect(await login()).toEqual({ outcome: 'nonce_used' });
  const live = await addSession(storage, org, user, { expiresAt: now + HOUR });
  await addSession(storage, org, user, { expiresAt: now - HOUR });
  const stranger = 'nobody@example.com';
  const lock = { ...NEVER_LOCKED, lockAfter: 5 };
  const begun = await storage.beginLogin(
    loginAttempt(org, { email: stranger }, { nonce: nonce({ keepUntil: now + HOUR }), lock, part: TOLD_PART, at: now }),
  );
  const { countedAs } = begun.outcome === 'begun' ? begun : { countedAs: 'private_key' as const };
  const ended = { countedAs, endId: 'of the stranger', sessionId: null, end: 'failed' } as const;
  await storage.endTry({ orgId: org.orgId, email: stranger, userId: null, lock, at: now, ...ended });
  expect(await storage.listLoginTries(org.orgId, stranger)).toHaveLength(1);
  await storage.addSigningKey(signingKey({ activatesAt: now - 1 }), null);

  expect(await storage.sweep(now + 10 * KEEP_ENDED_SIGNING_KEYS_MS, 10)).toEqual({ removed: 1, more: false });
  expect(await login()).toEqual({ outcome: 'nonce_used' });
  expect(await storage.findSession(org.orgId, live.sessionId)).not.toBeNull();
  expect(await storage.listLoginTries(org.orgId, stranger)).toHaveLength(1);
  expect((await storage.listSigningKeys()).map(({ kid }) => kid)).toContain(KID);
});
