import { describe, expect, test } from 'vitest';
import { HARD_LOCK_AT } from '../../src/domain/auth/tries.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import type { TestServer } from '../support/running-server.ts';
import { storeOfTest } from '../support/stores.ts';
import type { Entrance, Fields, Refusal, Success } from '../transport/matrix/entrance.ts';
import { ENTRANCES } from '../transport/matrix/entrances.ts';
import { Backend, hashesOf, PASSWORD, send, serverOfTest, tally } from './backend.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const EMAIL = 'ada@example.com';
const WRONG = 'Correct-Horse-8';
const GUESSES = 64;

function reasonOf(outcome: Success | Refusal): string {
  return 'ok' in outcome ? 'OK' : String(outcome.reason);
}

/** An organization and Ada in it. */
async function populated(): Promise<{ server: TestServer; backend: Backend; orgId: string }> {
  const server = await serverOfTest();
  const { orgId, apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  expect((await backend.signUp(EMAIL)).outcome).toBe('OK');
  return { server, backend, orgId };
}

/** Logs in by one entrance, with what else is said. */
async function logIn(
  entrance: Entrance,
  backend: Backend,
  said: Fields = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Success | Refusal> {
  const foobar = await backend.nonce(EMAIL);
  return entrance.call(
    'login',
    { foobar, email: EMAIL, password: PASSWORD, api_key: backend.apiKey, ...said },
    headers,
  );
}

/** Locks Ada to whoever has the token key, past the product's own guesses, for which there is no time. */
async function lockHard({ ports }: TestServer, orgId: string): Promise<void> {
  const { storage, rules, ids, clock } = ports;
  const epoch = (await storage.readStoreIdentity())?.epoch ?? '';
  const lock = { ...rules.lock, lockMaxMs: 0 };
  const userId = (await storage.findUserByEmail(orgId, EMAIL))?.userId ?? null;
  for (let failures = 0; failures < HARD_LOCK_AT.token_key; failures += 1) {
    const at = clock.now();
    const nonce = { nonceId: ids.uuidV4(), keepUntil: at, epoch };
    const tenant = { orgId, keyId: null };
    const said = { callerClass: 'token_key', device: null, hidesUsers: false, part: 0, lock, at } as const;
    expect(await storage.beginLogin({ tenant, email: EMAIL, nonce, ...said })).toMatchObject({ outcome: 'begun' });
    const endId = ids.uuidV4();
    await storage.endTry({
      orgId,
      email: EMAIL,
      countedAs: 'token_key',
      userId,
      lock,
      endId,
      sessionId: null,
      end: 'failed',
      at,
    });
  }
}

/**
 * How many of the guesses were compared: five, and on a machine that takes seconds for all of them one more for each wait that was over
 * meanwhile (1 s, then 2 s, …). The others were told of the lock.
 */
function comparedOf(outcomes: Readonly<Record<string, number>>, begunAt: number): number {
  const { CREDENTIALS_INVALID: compared = 0, ACCOUNT_LOCKED: locked = 0, ...others } = outcomes;
  const waitsOver = Math.floor(Math.log2((performance.now() - begunAt) / 1_000 + 1));
  expect(others).toEqual({});
  expect(compared + locked).toBe(GUESSES);
  expect(compared).toBeGreaterThanOrEqual(5);
  expect(compared).toBeLessThanOrEqual(5 + waitsOver);
  return compared;
}

describe('A1: by every entrance', () => {
  test('64 guesses at once are five hashes, and the others are told how long to wait', async () => {
    const { server, backend } = await populated();
    const entrances = ENTRANCES.map((kind) => kind.enter(server));
    const before = await hashesOf(server.httpAddress);
    // Before, so that the guesses come closer together than the first wait.
    const nonces = await Promise.all(Array.from({ length: GUESSES }, () => backend.nonce(EMAIL)));
    const begunAt = performance.now();
    const outcomes = await Promise.all(
      nonces.map((foobar, index) => {
        const guess = { foobar, email: EMAIL, password: WRONG, api_key: backend.apiKey };
        return (entrances[index % entrances.length] as Entrance).call('login', guess, {});
      }),
    );
    const hashed = comparedOf(tally(outcomes.map(reasonOf)), begunAt);
    expect(
      outcomes.every((outcome) => 'ok' in outcome || outcome.waits === (outcome.reason === 'ACCOUNT_LOCKED')),
    ).toBe(true);
    expect((await hashesOf(server.httpAddress)) - before).toBe(hashed);
    for (const entrance of entrances) {
      entrance.close();
    }
  });

  test('a lock that only an administrator opens names no wait; a known device is let in beside it, by field and by bearer', async () => {
    const { server, backend, orgId } = await populated();
    const sessionToken = (await backend.login(EMAIL)).field('token');
    await lockHard(server, orgId);
    for (const kind of ENTRANCES) {
      const entrance = kind.enter(server);
      const status = kind.codes === 'grpc' ? 8 : 429;
      const locked = { reason: 'ACCOUNT_LOCKED', status, violations: [], waits: false };
      expect(await logIn(entrance, backend), kind.name).toMatchObject(locked);
      expect(reasonOf(await logIn(entrance, backend, { sessionToken })), kind.name).toBe('OK');
      const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
      expect(reasonOf(await logIn(entrance, backend, {}, bearer(sessionToken))), kind.name).toBe('OK');
      // What is no sign of a device is as none.
      expect(await logIn(entrance, backend, { sessionToken: 'garbage' }), kind.name).toMatchObject(locked);
      expect(await logIn(entrance, backend, {}, bearer('garbage')), kind.name).toMatchObject(locked);
      expect(await logIn(entrance, backend, { sessionToken }, bearer('garbage')), kind.name).toMatchObject(locked);
      entrance.close();
    }
  });

  test('ten wrong current passwords end the session that brought them, whichever entrances they came by', async () => {
    const { server, backend } = await populated();
    const [sessionToken, untouched] = [await backend.login(EMAIL), await backend.login(EMAIL)].map((login) =>
      login.field('token'),
    ) as [string, string];
    const entrances = ENTRANCES.map((kind) => kind.enter(server));
    const before = await hashesOf(server.httpAddress);
    for (let failures = 0; failures < 10 + entrances.length; failures += 1) {
      const entrance = entrances[failures % entrances.length] as Entrance;
      const change = { sessionToken, email: EMAIL, newPassword: 'Other-Horse-9', currentPassword: WRONG };
      const outcome = await entrance.call('changePassword', { api_key: backend.apiKey, ...change }, {});
      expect(reasonOf(outcome)).toBe(failures < 10 ? 'CREDENTIALS_INVALID' : 'SESSION_REVOKED');
    }
    expect((await hashesOf(server.httpAddress)) - before).toBe(10);
    expect((await backend.validate(EMAIL, sessionToken)).outcome).toBe('SESSION_REVOKED');
    expect((await backend.validate(EMAIL, untouched)).outcome).toBe('OK');
    for (const entrance of entrances) {
      entrance.close();
    }
  });

  test('a session token of another type in JSON is as none, and fails no login', async () => {
    const { backend } = await populated();
    for (const sessionToken of [7, true, {}, []]) {
      const foobar = await backend.nonce(EMAIL);
      const login = { foobar, email: EMAIL, password: PASSWORD, sessionToken };
      expect((await backend.call('login', login)).outcome).toBe('OK');
    }
  });
});

/** Two servers of one store, each of two processes where the store is a file, and backends that speak to them in turn. */
async function cluster(): Promise<{ backends: readonly Backend[]; processes: readonly ServerProcess[] }> {
  const store = await storeOfTest();
  const processes = [await startServerProcess(store, { workers: 2 }), await startServerProcess(store)];
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const created = await send(processes[0]?.httpAddress ?? '', '/organizations', { body: { name: 'Acme' }, headers });
  const backends = processes.map(({ httpAddress }) => new Backend(httpAddress, created.field('api_key')));
  return { backends, processes };
}

/** Makes calls at once, by the backends in turn. */
async function inTurn(
  count: number,
  backends: readonly Backend[],
  make: (backend: Backend) => Promise<string>,
): Promise<Record<string, number>> {
  return tally(
    await Promise.all(Array.from({ length: count }, (_, index) => make(backends[index % backends.length] as Backend))),
  );
}

describe('A1: over several servers and processes of one store', () => {
  test('64 guesses at once are five hashes', async () => {
    const { backends, processes } = await cluster();
    expect((await (backends[0] as Backend).signUp(EMAIL)).outcome).toBe('OK');
    const hashes = async () => {
      const counts = await Promise.all(processes.map(({ httpAddress }) => hashesOf(httpAddress)));
      return counts.reduce((sum, count) => sum + count, 0);
    };
    const before = await hashes();
    const begunAt = performance.now();
    const outcomes = await inTurn(GUESSES, backends, async (backend) => (await backend.login(EMAIL, WRONG)).outcome);
    const hashed = comparedOf(outcomes, begunAt);
    // A page of several processes may be a second old.
    await expect.poll(async () => (await hashes()) - before).toBeGreaterThanOrEqual(hashed);
    expect((await hashes()) - before).toBe(hashed);
  });

  test('30 right logins at once all succeed', async () => {
    const { backends } = await cluster();
    expect((await (backends[0] as Backend).signUp(EMAIL)).outcome).toBe('OK');
    expect(await inTurn(30, backends, async (backend) => (await backend.login(EMAIL)).outcome)).toEqual({ OK: 30 });
  });

  test('of 64 guesses at the current password at once, by all calls that take one, ten are compared; the session has ended in all of them', async () => {
    const { backends } = await cluster();
    const [one, other] = backends as [Backend, Backend];
    expect((await one.signUp(EMAIL)).outcome).toBe('OK');
    const sessionToken = (await one.login(EMAIL)).field('token');
    const guessed = { email: EMAIL, sessionToken, currentPassword: WRONG };
    const fields = { ...guessed, newPassword: 'Other-Horse-9', newEmail: 'eve@example.com' };
    const calls = ['changePassword', 'change-email', 'deleteUser'] as const;
    let guesses = 0;
    const guess = async (backend: Backend): Promise<string> => {
      guesses += 1;
      const { outcome } = await backend.call(calls[guesses % calls.length] ?? 'changePassword', fields);
      // The queue of hashes takes no more of one organization: nothing was counted.
      return outcome === 'OVERLOADED' ? guess(backend) : outcome;
    };
    expect(await inTurn(GUESSES, backends, guess)).toEqual({ CREDENTIALS_INVALID: 10, SESSION_REVOKED: 54 });
    for (const backend of [one, other]) {
      expect((await backend.validate(EMAIL, sessionToken)).outcome).toBe('SESSION_REVOKED');
    }
  });

  test('what was answered before a server was killed is counted, and what was under way is too', async () => {
    const store = await storeOfTest();
    const [guessed, kept] = [await startServerProcess(store), await startServerProcess(store)];
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const created = await send(kept.httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
    const [victim, other] = [guessed, kept].map(
      ({ httpAddress }) => new Backend(httpAddress, created.field('api_key')),
    ) as [Backend, Backend];
    for (let round = 0; round < 10; round += 1) {
      expect((await other.signUp(`user${round}@example.com`)).outcome).toBe('OK');
    }
    const answered: Record<string, number> = {};
    const guess = async (email: string) => {
      const { outcome } = await victim.login(email, WRONG);
      if (outcome === 'CREDENTIALS_INVALID') {
        answered[email] = (answered[email] ?? 0) + 1;
      }
    };
    const guesses = Array.from({ length: 200 }, (_, index) =>
      guess(`user${index % 10}@example.com`).catch(() => undefined),
    );
    await expect.poll(() => Object.keys(answered).length).toBeGreaterThan(0);
    await guessed.end('SIGKILL');
    await Promise.all(guesses);
    const rows = await store.query<{ email: string; failures: number | string }>(
      'SELECT email, failures FROM login_tries',
    );
    for (const [email, count] of Object.entries(answered)) {
      const counted = rows.find((row) => row.email === email)?.failures ?? 0;
      expect(Number(counted), email).toBeGreaterThanOrEqual(count);
    }
  });
});
