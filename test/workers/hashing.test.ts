import { expect, test } from 'vitest';
import { jsonOf } from '../cli/spawned-cli.ts';
import { flood } from '../security/flood.ts';
import { Caller, callerOfEach, metric, startSupervised } from './supervised.ts';

const PASSWORD = 'Analytical-1';
const EMAIL = 'ada@example.com';

test('L0: a flood of one organization through both workers leaves another its logins', async () => {
  const server = await startSupervised();
  await callerOfEach(server);
  const place = { folder: server.folder };
  const { org_id: flooded } = await jsonOf<{ org_id: string }>(['org', 'create', 'Globex'], place);
  const [other] = await callerOfEach(server);
  expect((await other.signUp(EMAIL, PASSWORD)).outcome).toBe('OK');
  const strangers = flood(server, { org_id: flooded });
  await expect.poll(() => strangers.outcomes.includes('OVERLOADED')).toBe(true);
  for (let login = 0; login < 8; login += 1) {
    expect((await other.login(EMAIL, PASSWORD)).outcome).toBe('OK');
  }
  await strangers.end();
  const called = server.log().filter(({ event, method }) => event === 'call' && method === 'Login');
  expect(new Set(called.map(({ worker }) => worker))).toEqual(new Set([1, 2]));
});

test('R11: a worker that is frozen while it hashes for an organization leaves that its logins in the other', async () => {
  const server = await startSupervised();
  const [one, other] = await callerOfEach(server);
  expect((await one.signUp(EMAIL, PASSWORD)).outcome).toBe('OK');
  const counted = { loggedIn: 0, isEnding: false };
  // Six of an organization have their turn at once.
  const loops = Array.from({ length: 24 }, async () => {
    const caller = new Caller(server);
    while (!counted.isEnding) {
      const { outcome } = await caller.login(EMAIL, PASSWORD);
      counted.loggedIn += Number(outcome === 'OK');
    }
  });
  const more = async (logins: number) => {
    const before = counted.loggedIn;
    await expect.poll(() => counted.loggedIn).toBeGreaterThanOrEqual(before + logins);
  };
  await more(24);
  const frozen = server.workers().get(1) ?? 0;
  process.kill(frozen, 'SIGSTOP');
  await more(40);
  // It was not ended, which would have given back what it held.
  expect(server.log().filter(({ event }) => event === 'worker_silent')).toEqual([]);
  const { text } = await Promise.any([one.send('/metrics'), other.send('/metrics')]);
  expect(metric(text, 'authflow_workers')).toBe(1);
  process.kill(frozen, 'SIGCONT');
  await more(12);
  counted.isEnding = true;
  await Promise.all(loops);
});
