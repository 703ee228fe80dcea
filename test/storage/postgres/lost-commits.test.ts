import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ClientMessage, Verdict } from '../../support/postgres/fault-proxy.ts';
import { UNCOUNTED } from '../../support/storage/uncounted.ts';
import { loginAttempt, NOW, newSession, populate, tokenKey } from '../fixtures.ts';
import { everyWrite } from './every-write.ts';
import { type Lab, openLab, openNode } from './lab.ts';

/** They read nothing: their COMMIT is on its way with their BEGIN. */
const GO_OUT_WHOLE: ReadonlySet<string> = new Set(['renewEpoch', 'recordAuditEvents', 'recordSessionUses']);
const HOT: ReadonlySet<string> = new Set(['createUser', 'beginLogin', 'createSession', 'endSession', 'changePassword']);
const COMMIT = ({ sql }: ClientMessage) => sql === 'COMMIT';
const BEGIN = ({ sql }: ClientMessage) => sql.startsWith('BEGIN');

/** The first message that fits meets this verdict; all others pass. */
function onceAt(
  lab: Lab,
  fits: (message: ClientMessage) => boolean,
  verdict: Verdict,
  then?: () => void,
): () => boolean {
  let isMet = false;
  lab.proxy.judge = (message) => {
    if (isMet || !fits(message)) {
      return 'pass';
    }
    isMet = true;
    then?.();
    return verdict;
  };
  return () => isMet;
}

test.each<Verdict>(['cut_before', 'cut_after'])(
  'a write whose COMMIT was lost (%s) is done once, and says what it would have said (R5)',
  async (verdict) => {
    const lab = await openLab();
    const [direct, faulty] = [await openNode(lab.database), await openNode(lab.proxied)];
    const writes = await everyWrite(direct);
    await lab.save();
    for (const { name, ask } of writes) {
      await lab.restore();
      const told = await ask(direct);
      const done = await lab.rows();
      await lab.restore();
      const isMet = onceAt(lab, COMMIT, verdict);
      expect((await ask(faulty)) ?? null, name).toEqual(told ?? null);
      expect(isMet(), name).toBe(true);
      expect(await lab.rows(), name).toEqual(done);
    }
  },
);

test('a write that was cut as it began is UNAVAILABLE and not done (R5)', async () => {
  const lab = await openLab();
  const [direct, faulty] = [await openNode(lab.database), await openNode(lab.proxied)];
  const writes = await everyWrite(direct);
  await lab.save();
  const before = await lab.rows();
  for (const { name, ask } of writes.filter(({ name }) => !GO_OUT_WHOLE.has(name))) {
    for (const verdict of ['cut_before', 'cut_after'] as const) {
      const isMet = onceAt(lab, BEGIN, verdict);
      await expect(ask(faulty), name).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
      expect(isMet(), name).toBe(true);
      expect(await lab.rows(), name).toEqual(before);
    }
  }
});

test('a COMMIT that was lost is settled when the server is back, however often it refused before (R5)', async () => {
  const lab = await openLab();
  const [direct, faulty] = [await openNode(lab.database), await openNode(lab.proxied)];
  const writes = await everyWrite(direct);
  await lab.save();
  for (const verdict of ['cut_before', 'cut_after'] as const) {
    for (const { name, ask } of writes.filter(({ name }) => HOT.has(name))) {
      await lab.restore();
      const told = await ask(direct);
      const done = await lab.rows();
      await lab.restore();
      const before = lab.proxy.refused;
      onceAt(lab, COMMIT, verdict, () => {
        lab.proxy.refusals = 3;
      });
      expect((await ask(faulty)) ?? null, name).toEqual(told ?? null);
      expect(lab.proxy.refused - before, name).toBe(3);
      expect(await lab.rows(), name).toEqual(done);
    }
  }
});

