import { describe, expect, test } from 'vitest';
import { FairQueue } from '../../src/crypto/fair-queue.ts';
import { CALLER_CLASSES, type CallerClass } from '../../src/domain/caller.ts';
import { tally } from '../storage/fixtures.ts';

/** Each item says whose it is: `acme private_key`. */
function add(queue: FairQueue<string>, orgId: string, callerClass: CallerClass, count = 1): void {
  for (let i = 0; i < count; i += 1) {
    queue.push({ orgId, callerClass }, `${orgId} ${callerClass}`);
  }
}

function take(queue: FairQueue<string>, count: number): string[] {
  return Array.from({ length: count }, () => queue.next() ?? 'nobody');
}

const organizationOf = (item: string) => item.split(' ')[0] ?? '';

describe('over organizations', () => {
  test('they go in turn, however many of one wait', () => {
    const queue = new FairQueue<string>();
    add(queue, 'flooded', 'no_key', 100);
    add(queue, 'b', 'no_key', 2);
    add(queue, 'c', 'token_key', 2);
    expect(take(queue, 7).map(organizationOf)).toEqual(['flooded', 'b', 'c', 'flooded', 'b', 'c', 'flooded']);
    expect(queue.size).toBe(97);
  });

  test('two that always wait get equally many', () => {
    const queue = new FairQueue<string>();
    const taken: string[] = [];
    for (let round = 0; round < 1_000; round += 1) {
      // The one adds sixty at once now and then, the other one at a time.
      add(queue, 'a', 'no_key', round % 60 === 0 ? 60 : 0);
      add(queue, 'b', 'no_key');
      taken.push(...take(queue, 1));
    }
    const { a = 0, b = 0 } = tally(taken.map(organizationOf));
    expect(Math.abs(a - b)).toBeLessThanOrEqual(1);
  });

  test('who comes to one that waits in line goes next after the one whose turn it is', () => {
    const queue = new FairQueue<string>();
    add(queue, 'flooded', 'no_key', 100);
    take(queue, 10);
    for (let round = 0; round < 10; round += 1) {
      add(queue, `new ${round}`, 'no_key');
      expect(take(queue, 1)).toEqual([`new ${round} no_key`]);
      expect(take(queue, 1).map(organizationOf)).toEqual(['flooded']);
    }
  });

  test('new ones without end hold nobody up', () => {
    const queue = new FairQueue<string>();
    add(queue, 'old', 'no_key', 100);
    const taken: string[] = [];
    for (let round = 0; round < 100; round += 1) {
      add(queue, `new${round}`, 'private_key');
      taken.push(...take(queue, 1).map(organizationOf));
    }
    expect(taken.filter((orgId) => orgId === 'old').length).toBeGreaterThan(5);
  });
});

describe('within an organization', () => {
  test('the highest class goes first, and first come, first served within it', () => {
    const queue = new FairQueue<number>();
    queue.push({ orgId: 'a', callerClass: 'no_key' }, 5);
    queue.push({ orgId: 'a', callerClass: 'token_key' }, 3);
    queue.push({ orgId: 'a', callerClass: 'private_key' }, 1);
    queue.push({ orgId: 'a', callerClass: 'private_key' }, 2);
    queue.push({ orgId: 'a', callerClass: 'token_key' }, 4);
    expect([1, 2, 3, 4, 5, 6].map(() => queue.next())).toEqual([1, 2, 3, 4, 5, undefined]);
  });

  test.each<[CallerClass[]]>([
    [['private_key', 'no_key']],
    [['private_key', 'token_key']],
    [['token_key', 'no_key']],
    [['private_key', 'token_key', 'no_key']],
  ])('of %j, all flooded, each lower one has one turn in eight, and no more', (classes) => {
    const queue = new FairQueue<string>();
    for (const callerClass of classes) {
      add(queue, 'a', callerClass, 800);
    }
    add(queue, 'other', 'no_key', 800);
    const turns = take(queue, 1_600).filter((item) => organizationOf(item) === 'a');
    const [, ...lower] = classes;
    for (const callerClass of lower) {
      for (let turn = 0; turn + 8 <= turns.length; turn += 1) {
        expect(turns.slice(turn, turn + 8).filter((item) => item === `a ${callerClass}`)).toHaveLength(1);
      }
    }
  });

  test('a higher class that comes to a lower one in line waits for one turn at most', () => {
    const queue = new FairQueue<string>();
    add(queue, 'a', 'no_key', 100);
    for (let before = 0; before < 16; before += 1) {
      take(queue, 1);
      add(queue, 'a', 'private_key');
      expect(take(queue, 2)).toContain('a private_key');
    }
  });
});

