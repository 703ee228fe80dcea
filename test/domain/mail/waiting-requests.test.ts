import { expect, test } from 'vitest';
import { MOST_MAIL_REQUESTS } from '../../../src/domain/mail/mail.ts';
import { WaitingRequests } from '../../../src/domain/mail/waiting-requests.ts';

const ORG = 'a';

function clocked() {
  const clock = { now: 5_000 };
  return { clock, waiting: new WaitingRequests(() => clock.now) };
}

/** How many are let in without a count. */
function letIn(waiting: WaitingRequests, orgId = ORG): number {
  let count = 0;
  while (waiting.letIn(orgId, 'token_key')) {
    count += 1;
  }
  return count;
}

test('nobody is let in before a count, and after one as many as are well below the bound', () => {
  const { waiting } = clocked();
  expect(letIn(waiting)).toBe(0);
  waiting.counted(ORG, 'token_key', 1);
  expect(letIn(waiting)).toBe(0.9 * MOST_MAIL_REQUESTS - 1);
  waiting.counted(ORG, 'token_key', 0.9 * MOST_MAIL_REQUESTS);
  expect(letIn(waiting)).toBe(0);
});

test('a count is of one class of one organization, and gone by for a second', () => {
  const { clock, waiting } = clocked();
  waiting.counted(ORG, 'token_key', 1);
  expect(waiting.letIn(ORG, 'private_key')).toBe(false);
  expect(waiting.letIn('b', 'token_key')).toBe(false);
  clock.now += 999;
  expect(waiting.letIn(ORG, 'token_key')).toBe(true);
  clock.now += 1;
  expect(waiting.letIn(ORG, 'token_key')).toBe(false);
});

test('however many organizations ask, few counts are kept', () => {
  const { waiting } = clocked();
  for (let org = 0; org <= 10_000; org += 1) {
    waiting.counted(`${org}`, 'token_key', 1);
  }
  expect([letIn(waiting, '0'), letIn(waiting, '10000')]).toEqual([0, 899]);
});
