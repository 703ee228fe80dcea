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
