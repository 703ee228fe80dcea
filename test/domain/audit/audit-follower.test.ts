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

test('from an instant on all of it is told, then what comes', async () => {
  const log = new Log();
  log.show(1, { createdAt: NOW - 1 });
  log.show(2, { createdAt: NOW });
  log.show(3, { createdAt: NOW + 1 });
  const follower = new AuditFollower(log);
  await follower.start(NOW, 0);
  expect(await positions(follower)).toEqual([2, 3]);
  log.show(4);
  expect(await positions(follower)).toEqual([4]);
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
  expect(asked).toEqual([10_000, 0]);
});
