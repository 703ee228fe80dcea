import { expect, test } from 'vitest';
import { followedEvents } from '../../src/cli/followed-events.ts';
import type { FollowedLog } from '../../src/domain/audit/audit-follower.ts';
import { AuthError } from '../../src/domain/errors.ts';
import { auditEvent } from '../storage/fixtures.ts';

const ALL = { orgId: null, userId: null, type: null, from: null, to: null };

const eventOf = (answer: unknown, position: number) =>
  typeof answer === 'string' ? [{ ...auditEvent({ eventId: answer }), position }] : [];

/** A log that answers as it is told, in this order. */
async function followed(...answers: readonly (string | Error)[]) {
  const left = [...answers];
  const log: FollowedLog = {
    lastAuditPosition: async () => 0,
    firstAuditPosition: async () => null,
    readAuditFeed: async ({ missing }) => {
      const answer = left.shift();
      if (answer instanceof Error) {
        throw answer;
      }
      const position = answers.length - left.length;
      const kept = missing.flatMap((each) => eventOf(answers[each - 1], each));
      return [...kept, ...eventOf(answer, position)];
    },
  };
  const stopping = new AbortController();
  const told: string[] = [];
  const following = followedEvents(log, {
    filter: ALL,
    signal: stopping.signal,
    async pause() {
      told.push('pause');
    },
    async notice(text) {
      told.push(text);
    },
  });
  for await (const events of following) {
    told.push(...events.map(({ eventId }) => eventId));
    if (left.length === 0) {
      stopping.abort();
    }
  }
  return told;
}

test('it outlasts a store that is out of reach: one line when that begins, one when it is over, and no event missed', async () => {
  const [unavailable, late] = [new AuthError('UNAVAILABLE'), new AuthError('DEADLINE_EXCEEDED')];
  expect(await followed('first', unavailable, late, unavailable, 'second', late, 'third')).toEqual([
    'first',
    'The store cannot be read (UNAVAILABLE). It is tried again every second.',
    'pause',
    'pause',
    'pause',
    'The store can be read again.',
    'second',
    'The store cannot be read (DEADLINE_EXCEEDED). It is tried again every second.',
    'pause',
    'The store can be read again.',
    'third',
  ]);
});

test('it ends with what does not pass', async () => {
  const fault = new Error('no such column');
  await expect(followed('first', fault)).rejects.toBe(fault);
});