describe('P6: by what turns cost', () => {
  const COSTS: Readonly<Record<string, number>> = { dear: 20, cheap: 1, other: 1 };

  /** Turns and what they cost, by organization, of queues in which each adds one as soon as one of its own is taken. */
  function serve(turns: number, most: Readonly<Record<string, number>>) {
    const queue = new FairQueue<string>();
    const push = (orgId: string) => queue.push({ orgId, callerClass: 'private_key' }, orgId, COSTS[orgId]);
    for (const [orgId, waiting] of Object.entries(most)) {
      Array.from({ length: waiting }, () => push(orgId));
    }
    const spent: Record<string, number> = {};
    const order = Array.from({ length: turns }, () => {
      const orgId = queue.next() ?? 'nobody';
      spent[orgId] = (spent[orgId] ?? 0) + (COSTS[orgId] ?? 0);
      push(orgId);
      return orgId;
    });
    return { spent, order };
  }

  test('an organization whose hashes are dear has its share of the time, and not of the turns', () => {
    const { spent } = serve(4_200, { dear: 50, cheap: 50, other: 1 });
    const { dear = 0, cheap = 0, other = 0 } = spent;
    expect(Math.abs(dear - cheap)).toBeLessThanOrEqual(20);
    expect(Math.abs(cheap - other)).toBeLessThanOrEqual(2);
  });

  test('what a dear one has cost is remembered while nobody of its organization waits', () => {
    const queue = new FairQueue<string>();
    const push = (orgId: string) => queue.push({ orgId, callerClass: 'private_key' }, orgId, COSTS[orgId]);
    const order: string[] = [];
    Array.from({ length: 100 }, () => push('cheap'));
    push('dear');
    // It comes again as soon as it was served: one at a time.
    while (order.length < 90) {
      const orgId = queue.next() ?? 'nobody';
      order.push(orgId);
      if (orgId === 'dear') {
        push('dear');
      }
    }
    const turns = order.flatMap((orgId, turn) => (orgId === 'dear' ? [turn] : []));
    expect(turns.length).toBeGreaterThan(2);
    for (const [at, turn] of turns.entries()) {
      expect(turn - (turns[at - 1] ?? -Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(20);
    }
  });

  test('whoever comes after dear ones alone waits for none but the one that is computed', () => {
    const queue = new FairQueue<string>();
    const dear = { orgId: 'dear', callerClass: 'private_key' } as const;
    Array.from({ length: 50 }, () => queue.push(dear, 'dear', 20));
    for (let turn = 0; turn < 10; turn += 1) {
      queue.next();
      queue.push({ orgId: `new ${turn}`, callerClass: 'private_key' }, 'new', 1);
      expect(queue.next()).toBe('new');
    }
  });

  test('nobody alone is held up by what was dear', () => {
    const { order } = serve(10, { dear: 3 });
    expect(order).toEqual(Array(10).fill('dear'));
  });

  test('a lower class whose hashes are dear has its eighth of the turns in time, and not more', () => {
    const queue = new FairQueue<string>();
    const spent: Record<string, number> = { private_key: 0, no_key: 0 };
    const add = (callerClass: CallerClass, cost: number) => queue.push({ orgId: 'a', callerClass }, callerClass, cost);
    add('private_key', 1);
    add('no_key', 20);
    for (let turn = 0; turn < 4_000; turn += 1) {
      const callerClass = queue.next() ?? 'nobody';
      spent[callerClass] = (spent[callerClass] ?? 0) + (callerClass === 'no_key' ? 20 : 1);
      add(callerClass as CallerClass, callerClass === 'no_key' ? 20 : 1);
    }
    const { private_key: high = 0, no_key: low = 0 } = spent;
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThanOrEqual((high + low) / 7);
  });
});

test('an empty queue has nobody, whatever it held before', () => {
  const queue = new FairQueue<string>();
  expect(queue.next()).toBeUndefined();
  for (const callerClass of CALLER_CLASSES) {
    add(queue, 'a', callerClass, 3);
    add(queue, 'b', callerClass, 3);
  }
  expect(take(queue, 18)).not.toContain('nobody');
  expect(queue.next()).toBeUndefined();
  expect(queue.size).toBe(0);
});
