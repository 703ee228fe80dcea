import { assert, expect, onTestFinished, test, vi } from 'vitest';
import { type Hashing, HashPool, type HashPoolOptions } from '../../src/crypto/hash-pool.ts';
import type { HashJob } from '../../src/crypto/hash-threads.ts';
import { readStoredHash } from '../../src/crypto/hashes/stored-hash.ts';
import type { Caller } from '../../src/domain/caller.ts';
import type { CallContext } from '../../src/domain/ports.ts';
import type { HashingReply, HashingRequest } from '../../src/workers/messages.ts';
import { RemoteHashing } from '../../src/workers/remote-hashing.ts';
import { ServedHashing } from '../../src/workers/served-hashing.ts';

const CALLER: Caller = { orgId: 'one', callerClass: 'private_key' };
const OTHER: Caller = { orgId: 'other', callerClass: 'private_key' };
const WAITED_FOR: CallContext = { isAbandoned: () => false };
const BCRYPT_4 = { algorithm: 'bcrypt', cost: 4 } as const;
const JOB: HashJob = { kind: 'hash', input: 'Analytical-1', parameters: BCRYPT_4 };

function newPool(options: Partial<HashPoolOptions> = {}): HashPool {
  const pool = new HashPool({ parameters: BCRYPT_4, threads: 1, waitingPerThread: 3, ...options });
  onTestFinished(() => pool.close());
  return pool;
}

/** A worker and its part of the supervisor, with a channel that passes copies on, later, as that of two processes does. */
function newWorker(pool: Hashing, now?: () => number) {
  const later = <M>(receive: (message: M) => void) => {
    return (message: M) => void setImmediate(receive, structuredClone(message));
  };
  const channel = { takesMore: true, sent: [] as HashingRequest[] };
  const hashing = new RemoteHashing(
    BCRYPT_4,
    (request: HashingRequest) => {
      channel.sent.push(request);
      toSupervisor(request);
      return channel.takesMore;
    },
    now,
  );
  const served = new ServedHashing({
    pool,
    reply: later((reply: HashingReply) => hashing.receive(reply)),
    longestCallMs: 10_000,
    ...(now === undefined ? {} : { now }),
  });
  const toSupervisor = later((request: HashingRequest) => served.receive(request));
  return { hashing, served, channel };
}

/** Takes every place of a pool of one thread, four of them. */
async function fill({ hashing }: { readonly hashing: RemoteHashing }, call = WAITED_FOR) {
  const asked = Array.from({ length: 4 }, () => hashing.acquire(CALLER, call));
  for (const each of asked) {
    each.catch(() => undefined);
  }
  const [first] = asked;
  await first;
  return asked;
}

test('a turn is asked for, hashes, and is given back', async () => {
  const pool = newPool();
  const { hashing } = newWorker(pool);
  const turn = await hashing.acquire(CALLER, WAITED_FOR);
  const computation = readStoredHash(String(await turn.run(JOB)))?.computation;
  assert(computation !== undefined);
  expect(await turn.run({ kind: 'verify', input: JOB.input, computation })).toBe(true);
  expect(pool.counters()).toMatchObject({ slots: 1, hashes: 2 });
  turn.release();
  turn.release();
  await expect.poll(() => pool.counters().slots).toBe(0);
});

test('a job that fails is told as the failure that it is', async () => {
  const failing: Hashing = {
    parameters: BCRYPT_4,
    acquire: async () => ({ run: () => Promise.reject(new Error('A password hash failed.')), release: () => {} }),
    requirePlace: () => undefined,
    waitFor: () => null,
    close: async () => {},
  };
  const { hashing } = newWorker(failing);
  const turn = await hashing.acquire(CALLER, WAITED_FOR);
  await expect(turn.run(JOB)).rejects.toThrow(/^A password hash failed/);
});

test('all places of the machine are shared: what one worker holds, another cannot have, and is told when to come again', async () => {
  const pool = newPool();
  const [one, two] = [newWorker(pool), newWorker(pool)];
  await fill(one);
  await expect(two.hashing.acquire(CALLER, WAITED_FOR)).rejects.toMatchObject({
    reason: 'OVERLOADED',
    retryAfterMs: 1_000,
  });
  expect(pool.counters()).toMatchObject({ slots: 4, refused: { private_key: 1 } });
});

test('organizations have their shares of them, whichever worker they come to', async () => {
  const pool = newPool();
  const [one, two] = [newWorker(pool), newWorker(pool)];
  const asked = await fill(one);
  const other = await two.hashing.acquire(OTHER, WAITED_FOR);
  await expect(asked.at(-1)).rejects.toMatchObject({ reason: 'OVERLOADED' });
  expect(String(await other.run(JOB))).toMatch(/^\$2b\$/);
});

