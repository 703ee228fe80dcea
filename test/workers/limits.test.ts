import { expect, test } from 'vitest';
import { freshPage } from '../support/fresh-page.ts';
import { type Caller, callerOfEach, metric, startSupervised } from './supervised.ts';

const EMAIL = 'ada@example.com';

/** Charged before its nonce is looked at, which is none. */
async function tryToLogIn(caller: Caller): Promise<string> {
  return (await caller.call('login', { foobar: 'x', email: EMAIL, password: 'Analytical-1' })).outcome;
}

test('both workers admit together what the limit is for one process, and their page counts the rest', async () => {
  const server = await startSupervised({ AUTHFLOW_LIMIT_LOGIN: '1/d burst 10' });
  const callers = await callerOfEach(server);
  const outcomes = (
    await Promise.all(
      callers.map(async (caller) => {
        const own: string[] = [];
        for (let login = 0; login < 20; login += 1) {
          own.push(await tryToLogIn(caller));
        }
        return own;
      }),
    )
  ).flat();
  expect(outcomes.filter((outcome) => outcome === 'NONCE_INVALID')).toHaveLength(10);
  expect(outcomes.filter((outcome) => outcome === 'RATE_LIMITED')).toHaveLength(30);
  const page = await freshPage(async () => (await callers[0].send('/metrics')).text);
  expect(metric(page, 'authflow_rate_limit_refusals_total')).toBe(30);
  expect(page).toContain('authflow_rate_limit_buckets{limit="login"} 1\n');
});

test('a supervisor that is frozen stops no call that needs no hash: each worker keeps to its part of the limit', async () => {
  const server = await startSupervised({ AUTHFLOW_LIMIT_LOGIN: '1/d burst 10' });
  const [one, other] = await callerOfEach(server);
  server.supervisor.kill('SIGSTOP');
  for (const caller of [one, other]) {
    const outcomes: string[] = [];
    for (let login = 0; login < 8; login += 1) {
      outcomes.push(await tryToLogIn(caller));
    }
    expect(outcomes).toEqual([...Array(5).fill('NONCE_INVALID'), ...Array(3).fill('RATE_LIMITED')]);
  }
  server.supervisor.kill('SIGCONT');
  await server.logged('limits_kept_alone', 2);
  await server.logged('limits_shared_again', 2);
  // All ten are charged to the machine's bucket: the first of each worker waited there, the others are told of afterwards.
  await expect.poll(() => tryToLogIn(one)).toBe('RATE_LIMITED');
  expect(await tryToLogIn(other)).toBe('RATE_LIMITED');
});
