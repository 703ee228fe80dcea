import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CallContext } from '../../src/domain/ports.ts';
import { SessionUses } from '../../src/domain/sessions/session-uses.ts';
import type { SessionRecord, SessionUse } from '../../src/domain/sessions/storage.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 1);
const DEVICE = { clientIp: '203.0.113.9', userAgent: 'Firefox' };
const CALL: CallContext = { isAbandoned: () => false, device: () => DEVICE };

/** A store that keeps what it is given, or is away. */
class Store {
  readonly writes: (readonly SessionUse[])[] = [];
  isAway = false;

  async recordSessionUses(uses: readonly SessionUse[]): Promise<void> {
    if (this.isAway) {
      throw new Error('away');
    }
    this.writes.push(uses);
  }

  get written(): readonly SessionUse[] {
    return this.writes.flat();
  }
}

function session(sessionId: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    sessionId,
    orgId: 'acme',
    userId: 'ada',
    email: 'ada@example.com',
    fullname: 'Ada',
    roles: [],
    emailVerified: false,
    actor: null,
    createdAt: NOW,
    expiresAt: NOW + 100 * HOUR,
    revokedAt: null,
    lastUsedAt: null,
    ...changes,
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a use is written within a minute, once, where the last one was an hour before', async () => {
  const store = new Store();
  const uses = new SessionUses(store);
  uses.note(session('new'), NOW + HOUR - 1, CALL);
  uses.note(session('used', { lastUsedAt: NOW + HOUR }), NOW + 2 * HOUR - 1, CALL);
  uses.note(session('old'), NOW + HOUR, CALL);
  uses.note(session('old'), NOW + HOUR + 1, CALL);
  uses.note(session('again', { lastUsedAt: NOW + HOUR }), NOW + 2 * HOUR, { isAbandoned: () => false });
  expect(store.writes).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  const nobody = { clientIp: '', userAgent: '' };
  expect(store.writes).toEqual([
    [
      { orgId: 'acme', sessionId: 'old', usedAt: NOW + HOUR, ...DEVICE },
      { orgId: 'acme', sessionId: 'again', usedAt: NOW + 2 * HOUR, ...nobody },
    ],
  ]);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(store.writes).toHaveLength(1);
});

test('those of many are written in bounded batches, and beyond 10,000 the next use is waited for', async () => {
  const store = new Store();
  const uses = new SessionUses(store);
  for (let n = 0; n < 10_001; n += 1) {
    uses.note(session(`${n}`), NOW + HOUR, CALL);
  }
  await vi.advanceTimersByTimeAsync(60_000);
  expect(store.written).toHaveLength(10_000);
  expect(Math.max(...store.writes.map((batch) => batch.length))).toBe(500);
  uses.note(session('10000'), NOW + HOUR, CALL);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(store.written).toHaveLength(10_001);
});

test('what a store that is away did not take is written when it is back', async () => {
  const store = new Store();
  const uses = new SessionUses(store);
  store.isAway = true;
  uses.note(session('old'), NOW + HOUR, CALL);
  await vi.advanceTimersByTimeAsync(180_000);
  store.isAway = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(store.written).toMatchObject([{ sessionId: 'old', usedAt: NOW + HOUR }]);
});

test('a stop writes what there is, and takes nothing more', async () => {
  const store = new Store();
  const uses = new SessionUses(store);
  uses.note(session('old'), NOW + HOUR, CALL);
  await Promise.all([uses.close(), uses.close()]);
  uses.note(session('late'), NOW + HOUR, CALL);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(store.written).toMatchObject([{ sessionId: 'old' }]);
});