test('two workers never hash more at once than there are threads', async () => {
  const pool = newPool({ threads: 2, waitingPerThread: 20 });
  let [done, most] = [0, 0];
  const workers = [newWorker(pool), newWorker(pool)];
  await Promise.all(
    Array.from({ length: 30 }, async (_, index) => {
      const turn = await workers[index % 2]?.hashing.acquire(index % 3 === 0 ? OTHER : CALLER, WAITED_FOR);
      const hashed = turn?.run(JOB);
      most = Math.max(most, pool.counters().threads);
      await hashed;
      done += 1;
      turn?.release();
    }),
  );
  expect([done, pool.counters().hashes]).toEqual([30, 30]);
  expect(most).toBeLessThanOrEqual(2);
});

test('a worker that ends gives its places back, and none of its passwords is hashed any more that waits', async () => {
  const pool = newPool();
  const [one, two] = [newWorker(pool), newWorker(pool)];
  const [first] = await fill(one);
  const turn = await first;
  const SLOW: HashJob = { ...JOB, parameters: { algorithm: 'bcrypt', cost: 10 } };
  for (let job = 0; job < 5; job += 1) {
    turn?.run(SLOW).catch(() => undefined);
  }
  await expect.poll(() => pool.counters().waiting).toBe(4);
  one.served.end();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const after = await two.hashing.acquire(CALLER, WAITED_FOR);
      await after.run(JOB);
      after.release();
    }),
  );
  // The one that was being hashed, and those of the other worker.
  expect(pool.counters().hashes).toBe(1 + 4);
});

test('a worker that is silent keeps no place from others, and gets no turn; awake, it hashes for the turns that it had', async () => {
  const pool = newPool();
  const [silent, other] = [newWorker(pool), newWorker(pool)];
  const asked = await fill(silent);
  const held = await asked[0];
  silent.served.lookAfter({ isSilent: true });
  for (let login = 0; login < 8; login += 1) {
    const turn = await other.hashing.acquire(CALLER, WAITED_FOR);
    await turn.run(JOB);
    turn.release();
  }

  silent.served.lookAfter({ isSilent: false });
  expect(String(await held?.run(JOB))).toMatch(/^\$2b\$/);
  // Those that had their turn, half of the places, and those that waited and had none.
  for (const each of asked) {
    (await each).release();
  }
  const again = await silent.hashing.acquire(CALLER, WAITED_FOR);
  expect(String(await again.run(JOB))).toMatch(/^\$2b\$/);
  again.release();
  await expect.poll(() => pool.counters().slots).toBe(0);
});

test('a turn that outlives every call is given back, and nothing is hashed for it any more', async () => {
  const pool = newPool();
  let now = 0;
  const [one, other] = [newWorker(pool, () => now), newWorker(pool)];
  const asked = await fill(one);
  const held = await asked[0];
  now += 10_000;
  one.served.lookAfter({ isSilent: false });
  const turn = await other.hashing.acquire(CALLER, WAITED_FOR);
  await expect(held?.run(JOB)).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
  expect(String(await turn.run(JOB))).toMatch(/^\$2b\$/);
});

test('a password whose call was abandoned since its turn came is not hashed: DEADLINE_EXCEEDED', async () => {
  const pool = newPool();
  const { hashing } = newWorker(pool);
  let isAbandoned = false;
  const turn = await hashing.acquire(CALLER, { isAbandoned: () => isAbandoned });
  const other = await hashing.acquire(OTHER, WAITED_FOR);
  // Of cost 12: it is hashed for longer than the worker takes to look.
  const running = other.run({ ...JOB, parameters: { algorithm: 'bcrypt', cost: 12 } });
  const waiting = turn.run(JOB);
  isAbandoned = true;
  await expect(turn.run(JOB)).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
  await expect(waiting).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
  await running;
  expect(pool.counters().hashes).toBe(1);
});

test('that nobody waits for a hash any more is told once', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { hashing, channel } = newWorker(newPool());
  let isAbandoned = false;
  const turn = await hashing.acquire(CALLER, { isAbandoned: () => isAbandoned });
  // Of cost 12: all looks are within it.
  const running = turn.run({ ...JOB, parameters: { algorithm: 'bcrypt', cost: 12 } });
  isAbandoned = true;
  vi.advanceTimersByTime(200);
  expect(channel.sent.map(({ kind }) => kind)).toEqual(['acquire', 'run', 'abandoned']);
  await running.catch(() => undefined);
});

