import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { HashPool, type HashPoolOptions } from '../../src/crypto/hash-pool.ts';

const WANTED = { isAbandoned: () => false };
const ABANDONED = { isAbandoned: () => true };
const DYING_WORKER = new URL('./dying-worker.js', import.meta.url);

const pools: HashPool[] = [];

function newPool(options: Partial<HashPoolOptions> = {}): HashPool {
  const pool = new HashPool({ cost: 4, threads: 2, ...options });
  pools.push(pool);
  return pool;
}

function order(input: string) {
  return { kind: 'hash', input, cost: 4 } as const;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

describe('the hash pool', () => {
  test('starts no thread before it is needed, and no more than it may', async () => {
    const pool = newPool();
    expect(pool.counters()).toMatchObject({ threads: 0, hashes: 0 });
    await Promise.all(Array.from({ length: 20 }, (_, index) => pool.run(order(`p${index}`), WANTED)));
    expect(pool.counters()).toMatchObject({ threads: 2, hashes: 20, waiting: 0 });
  });

  test('is bounded: the place beyond the last is refused OVERLOADED with a wait in whole seconds', () => {
    const pool = newPool({ threads: 2, waitingPerThread: 3 });
    const releases = Array.from({ length: 8 }, () => pool.acquire());
    expect(() => pool.acquire()).toThrow(expect.objectContaining({ reason: 'OVERLOADED', retryAfterMs: 1000 }));
    releases[0]?.();
    releases[0]?.();
    pool.acquire();
    expect(() => pool.acquire()).toThrow(expect.objectContaining({ reason: 'OVERLOADED' }));
    expect(pool.counters()).toMatchObject({ slots: 8, hashes: 0 });
  });

  test('waits longer are told where hashes take longer', () => {
    const pool = newPool({ cost: 14, threads: 1, waitingPerThread: 9 });
    for (let place = 0; place < 10; place += 1) {
      pool.acquire();
    }
    // 10 hashes of 65 ms * 2^4.
    expect(() => pool.acquire()).toThrow(expect.objectContaining({ retryAfterMs: 11_000 }));
  });

  test('does not hash for callers that have given up', async () => {
    const pool = newPool({ threads: 1 });
    const first = pool.run(order('first'), WANTED);
    let gaveUp = false;
    const waiting = Array.from({ length: 10 }, () => pool.run(order('late'), { isAbandoned: () => gaveUp }));
    const last = pool.run(order('last'), WANTED);
    gaveUp = true;
    const outcomes = await Promise.allSettled(waiting);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ reason: { reason: 'DEADLINE_EXCEEDED' } });
    }
    await Promise.all([first, last]);
    await expect(pool.run(order('x'), ABANDONED)).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    expect(pool.counters().hashes).toBe(2);
  });

  test('R11: a job that lost its thread is done by another, and others are unaffected', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'authflow-pool-'));
    const pool = newPool({ workerFile: DYING_WORKER });
    const lost = `exit-once ${path.join(folder, 'died')}`;
    const jobs = ['a', lost, 'b', 'c', 'd'];
    expect(await Promise.all(jobs.map((job) => pool.run(order(job), WANTED)))).toEqual(jobs);
    expect(pool.counters()).toMatchObject({ threadsLost: 1, hashes: 6 });
    rmSync(folder, { recursive: true });
  });

  test.each(['exit', 'throw'])(
    'R11: a job that kills every thread (%s) ends UNAVAILABLE, others go on',
    async (death) => {
      const pool = newPool({ workerFile: DYING_WORKER });
      const outcomes = await Promise.allSettled(['a', death, 'b', 'c'].map((job) => pool.run(order(job), WANTED)));
      expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: { reason: 'UNAVAILABLE' } });
      for (const index of [0, 2, 3]) {
        expect(outcomes[index]?.status).toBe('fulfilled');
      }
      expect(pool.counters().threadsLost).toBe(2);
      expect(await pool.run(order('after'), WANTED)).toBe('after');
    },
  );

  test('R11: a thread script that cannot be loaded ends in UNAVAILABLE', async () => {
    const pool = newPool({ workerFile: new URL('./no-such-worker.js', import.meta.url) });
    await expect(pool.run(order('a'), WANTED)).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  });

  test('an error inside a hash says nothing of the input', async () => {
    const pool = newPool({ workerFile: DYING_WORKER });
    await expect(pool.run(order('fail secret'), WANTED)).rejects.toThrow(/^A password hash failed: Error\.$/);
  });

  test('closing lets running jobs end, refuses what waits and what comes', async () => {
    const pool = newPool({ threads: 1, cost: 8 });
    const running = pool.run({ kind: 'hash', input: 'a', cost: 8 }, WANTED);
    const waiting = pool.run(order('b'), WANTED);
    const closed = pool.close();
    await expect(waiting).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
    expect(await running).toMatch(/^\$2b\$08\$/);
    await closed;
    await pool.close();
    await expect(pool.run(order('c'), WANTED)).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
    expect(() => pool.acquire()).toThrow(expect.objectContaining({ reason: 'UNAVAILABLE' }));
    expect(pool.counters()).toMatchObject({ threads: 0, threadsLost: 0 });
  });

  test.runIf(os.platform() === 'linux' && os.getPriority() < 10)(
    'threads run at low priority (needs Linux and a nice value below 10), the event loop does not',
    async () => {
      const pool = newPool({ threads: 1 });
      await pool.run(order('a'), WANTED);
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