test('a COMMIT that was lost for longer than any call lives ends in DEADLINE_EXCEEDED (R5)', async () => {
  const lab = await openLab();
  const direct = await openNode(lab.database);
  const writes = await everyWrite(direct);
  const faulty = await openNode(lab.proxied);
  onceAt(lab, COMMIT, 'cut_after', () => {
    lab.proxy.refusals = Number.POSITIVE_INFINITY;
  });
  const [login] = writes.filter(({ name }) => name === 'beginLogin');
  await expect(login?.ask(faulty)).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
  // It was done: who asks again is told so.
  lab.proxy.refusals = 0;
  expect(await login?.ask(faulty)).toEqual({ outcome: 'nonce_used' });
});

test('an end of a try whose COMMIT was lost for longer than any call lives is written again, and done once (A1)', async () => {
  for (const verdict of ['cut_before', 'cut_after'] as const) {
    const lab = await openLab();
    const direct = await openNode(lab.database);
    const faulty = await openNode(lab.proxied);
    const { org, user } = await populate(direct);
    const { lock } = UNCOUNTED;
    await direct.beginLogin(loginAttempt(org, user));
    await direct.beginLogin(loginAttempt(org, user));
    const { email, userId } = user;
    const counter = { orgId: org.orgId, email, countedAs: 'private_key', userId, lock } as const;
    const ending = { ...counter, endId: randomUUID(), sessionId: null, end: 'withdrawn', at: NOW } as const;
    onceAt(lab, COMMIT, verdict, () => {
      lab.proxy.refusals = Number.POSITIVE_INFINITY;
    });
    await expect(faulty.endTry(ending)).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    lab.proxy.refusals = 0;
    await faulty.endTry(ending);
    expect(await direct.listLoginTries(org.orgId, email), verdict).toMatchObject([{ failures: 1, pending: 1 }]);
  }
});

test('a session whose COMMIT was lost for longer than any call lives keeps its try from being taken back (A1)', async () => {
  const lab = await openLab();
  const direct = await openNode(lab.database);
  const faulty = await openNode(lab.proxied);
  const { org, user } = await populate(direct);
  const { lock } = UNCOUNTED;
  await direct.beginLogin(loginAttempt(org, user));
  await direct.beginLogin(loginAttempt(org, user));
  const { email, userId } = user;
  const attempt = { email, countedAs: 'private_key', userId, lock } as const;
  const session = newSession(org, user, { attempt });
  onceAt(lab, COMMIT, 'cut_after', () => {
    lab.proxy.refusals = Number.POSITIVE_INFINITY;
  });
  await expect(faulty.createSession(session)).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
  lab.proxy.refusals = 0;
  const { sessionId } = session;
  await faulty.endTry({ ...attempt, orgId: org.orgId, endId: randomUUID(), sessionId, end: 'withdrawn', at: NOW });
  expect(await direct.listLoginTries(org.orgId, email)).toMatchObject([{ failures: 1, pending: 1 }]);
});

test('what is kept of writes holds no hash of a password, no sealed key, and nothing of who the user is', async () => {
  const lab = await openLab();
  const node = await openNode(lab.database);
  const { org, user } = await populate(node);
  await node.createApiKey(tokenKey(org.orgId));
  expect(await node.beginLogin(loginAttempt(org, user))).toMatchObject({
    user: { passwordHash: user.passwordHash },
  });
  expect(await node.createSession(newSession(org, user))).toMatchObject({
    session: { tokenKey: { sealedApiKey: expect.anything() } },
  });
  for (const { ask } of await everyWrite(node)) {
    await ask(node);
  }
  const kept = await lab.sql<{ outcome: string }>('SELECT outcome FROM {schema}.recent_writes');
  expect(kept.length).toBeGreaterThan(10);
  for (const { outcome } of kept) {
    expect(outcome).not.toMatch(/\$2[aby]\$|base64|passwordHash|sealedApiKey|@example\.com|Lovelace/);
  }
});
