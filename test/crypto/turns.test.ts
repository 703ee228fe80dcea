import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from '../../src/crypto/turns.ts';

test('at most so many go on in one turn of the event loop, in order, and the loop goes on between them', async () => {
  const turns = new Turns(3);
  const gone: number[] = [];
  const going = Array.from({ length: 10 }, async (_, index) => {
    await turns.take();
    gone.push(index);
  });
  const seen: number[] = [];
  for (let turn = 0; turn < 8; turn += 1) {
    await Promise.resolve();
    seen.push(gone.length);
    await nextTurn();
  }
  await Promise.all(going);
  expect(gone).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(Math.max(...seen.map((count, turn) => count - (seen[turn - 1] ?? 0)))).toBeLessThanOrEqual(3);
});

test('who comes alone waits for nobody, and whoever comes while others wait is after them', async () => {
  const turns = new Turns(1);
  expect(turns.take()).toBeNull();
  const order: string[] = [];
  const first = Promise.resolve(turns.take()).then(() => order.push('first'));
  const second = Promise.resolve(turns.take()).then(() => order.push('second'));
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second']);
  await nextTurn();
  expect(turns.take()).toBeNull();
});
