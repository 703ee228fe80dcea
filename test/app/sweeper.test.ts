import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClock } from '../../src/app/clock.ts';
import { startSweeper } from '../../src/app/sweeper.ts';
import type { SpentNonce } from '../../src/domain/auth/storage.ts';
import type { Storage } from '../../src/domain/storage.ts';
import { addSession, apiKey, auditEvent, DAY, NOW, organization, populate } from '../storage/fixtures.ts';
import { openMigrated } from '../storage/sqlite-files.ts';
import { MemoryStore } from '../support/storage/memory-storage.ts';
import { UNCOUNTED } from '../support/storage/uncounted.ts';

const HOUR_MS = 3_600_000;

test('expired nonces are removed in small steps, live ones stay', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'authflow-'));
  const storage = await openMigrated(join(folder, 'authflow.db'));
  const now = Date.UTC(2026, 0, 1);
  const orgId = randomUUID();
  await createOrganization(storage, orgId, now);
  const expired = Array.from({ length: 450 }, () => ({ nonceId: randomUUID(), keepUntil: now - 1, epoch: '' }));
  await Promise.all(expired.map((nonce) => spend(storage, orgId, nonce)));
  const live = { nonceId: randomUUID(), keepUntil: now + HOUR_MS, epoch: '' };
  await spend(storage, orgId, live);

  const steps: number[] = [];
  const sweeper = startSweeper({
    storage: {
      ...storage,
      sweep: async (at, limit) => {
        const result = await storage.sweep(at, limit);
        steps.push(result.removed);
        return result;
      },
    },
    clock: { now: () => now },
    auditRetentionMs: null,
    onError: (error) => {
      throw error;
    },
  });
  await expect.poll(() => steps).toEqual([200, 200, 50]);
  await sweeper.stop();
  expect(await spend(storage, orgId, live)).toBe('nonce_used');
  await storage.close();
  rmSync(folder, { recursive: true });
});

test('a clock that was ahead for a moment removes nothing that lives (R8)', async () => {
  const storage = new MemoryStore().open();
  const { org, user } = await populate(storage);
  const session = await addSession(storage, org, user);
  const passed = { wallMs: NOW };
  const time = { wall: () => passed.wallMs, monotonic: () => 0 };
  const clock = createClock(time);
  passed.wallMs += 365 * DAY;
  clock.now();
  passed.wallMs -= 365 * DAY;
  let steps = 0;
  const counted: Storage = {
    ...storage,
    async sweep(at, limit) {
      const swept = await storage.sweep(at, limit);
      steps += 1;
      return swept;
    },
  };
  const failed: unknown[] = [];
  const onError = (error: unknown) => void failed.push(error);
  const sweeper = startSweeper({ storage: counted, clock, auditRetentionMs: null, time, onError });
  await expect.poll(() => steps).toBeGreaterThan(0);
  await sweeper.stop();
  expect(failed).toEqual([]);
  expect(await storage.findSession(session.orgId, session.sessionId)).toMatchObject({ revokedAt: null });
});

test('old events of the audit log are removed in small steps, after what else has expired, and younger ones stay (W12)', async () => {
  const storage = new MemoryStore().open();
  const time = { wall: () => NOW, monotonic: () => 0 };
  const ages = Array.from({ length: 460 }, (_, n) => (n < 450 ? 91 * DAY : 89 * DAY));
  await storage.recordAuditEvents(ages.map((age) => auditEvent({ createdAt: NOW - age })));
  const steps: number[] = [];
  const counted: Storage = {
    ...storage,
    async removeAuditEvents(removal) {
      const removed = await storage.removeAuditEvents(removal);
      steps.push(removed.removed);
      return removed;
    },
  };
  const sweeper = startSweeper({
    storage: counted,
    clock: createClock(time),
    auditRetentionMs: 90 * DAY,
    time,
    onError: (error) => {
      throw error;
    },
  });
  await expect.poll(() => steps).toEqual([200, 200, 50]);
  await sweeper.stop();
  expect(await storage.readAuditFeed({ after: 0, missing: [], limit: 1_000 })).toHaveLength(10);
});

async function createOrganization(storage: Storage, orgId: string, createdAt: number): Promise<void> {
  await storage.createOrganization(
    organization({ orgId, name: 'Acme', createdAt }),
    apiKey(orgId, { inTokens: true, createdAt }),
  );
}

/** Spends a nonce in the first step of nobody's login; tells what that step said. */
async function spend(storage: Storage, orgId: string, nonce: SpentNonce): Promise<string> {
  const attempt = { tenant: { orgId, keyId: null }, email: 'nobody@example.com', nonce, ...UNCOUNTED };
  return (await storage.beginLogin(attempt)).outcome;
}
