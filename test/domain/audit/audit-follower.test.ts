import { expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/domain/audit/audit-event.ts';
import { AuditFollower, type FollowedLog } from '../../../src/domain/audit/audit-follower.ts';
import type { PositionedAuditEvent } from '../../../src/domain/audit/storage.ts';
import { auditEvent, NOW } from '../../storage/fixtures.ts';

/** A log in which events become visible in any order. */
class Log implements FollowedLog {
  readonly #visible = new Map<number, PositionedAuditEvent>();

  show(position: number, changes: Partial<AuditEvent> = {}): void {
    this.#visible.set(position, { ...auditEvent(changes), position });
  }

  /** As a failover does to what its standby did not have; or what is old, by its positions. */
  lose(...positions: readonly number[]): void {
    for (const position of positions) {
      this.#visible.delete(position);
    }
  }

  async lastAuditPosition(): Promise<number> {
    return Math.max(0, ...this.#visible.keys());
  }

  async firstAuditPosition(from: number): Promise<number | null> {
    const found = [...this.#visible.values()].filter(({ createdAt }) => createdAt >= from);
    return found.length === 0 ? null : Math.min(...found.map(({ position }) => position));
  }

  async readAuditFeed({ after, missing, limit }: Parameters<FollowedLog['readAuditFeed']>[0]) {
    return [...this.#visible.values()]
      .filter(({ position }) => position > after || missing.includes(position))
      .toSorted((a, b) => a.position - b.position)
      .slice(0, limit);
  }
}

const positions = async (follower: AuditFollower, now = 0) =>
  (await follower.next(now)).map(({ position }) => position);

test('what was there before is not told, and what comes is told once', async () => {
  const log = new Log();
  log.show(1);
  log.show(2);
  const follower = new AuditFollower(log);
  await follower.start(null, 0);
  expect(await positions(follower)).toEqual([]);
  log.show(3);
  log.show(4);
  expect(await positions(follower)).toEqual([3, 4]);
  expect(await positions(follower)).toEqual([]);
});

test('an event that becomes visible after one of a later position is told, once', async () => {
  const log = new Log();
  log.show(1);
  const follower = new AuditFollower(log);
  await follower.start(null, 0);
  log.show(4);
  expect(await positions(follower)).toEqual([4]);
  log.show(3);
  log.show(5);
  expect(await positions(follower)).toEqual([3, 5]);
  log.show(2);
  expect(await positions(follower)).toEqual([2]);
  expect(await positions(follower)).toEqual([]);
});

test('one that was under way at the start is told', async () => {
  const log = new Log();
  for (const position of [1, 2, 4, 5]) {
    log.show(position);
  }
  const follower = new AuditFollower(log);
  await follower.start(null, 0);
  log.show(3);
  expect(await positions(follower)).toEqual([3]);
});

test('from an instant on all of it is told, with some of before, then what comes', async () => {
  const log = new Log();
  log.show(1, { createdAt: NOW - 1 });
  log.show(2_000, { createdAt: NOW - 1 });
  log.show(2_001, { createdAt: NOW });
  log.show(2_002, { createdAt: NOW + 1 });
  const follower = new AuditFollower(log);
  await follower.start(NOW, 0);
  expect(await positions(follower)).toEqual([2_000, 2_001, 2_002]);
  log.show(2_003);
  expect(await positions(follower)).toEqual([2_003]);
});

test('one that was under way before all of those since an instant is told', async () => {
  const log = new Log();
  log.show(1, { createdAt: NOW - 1 });
  log.show(3, { createdAt: NOW + 1 });
  const follower = new AuditFollower(log);
  await follower.start(NOW, 0);
  expect(await positions(follower)).toEqual([1, 3]);
  log.show(2, { createdAt: NOW });
  expect(await positions(follower)).toEqual([2]);
});

test('what becomes visible while it starts from an instant of which there was nothing yet is told', async () => {
  const log = new Log();
  log.show(1, { createdAt: NOW - 1 });
  const first = log.firstAuditPosition.bind(log);
  log.firstAuditPosition = async (from) => {
    const found = await first(from);
    log.show(2, { createdAt: NOW });
    return found;
  };
  const follower = new AuditFollower(log);
  await follower.start(NOW, 0);
  expect(await positions(follower)).toEqual([1, 2]);
});

/** A follower that has told of the positions from 11 on, of which there are so many. */
async function followerOf(log: Log, events: number): Promise<AuditFollower> {
  for (let position = 1; position <= 10; position += 1) {
    log.show(position);
  }
  const follower = new AuditFollower(log);
  await follower.start(null, 0);
  for (let position = 11; position < 11 + events; position += 1) {
    log.show(position);
  }
  const told: number[] = [];
  while (told.length < events) {
    told.push(...(await positions(follower)));
  }
  return follower;
}

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);

test.each([
  ['fewer come than were lost', 20],
  ['more come than were lost before it looks again', 900],
])('positions that a failover gives again are told, and nothing twice: %s', async (_, come) => {
  const log = new Log();
  const follower = await followerOf(log, 600);
  log.lose(...from(511, 610));
  for (const position of from(513, 512 + come)) {
    log.show(position);
  }
  const told: number[] = [];
  for (let more = await positions(follower); more.length > 0; more = await positions(follower)) {
    told.push(...more);
  }
  expect(told).toEqual(from(513, 512 + come));
  log.show(2_000);
  expect(await positions(follower)).toEqual([2_000]);
});

test('a failover that loses all that was told, and some of before, hides nothing of what comes', async () => {
  const log = new Log();
  const follower = await followerOf(log, 3);
  log.lose(...from(6, 13));
  expect(await positions(follower)).toEqual([]);
  log.show(6);
  log.show(7);
  expect(await positions(follower)).toEqual([6, 7]);
  log.show(8);
  expect(await positions(follower)).toEqual([8]);
});

test('where the last that was told is removed as old nothing is told twice', async () => {
  const log = new Log();
  const follower = await followerOf(log, 600);
  log.show(611);
  log.lose(...from(1, 610));
  expect(await positions(follower)).toEqual([611]);
  log.show(612);
  expect(await positions(follower)).toEqual([612]);
});

test('a position whose write was undone is not waited for for ever, nor are all of a long gap', async () => {
  const log = new Log();
  const follower = new AuditFollower(log);
  await follower.start(null, 0);
  log.show(1);
  log.show(3);
  log.show(1_000_000);
  expect(await positions(follower)).toEqual([1, 3, 1_000_000]);
  const asked: number[] = [];
  const read = log.readAuditFeed.bind(log);
  log.readAuditFeed = (query) => {
    asked.push(query.missing.length);
    return read(query);
  };
  await follower.next(14 * 60_000);
  await follower.next(16 * 60_000);
  // And the last that was read.
  expect(asked).toEqual([10_001, 1]);
});
