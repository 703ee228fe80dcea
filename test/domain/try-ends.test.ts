import { expect, onTestFinished, test, vi } from 'vitest';
import { RandomIdSource } from '../../src/crypto/id-source.ts';
import { systemOrigin } from '../../src/domain/audit/audit-event.ts';
import type { TryEnding } from '../../src/domain/auth/storage.ts';
import { type EndedTry, TryEnds } from '../../src/domain/auth/try-ends.ts';
import { TryGate } from '../../src/domain/auth/try-gate.ts';
import { AuthError } from '../../src/domain/errors.ts';
import type { Storage } from '../../src/domain/storage.ts';
import { MemoryStore } from '../support/storage/memory-storage.ts';
import { NEVER_LOCKED } from '../support/storage/uncounted.ts';

const SECOND = 1_000;

type Write = (ending: TryEnding) => Promise<boolean>;

/** Ends over a store that does as it is told. Time stands still but where a test passes it. */
function endsOver(write: Write) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const asked: TryEnding[] = [];
  const callers: string[] = [];
  const storage: Storage = {
    ...new MemoryStore().open(),
    async endTry(ending) {
      asked.push(ending);
      callers.push(this.origin().address);
      return { isHardLocked: await write(ending) };
    },
  };
  const tryGate = new TryGate(5);
  const ends = new TryEnds({ storage, tryGate });
  let count = 0;
  const end = (changes: Partial<EndedTry> = {}, begunAt = Date.now()): Promise<boolean> => {
    count += 1;
    const address = `192.0.2.${count}`;
    const ofCall = storage.causedBy(() => ({ ...systemOrigin(Date.now()), address }));
    const ported = { storage: ofCall, clock: { now: Date.now }, ids: new RandomIdSource() };
    const ended = { ...ENDED, email: `user${count}@example.com`, ...changes };
    return ends.end(ported, ended, begunAt);
  };
  const emails = () => asked.map(({ email }) => email.split('@')[0]);
  return { ends, end, asked, emails, callers, tryGate };
}

const ENDED: EndedTry = {
  orgId: 'org',
  email: 'user@example.com',
  countedAs: 'private_key',
  userId: 'user',
  lock: NEVER_LOCKED,
  end: 'withdrawn',
  sessionId: null,
};

const away = () => Promise.reject(new AuthError('UNAVAILABLE'));

test('an end that is written is written once', async () => {
  const { ends, end, asked } = endsOver(async () => false);
  expect(await end()).toBe(false);
  await vi.advanceTimersByTimeAsync(60 * SECOND);
  await ends.close();
  expect(asked).toHaveLength(1);
});

test('what the store did not take is told to the call, and written again under its id until the store answers, as of that call (A1)', async () => {
  let isThere = false;
  const { ends, end, asked, callers } = endsOver(async () => (isThere ? false : away()));
  await expect(end({ end: 'failed', sessionId: 'session' })).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  await vi.advanceTimersByTimeAsync(5 * SECOND);
  expect(asked.length).toBeGreaterThan(5);
  isThere = true;
  await vi.advanceTimersByTimeAsync(SECOND);
  const [first] = asked;
  const last = asked.at(-1) as TryEnding;
  expect(last).toEqual({ ...first, at: expect.any(Number) });
  expect(last.at - (first?.at ?? 0)).toBeGreaterThanOrEqual(5 * SECOND);
  expect(new Set(callers)).toEqual(new Set(['192.0.2.1']));
  const times = asked.length;
  await vi.advanceTimersByTimeAsync(60 * SECOND);
  expect(asked).toHaveLength(times);
  expect(vi.getTimerCount()).toBe(0);
  await ends.close();
});

test('while the store is away it is asked for one of them at a time, and one that it never takes holds up no other', async () => {
  let isThere = false;
  const { ends, end, emails, asked } = endsOver(async ({ email }) =>
    isThere && !email.startsWith('user1@') ? false : away(),
  );
  await Promise.allSettled([end(), end(), end()]);
  asked.length = 0;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(emails()).toEqual(['user1', 'user2']);
  asked.length = 0;
  isThere = true;
  await vi.advanceTimersByTimeAsync(1_000);
  // The first that is taken lets the others follow; what is not taken goes last.
  expect(emails()).toEqual(['user3', 'user1', 'user2', 'user1']);
  await ends.close();
});

test('an end is not begun to be written when others may take its try for a failed one before it is there (A1)', async () => {
  const { end, asked } = endsOver(away);
  await expect(end()).rejects.toThrow();
  await vi.advanceTimersByTimeAsync(60 * SECOND);
  const [first] = asked;
  expect((asked.at(-1)?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(20 * SECOND);
  expect((asked.at(-1)?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(18 * SECOND);
  expect(vi.getTimerCount()).toBe(0);
});

test('a thousand are kept, and no more: the oldest is left to be a failure', async () => {
  let isThere = false;
  const { ends, end, emails, asked } = endsOver(async () => (isThere ? false : away()));
  await Promise.allSettled(Array.from({ length: 1_001 }, () => end()));
  asked.length = 0;
  isThere = true;
  await vi.advanceTimersByTimeAsync(SECOND);
  expect(emails()).toHaveLength(1_000);
  expect(emails()).not.toContain('user1');
  await ends.close();
});

test('a hard lock that nobody waited for is counted and told, be it a user’s or nobody’s (W12)', async () => {
  let isThere = false;
  const { ends, end, tryGate } = endsOver(async () => (isThere ? true : away()));
  const told: unknown[] = [];
  ends.watchHardLocks(({ userId, origin }) => told.push([userId, origin.address]));
  await Promise.allSettled([end({ end: 'failed' }), end({ end: 'failed', userId: null })]);
  isThere = true;
  await vi.advanceTimersByTimeAsync(SECOND);
  const both = [
    ['user', '192.0.2.1'],
    [null, '192.0.2.2'],
  ];
  expect([tryGate.counts.hardLocks, told]).toEqual([2, both]);
  // The call that waited tells of it itself.
  expect(await end({ end: 'failed' })).toBe(true);
  expect([tryGate.counts.hardLocks, told]).toEqual([3, both]);
  await ends.close();
});

test('a stop writes what there is, and keeps nothing afterwards', async () => {
  let isThere = false;
  const { ends, end, emails, asked } = endsOver(async () => (isThere ? false : away()));
  await Promise.allSettled([end(), end(), end()]);
  asked.length = 0;
  isThere = true;
  await ends.close();
  expect(emails()).toEqual(['user1', 'user2', 'user3']);
  isThere = false;
  await expect(end()).rejects.toThrow();
  expect(vi.getTimerCount()).toBe(0);
});

test('a stop waits two seconds for a store that does not answer', async () => {
  let isStuck = false;
  const { ends, end } = endsOver(() => (isStuck ? new Promise(() => undefined) : away()));
  await expect(end()).rejects.toThrow();
  isStuck = true;
  await vi.advanceTimersByTimeAsync(500);
  let isClosed = false;
  const closing = ends.close().then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(1_999);
  expect(isClosed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await closing;
});
