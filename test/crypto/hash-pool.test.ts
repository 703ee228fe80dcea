import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { HashPool, type HashPoolOptions, type HashTurn } from '../../src/crypto/hash-pool.ts';
import type { HashJob } from '../../src/crypto/hash-threads.ts';
import type { HashParameters } from '../../src/crypto/hashes/hash-parameters.ts';
import type { Caller } from '../../src/domain/caller.ts';
import type { CallContext } from '../../src/domain/ports.ts';

const WANTED = { isAbandoned: () => false };
const ABANDONED = { isAbandoned: () => true };
const CALLER: Caller = { orgId: 'acme', callerClass: 'private_key' };
const DYING_WORKER = new URL('./dying-worker.js', import.meta.url);

const pools: HashPool[] = [];

function newPool(options: Partial<HashPoolOptions> = {}): HashPool {
  const pool = new HashPool({ parameters: bcryptOf(4), threads: 2, ...options });
  pools.push(pool);
  return pool;
}

function bcryptOf(cost: number): HashParameters {
  return { algorithm: 'bcrypt', cost };
}

function order(input: string) {
  return { kind: 'hash', input, parameters: bcryptOf(4) } as const;
}

/** One job, as a use case runs it. */
async function run(pool: HashPool, job: HashJob, call: CallContext = WANTED, caller = CALLER) {
  const turn = await pool.acquire(caller, call);
  try {
    return await turn.run(job);
  } finally {
    turn.release();
  }
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

describe('the hash pool', () => {
  test('starts no thread before it is needed, and no more than it may', async () => {
    const pool = newPool();
    expect(pool.counters()).toMatchObject({ threads: 0, hashes: 0 });
    await Promise.all(Array.from({ length: 20 }, (_, index) => run(pool, order(`p${index}`))));
    expect(pool.counters()).toMatchObject({ threads: 2, hashes: 20, waiting: 0 });
  });

  test('is bounded: the place beyond the last is refused OVERLOADED with a wait in whole seconds', async () => {
    const pool = newPool({ threads: 2, waitingPerThread: 3 });
    const [first, ...others] = Array.from({ length: 8 }, () => pool.acquire(CALLER, WANTED));
    await expect(pool.acquire(CALLER, WANTED)).rejects.toMatchObject({ reason: 'OVERLOADED', retryAfterMs: 1000 });
    const turn = await first;
    turn?.release();
    turn?.release();
    others.push(pool.acquire(CALLER, WANTED));
    await expect(pool.acquire(CALLER, WANTED)).rejects.toMatchObject({ reason: 'OVERLOADED' });
    expect(pool.counters()).toMatchObject({ slots: 8, hashes: 0 });
    expect(pool.counters().refused).toEqual({ private_key: 2, token_key: 0, no_key: 0 });
    for (const other of others) {
      (await other).release();
    }
    expect(pool.counters()).toMatchObject({ slots: 0 });
  });

  test('waits longer are told where hashes take longer', async () => {
    const pool = newPool({ parameters: bcryptOf(14), threads: 1, waitingPerThread: 9 });
    const places = Promise.allSettled(Array.from({ length: 10 }, () => pool.acquire(CALLER, WANTED)));
    // 10 hashes of 65 ms * 2^4.
    await expect(pool.acquire(CALLER, WANTED)).rejects.toMatchObject({ retryAfterMs: 11_000 });
    await pool.close();
    await places;
  });

  test('R6: one whose turn cannot come before its deadline is told so at once, and takes no place', async () => {
    // A second and more for each hash, of which two run at once.
    const pool = newPool({ parameters: bcryptOf(14), threads: 2, waitingPerThread: 9 });
    const within = (remainingMs: number) => ({ ...WANTED, remainingMs: () => remainingMs });
    const places = Promise.allSettled(Array.from({ length: 10 }, () => pool.acquire(CALLER, WANTED)));
    await expect(pool.acquire(CALLER, within(5_000))).rejects.toMatchObject({
      reason: 'OVERLOADED',
      retryAfterMs: 6_000,
    });
    expect(pool.counters()).toMatchObject({ slots: 10, refused: { private_key: 1 } });
    const inTime = pool.acquire(CALLER, within(5_300)).catch(() => null);
    const another = await pool.acquire({ orgId: 'other', callerClass: 'no_key' }, within(1));
    expect(pool.counters()).toMatchObject({ slots: 12, hashes: 0 });
    another.release();
    await pool.close();
    await Promise.all([places, inTime]);
  });

  test('R6: tells beforehand who would be refused, and for how long, and takes no place for it', async () => {
    const pool = newPool({ threads: 1, waitingPerThread: 9 });
    const flood: Caller = { orgId: 'flooded', callerClass: 'no_key' };
    const gone = { isGone: false };
    const outcomes = Promise.allSettled(
      Array.from({ length: 9 }, () => pool.acquire(flood, { isAbandoned: () => gone.isGone })),
    );
    expect([pool.waitFor(flood), pool.waitFor(null)]).toEqual([null, null]);
    const last = Promise.allSettled([pool.acquire(flood, { isAbandoned: () => gone.isGone })]);
    expect([pool.waitFor(flood), pool.waitFor(null)]).toEqual([1_000, 1_000]);
    expect(pool.waitFor(CALLER)).toBeNull();
    expect(pool.counters()).toMatchObject({ slots: 10, refused: { private_key: 0, no_key: 0 } });
    expect(() => pool.requirePlace(flood)).toThrow(
      expect.objectContaining({ reason: 'OVERLOADED', retryAfterMs: 1_000 }),
    );
    pool.requirePlace(CALLER);
    expect(pool.counters()).toMatchObject({ slots: 10, refused: { private_key: 0, no_key: 1 } });
    // Who waits for nothing any more holds no place against who comes.
    gone.isGone = true;
    expect(pool.waitFor(null)).toBeNull();
    await pool.close();
    await Promise.all([outcomes, last]);
  });

  test('L0: one who has less than another takes the place of its newest, who is told OVERLOADED and spent nothing', async () => {
    const pool = newPool({ threads: 1, waitingPerThread: 9 });
    const flood: Caller = { orgId: 'flooded', callerClass: 'no_key' };
    const begun: string[] = [];
    const outcomes = Array.from({ length: 10 }, async (_, index) => {
      const turn = await pool.acquire(flood, WANTED);
      begun.push(`flood ${index}`);
      return turn;
    });
    const turn = await pool.acquire(CALLER, WANTED);
    await expect(outcomes[9]).rejects.toMatchObject({ reason: 'OVERLOADED', retryAfterMs: 1000 });
    expect(begun).toEqual(['flood 0', 'flood 1', 'flood 2']);
    expect(pool.counters()).toMatchObject({ slots: 10, refused: { private_key: 0, token_key: 0, no_key: 1 } });
    turn.release();
    await pool.close();
    const statuses = (await Promise.allSettled(outcomes)).map(({ status }) => status);
    expect(statuses).toEqual([...Array(3).fill('fulfilled'), ...Array(7).fill('rejected')]);
  });

  test('L0: no keys of many organizations hold up one that has its key, however few the places are', async () => {
    const pool = newPool({ parameters: bcryptOf(15), threads: 1 });
    const floods = Array.from({ length: 10 }, (_, index) =>
      pool.acquire({ orgId: `organization ${index}`, callerClass: 'no_key' }, WANTED),
    );
    const outcomes = Promise.allSettled(floods);
    const turn = await pool.acquire({ orgId: 'organization 0', callerClass: 'private_key' }, WANTED);
    turn.release();
    await pool.close();
    await outcomes;
    expect(pool.counters().refused.private_key).toBe(0);
  });

  test('P6: of dear hashes that wait, one is begun while others have as much time for theirs', async () => {
    const pool = newPool({ threads: 1, waitingPerThread: 40, workerFile: DYING_WORKER });
    const salt = Buffer.alloc(16).toString('base64');
    // Charged as 150 ms; those of the other as one of bcrypt of cost 4: 1 ms.
    const dear = { algorithm: 'pbkdf2', hash: 'sha256', iterations: 1_000_000, salt, digest: salt } as const;
    const [first, ...turns] = await Promise.all([
      pool.acquire({ orgId: 'other', callerClass: 'private_key' }, WANTED),
      ...Array.from({ length: 3 }, () => pool.acquire({ orgId: 'dear', callerClass: 'private_key' }, WANTED)),
    ]);
    const begun: string[] = [];
    const run = async (turn: HashTurn | undefined, job: HashJob, name: string) => {
      await turn?.run(job);
      begun.push(name);
    };
    const jobs = [
      ...turns.map((turn) => run(turn, { kind: 'verify', input: 'x', computation: dear }, 'dear')),
      ...Array.from({ length: 30 }, () => run(first, order('x'), 'other')),
    ];
    await Promise.all(jobs);
    // The first of each comes at once, and the rest of the dear ones after all the others.
    expect(begun.slice(0, 2).toSorted()).toEqual(['dear', 'other']);
    expect(begun.slice(-2)).toEqual(['dear', 'dear']);
    for (const turn of [first, ...turns]) {
      turn?.release();
    }
  });

  test('the places of those who gave up are had before anybody is refused', async () => {
    const pool = newPool({ threads: 1, waitingPerThread: 9 });
    let gaveUp = false;
    const places = Array.from({ length: 10 }, () => pool.acquire(CALLER, { isAbandoned: () => gaveUp }));
    await places[2];
    gaveUp = true;
    const next = pool.acquire(CALLER, WANTED);
    for (const place of places.slice(3)) {
      await expect(place).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    }
    (await places[0])?.release();
    (await next).release();
    expect(pool.counters()).toMatchObject({ slots: 2 });
  });

  test('does not hash for callers that have given up', async () => {
    const pool = newPool({ threads: 1 });
    const first = run(pool, order('first'));
    let gaveUp = false;
    const waiting = Array.from({ length: 10 }, () => run(pool, order('late'), { isAbandoned: () => gaveUp }));
    const last = run(pool, order('last'));
    gaveUp = true;
    const outcomes = await Promise.allSettled(waiting);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ reason: { reason: 'DEADLINE_EXCEEDED' } });
    }
    await Promise.all([first, last]);
    await expect(run(pool, order('x'), ABANDONED)).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    expect(pool.counters().hashes).toBe(2);
  });

  test('R11: a job that lost its thread is done by another, and others are unaffected', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'authflow-pool-'));
    const pool = newPool({ workerFile: DYING_WORKER });
    const lost = `exit-once ${path.join(folder, 'died')}`;
    const jobs = ['a', lost, 'b', 'c', 'd'];
    expect(await Promise.all(jobs.map((job) => run(pool, order(job))))).toEqual(jobs);
    expect(pool.counters()).toMatchObject({ threadsLost: 1, hashes: 6 });
    rmSync(folder, { recursive: true });
  });

  test.each(['exit', 'throw'])(
    'R11: a job that kills every thread (%s) ends UNAVAILABLE, others go on',
    async (death) => {
      const pool = newPool({ workerFile: DYING_WORKER });
      const outcomes = await Promise.allSettled(['a', death, 'b', 'c'].map((job) => run(pool, order(job))));
      expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: { reason: 'UNAVAILABLE' } });
      for (const index of [0, 2, 3]) {
        expect(outcomes[index]?.status).toBe('fulfilled');
      }
      expect(pool.counters().threadsLost).toBe(2);
      expect(await run(pool, order('after'))).toBe('after');
    },
  );

  test('R11: a thread script that cannot be loaded ends in UNAVAILABLE', async () => {
    const pool = newPool({ workerFile: new URL('./no-such-worker.js', import.meta.url) });
    await expect(run(pool, order('a'))).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  });

  test('an error inside a hash says nothing of the input', async () => {
    const pool = newPool({ workerFile: DYING_WORKER });
    await expect(run(pool, order('fail secret'))).rejects.toThrow(/^A password hash failed: Error\.$/);
  });

  test('closing lets running jobs end, refuses what waits and what comes', async () => {
    const pool = newPool({ threads: 1, parameters: bcryptOf(8) });
    const turns = [await pool.acquire(CALLER, WANTED), await pool.acquire(CALLER, WANTED)];
    const running = turns[0]?.run({ kind: 'hash', input: 'a', parameters: bcryptOf(8) });
    const waiting = turns[1]?.run(order('b'));
    turns.push(await pool.acquire(CALLER, WANTED));
    const withoutTurn = pool.acquire(CALLER, WANTED);
    const closed = pool.close();
    await expect(waiting).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
    await expect(withoutTurn).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
    expect(await running).toMatch(/^\$2b\$08\$/);
    await closed;
    await pool.close();
    await expect(run(pool, order('c'))).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
    await expect(pool.acquire(CALLER, WANTED)).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
    expect(pool.counters()).toMatchObject({ threads: 0, threadsLost: 0 });
  });

  test.runIf(os.platform() === 'linux' && os.getPriority() < 10)(
    'threads run at low priority (needs Linux and a nice value below 10), the event loop does not',
    async () => {
      const pool = newPool({ threads: 1 });
      await run(pool, order('a'));
      // Field 19 of /proc/…/stat (proc(5)); the name before it may hold spaces, but ends with the last parenthesis.
      const nice = readdirSync('/proc/self/task').map((thread) => {
        const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
      });
      expect(nice.filter((value) => value >= 10)).toHaveLength(1);
      expect(os.getPriority()).toBeLessThan(10);
    },
  );
});
