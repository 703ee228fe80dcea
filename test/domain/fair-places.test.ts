import { describe, expect, test } from 'vitest';
import { CALLER_CLASSES, type Caller, type CallerClass } from '../../src/domain/caller.ts';
import { FairPlaces } from '../../src/domain/fair-places.ts';
import { Random } from '../security/random.ts';
import { tally } from '../storage/fixtures.ts';

interface Claimant {
  readonly caller: Caller;
  readonly name: string;
}

/** Places with what became of each who came. */
class Door {
  readonly places: FairPlaces<Claimant>;
  readonly called: Claimant[] = [];
  readonly refused: Claimant[] = [];

  constructor(options: { readonly places: number; readonly turnsPerClass: number }) {
    this.places = new FairPlaces(options);
  }

  arrive(orgId: string, callerClass: CallerClass = 'no_key', count = 1): void {
    for (let i = 0; i < count; i += 1) {
      const claimant = { caller: { orgId, callerClass }, name: `${orgId} ${callerClass}` };
      const arrival = this.places.arrive(claimant);
      const refused = arrival.admitted ? arrival.evicted : claimant;
      this.refused.push(...(refused === null ? [] : [refused]));
      this.callAll();
    }
  }

  /** The oldest whose turn it is goes. */
  leave(): Claimant | undefined {
    const first = this.called.shift();
    if (first !== undefined) {
      this.places.leave(first.caller);
      this.callAll();
    }
    return first;
  }

  callAll(): void {
    for (let next = this.places.call(); next !== undefined; next = this.places.call()) {
      this.called.push(next);
    }
  }
}

const names = (claimants: readonly Claimant[]) => tally(claimants.map(({ name }) => name));

test('one who waits may leave: the place is free, and nobody else has lost one', () => {
  const places = new FairPlaces<Claimant>({ places: 2, turnsPerClass: 1 });
  const caller: Caller = { orgId: 'a', callerClass: 'no_key' };
  const [first, second] = [
    { caller, name: 'first' },
    { caller, name: 'second' },
  ] as const;
  places.arrive(first);
  places.arrive(second);
  places.withdraw(first);
  places.withdraw(first);
  expect(places.taken).toBe(1);
  expect(places.call()).toBe(second);
});

describe('turns', () => {
  test('a class of an organization has some at once; the others wait, first come, first served', () => {
    const door = new Door({ places: 20, turnsPerClass: 3 });
    door.arrive('a', 'no_key', 10);
    expect(door.called).toHaveLength(3);
    expect(door.places.taken).toBe(10);
    door.leave();
    expect(door.called).toHaveLength(3);
    expect(door.places.taken).toBe(9);
  });

  test('one who comes first of a class or organization has a turn at once, whoever waits', () => {
    const door = new Door({ places: 20, turnsPerClass: 3 });
    door.arrive('flooded', 'no_key', 20);
    for (const [orgId, callerClass] of [
      ['flooded', 'token_key'],
      ['flooded', 'private_key'],
      ['other', 'no_key'],
    ] as const) {
      door.arrive(orgId, callerClass);
      expect(door.called.at(-1)?.name).toBe(`${orgId} ${callerClass}`);
    }
  });

  test('half of the places stay with those who wait, but for one turn of who had none', () => {
    const door = new Door({ places: 20, turnsPerClass: 3 });
    for (const orgId of ['a', 'b', 'c', 'd', 'e']) {
      door.arrive(orgId, 'no_key', 4);
    }
    expect(door.places.taken).toBe(20);
    expect(names(door.called)).toEqual({
      'a no_key': 3,
      'b no_key': 3,
      'c no_key': 3,
      'd no_key': 1,
      'e no_key': 1,
    });
  });
});

describe('lower classes of more organizations than there are places', () => {
  const organizations = Array.from({ length: 40 }, (_, index) => `organization ${index}`);

  /** Each of them is flooded. */
  function flooded(places: number, ...classes: readonly CallerClass[]): Door {
    const door = new Door({ places, turnsPerClass: 3 });
    for (const callerClass of classes) {
      for (const orgId of organizations) {
        door.arrive(orgId, callerClass, 3);
      }
    }
    return door;
  }

  test.each([3, 5, 10, 34])('of %i places a higher class finds one, and begins at once', (places) => {
    for (const orgId of [organizations[0] ?? '', organizations[39] ?? '', 'another']) {
      const withoutKey = flooded(places, 'no_key');
      withoutKey.arrive(orgId, 'private_key');
      expect(withoutKey.called.at(-1)?.name).toBe(`${orgId} private_key`);

      const floodedToo = flooded(places, 'no_key');
      floodedToo.arrive(orgId, 'token_key');
      expect(floodedToo.called.at(-1)?.name).toBe(`${orgId} token_key`);

      const withTokenKey = flooded(places, 'no_key', 'token_key');
      withTokenKey.arrive(orgId, 'private_key');
      expect(withTokenKey.called.at(-1)?.name).toBe(`${orgId} private_key`);
    }
  });

  test('they take no place of a higher class, and none from an organization that has less of its own', () => {
    const door = new Door({ places: 8, turnsPerClass: 3 });
    for (const orgId of organizations.slice(0, 8)) {
      door.arrive(orgId, 'private_key');
    }
    door.arrive('another', 'no_key');
    expect(names(door.refused)).toEqual({ 'another no_key': 1 });

    const shared = flooded(8, 'no_key');
    const refused = shared.refused.length;
    shared.arrive('another', 'private_key', 2);
    // The second would have more than each of those who have one.
    expect(names(shared.refused.slice(refused))).toEqual({
      [shared.refused[refused]?.name ?? '']: 1,
      'another private_key': 1,
    });
  });

  test('where not each can have a turn at once nobody waits for ever, however many of another wait', () => {
    const door = new Door({ places: 3, turnsPerClass: 3 });
    door.arrive('a', 'no_key', 3);
    door.arrive('b', 'no_key');
    const served: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const orgId = door.leave()?.caller.orgId ?? 'nobody';
      served.push(orgId);
      door.arrive(orgId);
    }
    expect(served.join('')).toMatch(/^(a{1,2}b)+a*$/);
  });
});

