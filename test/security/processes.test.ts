import { describe, expect, test } from 'vitest';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { freshPage } from '../support/fresh-page.ts';
import { storeOfTest, type TestStore } from '../support/stores.ts';
import { times } from '../support/times.ts';
import { Backend, inParallel, PASSWORD, send, tally } from './backend.ts';
import { expectFinalLogouts } from './final-logouts.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const WIRE_LOGOUTS = times(1_000, { beside: 100 });
const PAIRS = times(10_000, { beside: 300 });

const emailOf = (index: number): string => `user${index}@example.com`;

async function organizationOf(server: ServerProcess): Promise<string> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const made = await send(server.httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
  expect(made.outcome).toBe('OK');
  return made.field('api_key');
}

/** Two processes over one store, with `users` signed up. */
async function twoProcesses(users: number): Promise<{
  readonly store: TestStore;
  readonly processes: readonly [ServerProcess, ServerProcess];
  readonly backends: readonly [Backend, Backend];
}> {
  const store = await storeOfTest();
  const first = await startServerProcess(store);
  const second = await startServerProcess(store);
  const apiKey = await organizationOf(first);
  const backends = [new Backend(first.httpAddress, apiKey), new Backend(second.httpAddress, apiKey)] as const;
  const replies = await inParallel(users, 8, (index) => backends[0].signUp(emailOf(index)));
  expect(tally(replies.map(({ outcome }) => outcome))).toEqual(users === 0 ? {} : { OK: users });
  return { store, processes: [first, second], backends };
}

describe('S1: logout is final at once', () => {
  test(`in two processes over the wire: ${WIRE_LOGOUTS} logouts in one, 0 accepted by the other`, async () => {
    const { backends } = await twoProcesses(20);
    const outcomes = await inParallel(WIRE_LOGOUTS, 16, async (index) => {
      const [here, there] = index % 2 === 0 ? backends : ([backends[1], backends[0]] as const);
      const email = emailOf(index % 20);
      const token = (await here.login(email)).field('token');
      const before = (await there.validate(email, token)).outcome;
      const ended = (await here.logout(email, token)).outcome;
      const after = (await there.validate(email, token)).outcome;
      return `${before} ${ended} ${after}`;
    });
    expect(tally(outcomes)).toEqual({ 'OK OK SESSION_REVOKED': WIRE_LOGOUTS });
  }, 600_000);

  test(`${PAIRS} pairs through two servers of one store`, () => expectFinalLogouts(PAIRS), 600_000);

  test('also after kill -9 and a restart', async () => {
    const { store, processes, backends } = await twoProcesses(4);
    const sessions = await inParallel(100, 8, async (index) => {
      const email = emailOf(index % 4);
      const token = (await backends[0].login(email)).field('token');
      // Every other one is kept.
      if (index % 2 === 0) {
        expect((await backends[0].logout(email, token)).outcome).toBe('OK');
      }
      return { email, token };
    });
    await processes[0].end('SIGKILL');
    await processes[1].end('SIGKILL');
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const again = await startServerProcess(store);
      const backend = new Backend(again.httpAddress, backends[0].apiKey);
      const outcomes = await inParallel(100, 8, async (index) => {
        const { email, token } = sessions[index] ?? { email: '', token: '' };
        return `${index % 2} ${(await backend.validate(email, token)).outcome}`;
      });
      expect(tally(outcomes)).toEqual({ '0 SESSION_REVOKED': 50, '1 OK': 50 });
      await again.end(signal);
    }
  });
});

describe('N1: a nonce is spent once, and buys one hash', () => {
  const CONSUMERS = 16;
  const NONCES = times(100, { beside: 20 });

  /** Sends each nonce 16 times at once: more would meet a full hash queue, which spends no nonce, to the backends in turn. */
  async function spend(backends: readonly Backend[], round: (index: number) => [password: string, success: string]) {
    for (let index = 0; index < NONCES; index += 1) {
      // Each is right and wrong in turn, so that nobody is locked.
      const email = emailOf(Math.floor(index / 2) % 10);
      const foobar = (await backends[0]?.nonce(email)) ?? '';
      const [password, success] = round(index);
      const replies = await Promise.all(
        Array.from({ length: CONSUMERS }, (_, i) =>
          backends[i % backends.length]?.call('login', { foobar, email, password }),
        ),
      );
      expect(tally(replies.map((reply) => reply?.outcome ?? ''))).toEqual({ [success]: 1, NONCE_USED: CONSUMERS - 1 });
    }
  }

  const rightOrWrong = (index: number): [string, string] =>
    index % 2 === 0 ? [PASSWORD, 'OK'] : [`${PASSWORD}x`, 'CREDENTIALS_INVALID'];

  test('over the wire, with one process and with two', async () => {
    const { backends, processes } = await twoProcesses(10);
    for (const count of [1, 2]) {
      const before = await hashes(processes);
      await spend(backends.slice(0, count), rightOrWrong);
      expect((await hashes(processes)) - before).toBe(NONCES);
    }
  });

  test('SignUp with one nonce and one e-mail creates one user', async () => {
    const { backends } = await twoProcesses(0);
    const outcomes = await inParallel(50, 4, async (index) => {
      const email = emailOf(index);
      const foobar = await backends[0].nonce(email);
      const fields = { foobar, email, password: PASSWORD, fullname: 'Ada', disclaimed: 'true' };
      const replies = await Promise.all(
        backends.flatMap((backend) => [0, 1].map(() => backend.call('signUp', fields))),
      );
      return replies.map(({ outcome }) => outcome).sort();
    });
    expect(tally(outcomes.flat())).toEqual({ NONCE_USED: 150, OK: 50 });
  });
});

async function hashes(processes: readonly ServerProcess[]): Promise<number> {
  const counts = await Promise.all(
    processes.map(async ({ httpAddress }) => {
      const page = async () => (await send(httpAddress, '/metrics', { method: 'GET' })).text;
      return Number(/^authflow_password_hashes_total (\d+)$/m.exec(await freshPage(page))?.[1]);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

test('R8: no nonce twice over a restart, and one that was not spent is good after it', async () => {
  const store = await storeOfTest();
  let server = await startServerProcess(store);
  const apiKey = await organizationOf(server);
  let backend = new Backend(server.httpAddress, apiKey);
  await backend.signUp(emailOf(0));
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const [spent, kept] = [await backend.nonce(emailOf(0)), await backend.nonce(emailOf(0))];
    const login = { email: emailOf(0), password: PASSWORD };
    expect((await backend.call('login', { ...login, foobar: spent })).outcome).toBe('OK');
    await server.end(signal);
    server = await startServerProcess(store);
    backend = new Backend(server.httpAddress, apiKey);
    expect((await backend.call('login', { ...login, foobar: spent })).outcome).toBe('NONCE_USED');
    expect((await backend.call('login', { ...login, foobar: kept })).outcome).toBe('OK');
  }
});
