import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openStorage } from '../../src/storage/open-storage.ts';
import { startTestServer } from '../support/running-server.ts';
import { frame } from '../transport/grpc/test-server.ts';
import { Backend, PASSWORD, send, tally } from './backend.ts';
import { Caller, Load, type LoadUser, RESET, SAFE_TO_REPEAT, type SentCall } from './load.ts';
import { ADMIN_TOKEN, type ServerProcess, startServerProcess, temporaryDataDir } from './server-process.ts';

const CALLS_A_SECOND = 200;
const STOPS = 20;
/** How long each server is under load before it is stopped. */
const LOAD_MS = 400;

/** A call that this process began so long before may have been held up in it, and left it behind the signal. */
const ON_THE_WAY_MS = 50;

interface Store {
  readonly orgId: string;
  readonly dataDir: string;
  readonly apiKey: string;
  readonly user: LoadUser;
}

/** A store with two users, one of them signed in. */
async function newStore(): Promise<Store> {
  const dataDir = temporaryDataDir();
  const server = await startServerProcess(dataDir);
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
    dataDir,
    apiKey: backend.apiKey,
    user: { email, loginEmail, password: PASSWORD, session },
  };
}

describe('R7: SIGTERM at 200 calls a second', () => {
  test(`${STOPS} times: what was sent before is answered OK, nothing is cut off, health turns first, exit 0`, async () => {
    const store = await newStore();
    let [logins, served, refused, turns] = [0, 0, 0, 0];
    for (let stops = 0; stops < STOPS; stops += 2) {
      const rounds = await Promise.all([stopUnderLoad(store), stopUnderLoad(store)]);
      for (const { exitCode, drainedMs, before, after, readyz, health } of rounds) {
        expect(tally(before.map(outcomeOf))).toEqual({ OK: before.length });
        expect(before.length).toBeGreaterThan((CALLS_A_SECOND * LOAD_MS) / 1_000 / 4);
        const {
          OK = 0,
          UNAVAILABLE = 0,
          NOT_CONNECTED = 0,
          // No server of HTTP/1.1 can keep a caller from sending on a connection that it is just closing.
          [RESET]: _reset = 0,
          ...others
        } = tally(after.map(outcomeOf));
        expect(others).toEqual({});
        expect(exitCode).toBe(0);
        expect(drainedMs).toBeLessThan(10_000);
        // A busy machine may keep a watcher from looking in that moment; it never sees another order.
        expect(['200 503 GONE', '200 GONE']).toContain(readyz.join(' '));
        expect(['SERVING NOT_SERVING GONE', 'SERVING GONE']).toContain(health.join(' '));
        turns += Number(readyz.includes('503')) + Number(health.includes('NOT_SERVING'));
        served += OK;
        refused += UNAVAILABLE + NOT_CONNECTED;
        logins += [...before, ...after].filter(isLogin).length;
      }
    }
    expect(turns).toBeGreaterThan(0);
    // What comes behind the signal is served for a moment, and refused then.
    expect(Math.min(served, refused)).toBeGreaterThan(0);
    // The one of newStore, and those that were answered: no login was cut off behind its write.
    expect(await sessionsIn(store)).toBe(1 + logins);
  });

  test('one of two processes after the other: a client that tries both has no failed call', async () => {
    const store = await newStore();
    const { dataDir, apiKey, user } = store;
    const servers = [await startServerProcess(dataDir), await startServerProcess(dataDir)];
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
    for (const index of [0, 1, 0, 1]) {
      await pause(LOAD_MS / 2);
      expect(await servers[index]?.end('SIGTERM')).toBe(0);
      servers[index] = await startServerProcess(dataDir);
      callers[index]?.close();
      callers[index] = new Caller(servers[index], apiKey);
    }
    const sent = await load.end();
    for (const caller of callers) {
      caller.close();
    }
    expect(tally(sent.map(outcomeOf))).toEqual({ OK: sent.length });
    expect(sent.length).toBeGreaterThan(CALLS_A_SECOND);
    expect(secondTries).toBeGreaterThan(0);
    expect(await sessionsIn(store)).toBe(1 + sent.filter(isLogin).length);
  });
});