describe('when every place is taken', () => {
  test('the newest of the largest share gives way, until the shares are equal', () => {
    const door = new Door({ places: 20, turnsPerClass: 3 });
    door.arrive('a', 'no_key', 20);
    door.arrive('b', 'no_key', 20);
    expect(names(door.refused)).toEqual({ 'a no_key': 10, 'b no_key': 10 });
    door.arrive('a');
    expect(names(door.refused)).toEqual({ 'a no_key': 11, 'b no_key': 10 });
  });

  test('within an organization the lowest class gives way, and keeps an eighth', () => {
    const door = new Door({ places: 32, turnsPerClass: 3 });
    door.arrive('a', 'no_key', 32);
    door.arrive('a', 'private_key', 32);
    expect(names(door.refused)).toEqual({ 'a no_key': 28, 'a private_key': 4 });
    door.arrive('a', 'no_key', 5);
    expect(names(door.refused)).toEqual({ 'a no_key': 33, 'a private_key': 4 });
  });

  test('a lower class gets its eighth of an organization that a higher one has filled', () => {
    const door = new Door({ places: 32, turnsPerClass: 3 });
    door.arrive('a', 'private_key', 32);
    door.arrive('a', 'no_key', 10);
    expect(names(door.refused)).toEqual({ 'a private_key': 4, 'a no_key': 6 });
  });

  test('another organization’s newcomer takes the place of the lowest class', () => {
    const door = new Door({ places: 32, turnsPerClass: 3 });
    door.arrive('a', 'private_key', 16);
    door.arrive('a', 'no_key', 16);
    door.arrive('b', 'no_key');
    expect(names(door.refused)).toEqual({ 'a no_key': 1 });
  });

  test('nobody gives way to one who would have as much', () => {
    const door = new Door({ places: 8, turnsPerClass: 3 });
    for (let i = 0; i < 8; i += 1) {
      door.arrive(`organization ${i}`);
    }
    door.arrive('one more');
    expect(names(door.refused)).toEqual({ 'one more no_key': 1 });
  });

  test('who has a turn never gives way', () => {
    const door = new Door({ places: 8, turnsPerClass: 8 });
    door.arrive('a', 'no_key', 8);
    const called = [...door.called];
    for (let i = 0; i < 8; i += 1) {
      door.arrive(`organization ${i}`);
    }
    expect(called.filter((claimant) => door.refused.includes(claimant))).toEqual([]);
  });
});

describe('flooded without end', () => {
  /** Each floods as much as it likes after every turn; how many turns each had. */
  function play(floods: readonly [orgId: string, callerClass: CallerClass, size: number][], rounds: number) {
    const door = new Door({ places: 34, turnsPerClass: 6 });
    const random = new Random(20_261_123);
    const served: Claimant[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const [orgId, callerClass, size] = random.pick(floods);
      door.arrive(orgId, callerClass, size);
      const gone = door.leave();
      served.push(...(gone === undefined ? [] : [gone]));
    }
    return { door, served: tally(served.map(({ caller }) => caller.orgId)) };
  }

  test('an organization that asks for a little gets all of it', () => {
    const floods: [string, CallerClass, number][] = [
      ['flooded', 'no_key', 60],
      ['flooded', 'no_key', 60],
      ['flooded', 'no_key', 60],
      ['quiet', 'no_key', 1],
    ];
    const { door } = play(floods, 2_000);
    expect(door.refused.filter(({ caller }) => caller.orgId === 'quiet')).toEqual([]);
  });

  test('no count is ever lost: once all have gone nothing is left', () => {
    const door = new Door({ places: 34, turnsPerClass: 6 });
    const random = new Random(7);
    let arrived = 0;
    let gone = 0;
    let removed = 0;
    for (let step = 0; step < 5_000; step += 1) {
      const count = random.below(6);
      door.arrive(`organization ${random.below(40)}`, random.pick(CALLER_CLASSES), count);
      arrived += count;
      for (let leaving = random.below(6); leaving > 0; leaving -= 1) {
        gone += door.leave() === undefined ? 0 : 1;
      }
      if (step % 50 === 0) {
        removed += door.places.remove(() => random.below(2) === 0).length;
        door.callAll();
      }
      expect(door.places.taken).toBe(arrived - gone - removed - door.refused.length);
      expect(door.places.taken).toBeLessThanOrEqual(34);
    }
    while (door.leave() !== undefined) {
      gone += 1;
    }
    expect(door.places.taken).toBe(0);
    expect(gone + removed + door.refused.length).toBe(arrived);
  });
});
