import { expect, onTestFinished, test, vi } from 'vitest';
import { Budgets } from '../../src/domain/limits/budgets.ts';
import type { Charge, ChargeRefusal, RateLimits } from '../../src/domain/limits/rate-limit.ts';
import type { ChargedCall } from '../../src/workers/messages.ts';
import { RemoteBudgets } from '../../src/workers/remote-budgets.ts';
import { NO_LIMITS } from '../support/limits.ts';

const LIMITS: RateLimits = { ...NO_LIMITS, login: { count: 10, periodMs: 1_000, burst: 10 } };
const CHARGES: readonly Charge[] = [{ limit: 'login', key: 'one' }];
const REFUSAL: ChargeRefusal = { limit: 'login', waitMs: 100 };

/** The buckets of a machine, and workers that ask for them by a channel that passes copies on, later. */
function newMachine(workers: number) {
  const clock = { now: 1_000 };
  const now = () => clock.now;
  const budgets = new Budgets(LIMITS, now);
  const channel = { answers: true, sent: [] as (readonly ChargedCall[])[] };
  const turns: boolean[] = [];
  const remotes = Array.from({ length: workers }, () => {
    const remote: RemoteBudgets = new RemoteBudgets({
      limits: LIMITS,
      workers,
      now,
      onTurn: (isAlone) => turns.push(isAlone),
      send(calls) {
        channel.sent.push(calls);
        if (channel.answers) {
          setImmediate(() => {
            remote.heard();
            remote.receive(structuredClone(calls).map(({ id, charges }) => ({ id, refusal: budgets.charge(charges) })));
          });
        }
      },
    });
    return remote;
  });
  return { clock, channel, turns, remotes, budgets };
}

/** Fulfilled once what was charged in this turn was sent. */
async function sent(channel: { readonly sent: readonly unknown[] }): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  expect(channel.sent).toHaveLength(1);
}

function useFakeTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}

test('workers admit together what one process would', async () => {
  const { remotes, clock } = newMachine(3);
  const askAll = async () => {
    const asked = remotes.flatMap((remote) => Array.from({ length: 20 }, () => remote.charge(CHARGES)));
    return (await Promise.all(asked)).filter((refusal) => refusal === null).length;
  };
  expect(await askAll()).toBe(10);
  clock.now += 500;
  expect(await askAll()).toBe(5);
});

test('what one turn of the event loop charges is one message, and what is off is none', async () => {
  const { remotes, channel } = newMachine(1);
  const [remote] = remotes;
  expect(remote?.charge([{ limit: 'foobar', key: 'one' }])).toBeNull();
  const mixed: Charge[] = [{ limit: 'person', key: 'off' }, ...CHARGES];
  await Promise.all([remote?.charge(mixed), remote?.charge(CHARGES), remote?.charge(CHARGES)]);
  expect(channel.sent.map((calls) => calls.map(({ charges }) => charges))).toEqual([[CHARGES, CHARGES, CHARGES]]);
});

test('a supervisor that does not answer stops no call: each worker keeps to its part, until it is heard of again', async () => {
  useFakeTimers();
  const { remotes, channel, turns, clock } = newMachine(2);
  const [one, other] = remotes;
  if (one === undefined || other === undefined) {
    throw new Error('There are not two workers.');
  }
  channel.answers = false;
  const waiting = Promise.all(Array.from({ length: 7 }, () => one.charge(CHARGES)));
  await sent(channel);
  const settled = vi.fn();
  waiting.then(settled);
  await vi.advanceTimersByTimeAsync(499);
  expect([settled.mock.calls.length, turns]).toEqual([0, []]);
  await vi.advanceTimersByTimeAsync(1);
  // Five of ten, and five a second of ten.
  expect(await waiting).toEqual([...Array(5).fill(null), ...Array(2).fill({ limit: 'login', waitMs: 200 })]);
  expect(turns).toEqual([true]);
  clock.now += 200;
  expect([one.charge(CHARGES), one.charge(CHARGES)]).toEqual([null, { limit: 'login', waitMs: 200 }]);
  expect(channel.sent).toHaveLength(1);

  channel.answers = true;
  one.heard();
  one.heard();
  expect(turns).toEqual([true, false]);
  // What was granted alone since is told, once.
  expect(channel.sent.slice(1).map((calls) => calls.map(({ charges }) => charges))).toEqual([[CHARGES]]);
  expect(await one.charge(CHARGES)).toBeNull();
  expect(channel.sent).toHaveLength(3);
});

test('late answers are for nobody any more', async () => {
  useFakeTimers();
  const { remotes, channel, turns } = newMachine(1);
  const [remote] = remotes;
  channel.answers = false;
  const asked = remote?.charge(CHARGES);
  await sent(channel);
  await vi.advanceTimersByTimeAsync(500);
  expect(await asked).toBeNull();
  remote?.receive([{ id: 1, refusal: { limit: 'login', waitMs: 1 } }]);
  expect(turns).toEqual([true]);
});

test('where the supervisor has gone what waits is decided at once', async () => {
  const { remotes, channel } = newMachine(1);
  const [remote] = remotes;
  channel.answers = false;
  const asked = Promise.all(Array.from({ length: 11 }, () => remote?.charge(CHARGES)));
  await sent(channel);
  remote?.disconnect();
  expect((await asked).at(-1)).toEqual(REFUSAL);
  expect(remote?.held()).toEqual({ login: 1 });
});

test('a supervisor that stops adds no burst: what it granted is taken of the own part too', async () => {
  useFakeTimers();
  const { remotes, channel } = newMachine(2);
  const [one] = remotes;
  const admitted = async () => {
    const asked = await Promise.all(Array.from({ length: 20 }, () => one?.charge(CHARGES)));
    return asked.filter((refusal) => refusal === null).length;
  };
  expect(await admitted()).toBe(10);
  expect(one?.held()).toEqual({});
  channel.answers = false;
  const alone = admitted();
  await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(500);
  expect(await alone).toBe(0);
  expect(one?.held()).toEqual({ login: 1 });
});

test('a worker that was late itself reads what has come before it decides alone', async () => {
  useFakeTimers();
  const { remotes, channel, turns } = newMachine(1);
  const [remote] = remotes;
  channel.answers = false;
  const asked = remote?.charge(CHARGES);
  await sent(channel);
  // The answer is there when the time is over, and is read in the same turn.
  setImmediate(() => remote?.receive([{ id: 1, refusal: REFUSAL }]));
  vi.advanceTimersByTime(500);
  expect(await asked).toEqual(REFUSAL);
  expect(turns).toEqual([]);
});