const outcomeOf = ({ outcome }: SentCall): string => outcome;
const isLogin = ({ name, outcome }: SentCall): boolean => name.endsWith('login') && outcome === 'OK';

async function sessionsIn({ dataDir, orgId }: Store): Promise<number> {
  const storage = await openStorage({ databaseUrl: `sqlite:${join(dataDir, 'authflow.db')}`, migrate: false });
  const sessions = await storage.listSessions(orgId, null, { limit: 100_000, after: null });
  await storage.close();
  return sessions.length;
}

test('R7: health has turned for who comes by a new connection, while calls are served as before', async () => {
  const server = await startTestServer({ settings: { drainTimeoutMs: 10_000 } });
  const { apiKey } = await server.createOrganization();
  expect([await askReadiness(server), await askHealth(server)]).toEqual(['200', 'SERVING']);
  const stopped = server.stop();
  const [readyz, health, nonce] = await Promise.all([
    askReadiness(server),
    askHealth(server),
    send(server.httpAddress, '/auth/fooBar', { body: { identity: 'user@example.com', api_key: apiKey } }),
  ]);
  expect([readyz, health, nonce.outcome]).toEqual(['503', 'NOT_SERVING', 'OK']);
  await stopped;
  expect([await askReadiness(server), await askHealth(server)]).toEqual(['GONE', 'GONE']);
  await server[Symbol.asyncDispose]();
});

test('R7: a stop in the very moment in which callers leave ends like any other', async () => {
  for (let turns = 0; turns < 24; turns += 1) {
    const server = await startTestServer();
    const sessions = [server.httpAddress, `http://${server.grpcAddress}`].flatMap((address) =>
      Array.from({ length: 5 }, () => connect(address)),
    );
    await Promise.all(sessions.map((session) => once(session, 'remoteSettings')));
    for (const session of sessions) {
      session.destroy();
    }
    for (let turn = 0; turn < turns; turn += 1) {
      await nextTurn();
    }
    await server[Symbol.asyncDispose]();
  }
});

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

async function stopUnderLoad({ dataDir, apiKey, user }: Store): Promise<Stop> {
  const server = await startServerProcess(dataDir);
  const caller = new Caller(server, apiKey);
  const load = new Load(CALLS_A_SECOND, user, (...call) => caller.call(...call));
  const [readyz, health] = [watch(() => askReadiness(server)), watch(() => askHealth(server))];
  await Promise.all([readyz.begun, health.begun, pause(LOAD_MS)]);
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
    before: sent.filter(({ sentAt }) => sentAt < signalledAt - ON_THE_WAY_MS),
    after: sent.filter(({ sentAt }) => sentAt >= signalledAt - ON_THE_WAY_MS),
    readyz: await readyz.ended,
    health: await health.ended,
  };
}

type Address = Pick<ServerProcess, 'httpAddress' | 'grpcAddress'>;

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
    const deadline = performance.now() + 20_000;
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

function askReadiness({ httpAddress }: Address): Promise<string> {
  return new Promise((resolve) => {
    const call = get(`${httpAddress}/readyz`, { agent: new Agent({ keepAlive: false }) }, (response) => {
      response.resume();
      response.on('end', () => resolve(String(response.statusCode)));
    });
    call.on('error', () => resolve('GONE'));
  });
}

function askHealth({ grpcAddress }: Address): Promise<string> {
  return new Promise((resolve) => {
    const session = connect(`http://${grpcAddress}`);
    const end = (answer: string): void => {
      session.destroy();
      resolve(answer);
    };
    session.on('error', () => end('GONE'));
    session.once('connect', () => {
      const headers = {
        ':method': 'POST',
        ':path': '/grpc.health.v1.Health/Check',
        'content-type': 'application/grpc',
      };
      const stream = session.request(headers);
      stream.on('error', () => end('GONE'));
      // HealthCheckResponse: field 1 is the status; 1 is SERVING, 2 is NOT_SERVING.
      stream.once('data', (body: Buffer) => end({ 1: 'SERVING', 2: 'NOT_SERVING' }[body[6] ?? 0] ?? 'unknown'));
      stream.on('close', () => end('GONE'));
      stream.end(frame(new Uint8Array()));
    });
  });
}
