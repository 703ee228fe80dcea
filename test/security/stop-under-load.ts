import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { storeOfTest, type TestStore } from '../support/stores.ts';
import { askHealth, askReadiness } from './asked-health.ts';
import { Backend, PASSWORD, send, tally } from './backend.ts';
import { Caller, Load, type LoadUser, RESET, SAFE_TO_REPEAT, type SentCall } from './load.ts';
import { startServerProcess } from './server-process.ts';

const CALLS_A_SECOND = 200;
/** So many are answered before a server is stopped: it is in the midst of its work. */
const ANSWERED_BEFORE = 40;

export interface Store {
  readonly orgId: string;
  readonly testStore: TestStore;
  readonly apiKey: string;
  readonly user: LoadUser;
}

/** A store with two users, one of them signed in. */
async function newStore(): Promise<Store> {
  const testStore = await storeOfTest();
  const server = await startServerProcess(testStore);
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const made = await send(server.httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
  const backend = new Backend(server.httpAddress, made.field('api_key'));
  const [email, loginEmail] = ['one@example.com', 'two@example.com'];
  expect((await backend.signUp(email)).outcome).toBe('OK');
  expect((await backend.signUp(loginEmail)).outcome).toBe('OK');
  const session = (await backend.login(email)).field('token');
  expect(await server.end('SIGTERM')).toBe(0);
  return {
    orgId: made.field('org_id'),
    testStore,
    apiKey: backend.apiKey,
    user: { email, loginEmail, password: PASSWORD, session },
  };
}

/** How often, and how. */
export interface Stops {
  readonly stops: number;
  /**
   * Whether the product's own drain timeout has to do, so that all of it takes less than ten seconds. Otherwise the server
   * is given five minutes: how fast a machine is whose processors are taken is no matter of the stop.
   */
  readonly isTimed: boolean;
  /** How many processes serve; by default one. */
  readonly workers?: number;
}

/**
 * Stops servers at 200 calls a second, one after the other. What was sent before is answered OK, nothing is cut off, health
 * turns first, and the process ends with 0.
 */
export async function expectStops({ stops, isTimed, workers = 1 }: Stops): Promise<void> {
  const store = await newStore();
  let [logins, lateLogins, served, refused, turns] = [0, 0, 0, 0, 0];
  for (let stop = 0; stop < stops; stop += 1) {
    const { exitCode, drainedMs, before, after, readyz, health } = await stopUnderLoad(store, isTimed, workers);
    expect(tally(before.filter(inTime(isTimed)).map(outcomeOf))).toEqual({ OK: before.filter(inTime(isTimed)).length });
    expect(before.length).toBeGreaterThanOrEqual(ANSWERED_BEFORE);
    const {
      OK = 0,
      UNAVAILABLE = 0,
      NOT_CONNECTED = 0,
      // No server of HTTP/1.1 can keep a caller from sending on a connection that it is just closing.
      [RESET]: _reset = 0,
      ...others
    } = tally(after.filter(inTime(isTimed)).map(outcomeOf));
    expect(others).toEqual({});
    expect(exitCode).toBe(0);
    if (isTimed) {
      expect(drainedMs).toBeLessThan(10_000);
    }
    // A busy machine may keep a watcher from looking in that moment; it never sees another order.
    expect(['200 503 GONE', '200 GONE']).toContain(readyz.join(' '));
    expect(['SERVING NOT_SERVING GONE', 'SERVING GONE']).toContain(health.join(' '));
    turns += Number(readyz.includes('503')) + Number(health.includes('NOT_SERVING'));
    served += OK;
    refused += UNAVAILABLE + NOT_CONNECTED;
    logins += [...before, ...after].filter(isLogin).length;
    lateLogins += [...before, ...after].filter(isLateLogin).length;
  }
  expect(turns).toBeGreaterThan(0);
  // What comes after the signal is served for a moment, and refused then.
  expect(Math.min(served, refused)).toBeGreaterThan(0);
  // The one of newStore, and those that were answered: no login was cut off after its write.
  const sessions = await sessionsIn(store);
  expect(sessions).toBeGreaterThanOrEqual(1 + logins);
  expect(sessions).toBeLessThanOrEqual(1 + logins + lateLogins);
}

/** Stops two processes of one store in turn, so many times, behind a client that tries both: no call of its fails. */
export async function expectStopsOfTwo({ stops, isTimed }: Stops): Promise<void> {
  const store = await newStore();
  const { testStore, apiKey, user } = store;
  const start = () => startServerProcess(testStore, drainOf(isTimed));
  const servers = [await start(), await start()];
  const callers = servers.map((server) => new Caller(server, apiKey));
  let turn = 0;
  let secondTries = 0;
  const load = new Load(CALLS_A_SECOND, user, async (...call) => {
    turn += 1;
    const [first, second] = turn % 2 === 0 ? callers : [callers[1], callers[0]];
    const answer = await first?.call(...call);
    if (answer === undefined || second === undefined) {
      throw new Error('there are two callers');
    }
    // A login that was done before its reset would meet its spent nonce.
    if (![...SAFE_TO_REPEAT, RESET].includes(answer.outcome)) {
      return answer;
    }
    secondTries += 1;
    return second.call(...call);
  });
  for (let stop = 0; stop < stops; stop += 1) {
    const index = stop % 2;
    await load.answered(ANSWERED_BEFORE);
    expect(await servers[index]?.end('SIGTERM')).toBe(0);
    servers[index] = await start();
    callers[index]?.close();
    callers[index] = new Caller(servers[index], apiKey);
  }
  const sent = await load.end();
  for (const caller of callers) {
    caller.close();
  }
  const answered = sent.filter(inTime(isTimed));
  expect(tally(answered.map(outcomeOf))).toEqual({ OK: answered.length });
  expect(answered.length).toBeGreaterThanOrEqual(stops * ANSWERED_BEFORE);
  expect(secondTries).toBeGreaterThan(0);
  const [logins, sessions] = [sent.filter(isLogin).length, await sessionsIn(store)];
  expect(sessions).toBeGreaterThanOrEqual(1 + logins);
  expect(sessions).toBeLessThanOrEqual(1 + logins + sent.filter(isLateLogin).length);
}

const outcomeOf = ({ outcome }: SentCall): string => outcome;
const isLogin = ({ name, outcome }: SentCall): boolean => name.endsWith('login') && outcome === 'OK';
const isLate = ({ outcome }: SentCall): boolean => outcome === 'DEADLINE_EXCEEDED';
const isLateLogin = (call: SentCall): boolean => call.name.endsWith('login') && isLate(call);

/**
 * A call that was answered after its ten seconds was answered: where the processors are taken a hash may take longer, and that
 * is no matter of the stop. A session may have been made for it by then.
 */
const inTime =
  (isTimed: boolean) =>
  (call: SentCall): boolean =>
    isTimed || !isLate(call);

async function sessionsIn({ testStore, orgId }: Store): Promise<number> {
  return (await testStore.query(`SELECT session_id FROM sessions WHERE org_id = '${orgId}'`)).length;
}

interface Stop {
  readonly exitCode: number | null;
  readonly drainedMs: number;
  /** What was surely sent before the signal, and the rest. */
  readonly before: readonly SentCall[];
  readonly after: readonly SentCall[];
  /** What callers with a new connection each were told of the server's health, without repetitions. */
  readonly readyz: readonly string[];
  readonly health: readonly string[];
}

const drainOf = (isTimed: boolean): { readonly drainTimeout?: string } => (isTimed ? {} : { drainTimeout: '5m' });

async function stopUnderLoad({ testStore, apiKey, user }: Store, isTimed: boolean, workers: number): Promise<Stop> {
  const server = await startServerProcess(testStore, { ...drainOf(isTimed), workers });
  const caller = new Caller(server, apiKey);
  const load = new Load(CALLS_A_SECOND, user, (...call) => caller.call(...call));
  const [readyz, health] = [watch(() => askReadiness(server)), watch(() => askHealth(server))];
  await Promise.all([readyz.begun, health.begun, load.answered(ANSWERED_BEFORE)]);
  // What was handed to the system before this call is read before it: by gRPC in the same connection, and by HTTP while
  // the server serves on after the signal.
  const fencedAt = performance.now();
  const fence = await caller.call('grpc', 'validate', { email: user.email, sessionToken: user.session });
  expect(fence.outcome).toBe('OK');
  const exit = once(server.child, 'exit');
  const signalledAt = performance.now();
  server.child.kill('SIGTERM');
  const [exitCode] = await exit;
  const drainedMs = performance.now() - signalledAt;
  const sent = await load.end();
  caller.close();
  return {
    exitCode,
    drainedMs,
    before: sent.filter(({ sentAt }) => sentAt < fencedAt),
    after: sent.filter(({ sentAt }) => sentAt >= fencedAt),
    readyz: await readyz.ended,
    health: await health.ended,
  };
}

interface Watch {
  /** The first answer is there. */
  readonly begun: Promise<unknown>;
  /** The answers, each as often as it changed. */
  readonly ended: Promise<readonly string[]>;
}

/** Asks, by a new connection each time, until there is none to be had. */
function watch(look: () => Promise<string>): Watch {
  const begun = look();
  async function run(): Promise<readonly string[]> {
    const seen = [await begun];
    const deadline = performance.now() + 300_000;
    while (seen.at(-1) !== 'GONE' && performance.now() < deadline) {
      await pause(5);
      const now = await look();
      if (seen.at(-1) !== now) {
        seen.push(now);
      }
    }
    return seen;
  }
  return { begun, ended: run() };
}
