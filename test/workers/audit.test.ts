import { expect, test } from 'vitest';
import { storeOfTest } from '../support/stores.ts';
import { type Caller, callerOfEach, startSupervised } from './supervised.ts';

const PASSWORD = 'Analytical-1';
const EMAILS = ['ada@example.com', 'grace@example.com'] as const;
const LOGINS = 12;
const FAILURES = 40;

interface EventRow {
  readonly type: string;
  readonly actor: string;
  readonly address: string;
  readonly request_id: string | null;
  readonly reason: string | null;
  readonly count: number | string;
}

test('W12, W13: what each worker does is on record with its call; successes are listed one by one, failures are counted by each', async () => {
  const store = await storeOfTest();
  const server = await startSupervised(store.environment);
  const callers = await callerOfEach(server);
  const work = async (caller: Caller, email: string) => {
    expect((await caller.signUp(email, PASSWORD)).outcome).toBe('OK');
    for (let login = 0; login < LOGINS; login += 1) {
      expect((await caller.login(email, PASSWORD)).outcome).toBe('OK');
    }
    for (let failure = 0; failure < FAILURES; failure += 1) {
      expect((await caller.login(`nobody-${failure}-${email}`, PASSWORD)).outcome).toBe('USER_NOT_FOUND');
    }
  };
  await Promise.all(callers.map((caller, index) => work(caller, EMAILS[index] ?? '')));
  server.supervisor.kill('SIGTERM');
  expect(await server.ended()).toBe(0);

  const rows = await store.query<EventRow>('SELECT type, actor, address, request_id, reason, count FROM audit_events');
  const of = (type: string) => rows.filter((row) => row.type === type);
  const [signUps, logins, failures] = [of('user.signed_up'), of('login.succeeded'), of('login.failed')];
  const workerOf = new Map(
    server
      .log()
      .filter(({ event, worker }) => event === 'call' && worker !== undefined)
      .map(({ request_id, worker }) => [String(request_id), Number(worker)]),
  );
  expect([signUps.length, logins.length]).toEqual([2, 2 * LOGINS]);
  for (const { actor, address, count } of [...signUps, ...logins]) {
    expect({ actor, address, count: Number(count) }).toEqual({ actor: 'private_key', address: '127.0.0.1', count: 1 });
  }
  for (const told of [signUps, logins]) {
    expect(new Set(told.map(({ request_id }) => workerOf.get(request_id ?? ''))).size).toBe(2);
  }
  expect(failures.reduce((sum, { count }) => sum + Number(count), 0)).toBe(2 * FAILURES);
  expect(new Set(failures.map(({ reason }) => reason))).toEqual(new Set(['USER_NOT_FOUND']));
  // Of each worker ten of a minute and a count, or two minutes of them.
  expect(failures.length).toBeLessThanOrEqual(44);
});