test("a call that is abandoned while it waits is DEADLINE_EXCEEDED, and its place another's", async () => {
  const pool = newPool();
  const [one, two] = [newWorker(pool), newWorker(pool)];
  let isAbandoned = false;
  const asked = await fill(one, { isAbandoned: () => isAbandoned });
  isAbandoned = true;
  const waiting = (await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected');
  for (const { reason } of waiting as PromiseRejectedResult[]) {
    expect(reason).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
  }
  await expect(two.hashing.acquire(CALLER, WAITED_FOR)).resolves.toBeDefined();
  expect(pool.counters().hashes).toBe(0);
});

test('without its supervisor, and once it is closed, a worker hashes nothing: UNAVAILABLE', async () => {
  const { hashing } = newWorker(newPool());
  const turn = await hashing.acquire(CALLER, WAITED_FOR);
  const running = turn.run(JOB);
  hashing.disconnect();
  await expect(running).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  await expect(turn.run(JOB)).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  await expect(hashing.acquire(CALLER, WAITED_FOR)).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
});

test('while the supervisor reads nothing, nothing more is asked of it: OVERLOADED', async () => {
  const { hashing, channel } = newWorker(newPool());
  const turn = await hashing.acquire(CALLER, WAITED_FOR);
  channel.takesMore = false;
  const hashed = turn.run(JOB);
  channel.takesMore = true;
  // That the channel takes more does not say that anybody reads.
  turn.release();
  await expect(hashing.acquire(CALLER, WAITED_FOR)).rejects.toMatchObject({ reason: 'OVERLOADED' });
  hashing.heard();
  await expect(hashing.acquire(CALLER, WAITED_FOR)).resolves.toBeDefined();
  await hashed;
});

test('a close refuses who waits and lets what is hashed end', async () => {
  const pool = newPool();
  const worker = newWorker(pool);
  const asked = await fill(worker);
  const running = (await asked[0])?.run(JOB);
  const closed = worker.hashing.close();
  expect(String(await running)).toMatch(/^\$2b\$/);
  await closed;
});

test('R6: a refusal is known for a tenth of a second, for its class and for whoever is not known', async () => {
  const clock = { now: 0 };
  const pool = newPool();
  const worker = newWorker(pool, () => clock.now);
  await fill(worker);
  expect([worker.hashing.waitFor(CALLER), worker.hashing.waitFor(null)]).toEqual([null, null]);
  await expect(worker.hashing.acquire(CALLER, WAITED_FOR)).rejects.toMatchObject({ reason: 'OVERLOADED' });
  const waits = () =>
    [CALLER, null, OTHER, { ...CALLER, callerClass: 'no_key' as const }].map((each) => worker.hashing.waitFor(each));
  expect(waits()).toEqual([1_000, 1_000, null, null]);
  const asked = worker.channel.sent.length;
  expect(() => worker.hashing.requirePlace(CALLER)).toThrow(expect.objectContaining({ retryAfterMs: 1_000 }));
  worker.hashing.requirePlace(OTHER);
  expect([worker.hashing.refused.private_key, worker.channel.sent.length]).toEqual([1, asked]);
  clock.now = 99;
  expect(waits()).toEqual([1_000, 1_000, null, null]);
  clock.now = 100;
  expect(waits()).toEqual([null, null, null, null]);
});

test('R6: how long a caller waits goes along: one whose turn cannot come before is told at once', async () => {
  const pool = newPool({ parameters: { algorithm: 'bcrypt', cost: 14 }, waitingPerThread: 20 });
  const { hashing, channel } = newWorker(pool, () => 0);
  await fill({ hashing });
  const inVain = hashing.acquire(CALLER, { ...WAITED_FOR, remainingMs: () => 3_000 });
  await expect(inVain).rejects.toMatchObject({ reason: 'OVERLOADED' });
  expect(channel.sent.at(-1)).toMatchObject({ kind: 'acquire', remainingMs: 3_000 });
});

test('R6: whose turn cannot come before its deadline speaks for nobody else: places are left, and no other is refused by it', async () => {
  const pool = newPool({ parameters: { algorithm: 'bcrypt', cost: 14 }, waitingPerThread: 20 });
  const { hashing } = newWorker(pool, () => 0);
  await fill({ hashing });
  const inVain = hashing.acquire(CALLER, { ...WAITED_FOR, remainingMs: () => 25 });
  await expect(inVain).rejects.toMatchObject({ reason: 'OVERLOADED' });
  expect([CALLER, OTHER, null].map((each) => hashing.waitFor(each))).toEqual([null, null, null]);
});

test('R6: who gave way to another that has less speaks for its class, and where all places are taken for whoever is not known', async () => {
  const pool = newPool();
  const [one, two] = [newWorker(pool, () => 0), newWorker(pool, () => 0)];
  const asked = await fill(one);
  await two.hashing.acquire(OTHER, WAITED_FOR);
  await expect(asked.at(-1)).rejects.toMatchObject({ reason: 'OVERLOADED' });
  expect([CALLER, OTHER, null].map((each) => one.hashing.waitFor(each))).toEqual([1_000, null, 1_000]);
});
