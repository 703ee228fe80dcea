import { Agent, request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { logout } from '../../src/domain/logout.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { validate } from '../../src/domain/validate.ts';
import { Backend, inParallel, PASSWORD, send, serverOfTest, tally } from './backend.ts';
import { ADMIN_TOKEN, type ServerProcess, startServerProcess, temporaryDataDir } from './server-process.ts';

const emailOf = (index: number): string => `user${index}@example.com`;

async function organizationOf(server: ServerProcess): Promise<string> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const made = await send(server.httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
  expect(made.outcome).toBe('OK');
  return made.field('api_key');
}

/** Two processes over one data directory, with `users` signed up. */
async function twoProcesses(users: number): Promise<{
  readonly dataDir: string;
  readonly processes: readonly [ServerProcess, ServerProcess];
  readonly backends: readonly [Backend, Backend];
}> {
  const dataDir = temporaryDataDir();
  const first = await startServerProcess(dataDir);
  const second = await startServerProcess(dataDir);
  const apiKey = await organizationOf(first);
  const backends = [new Backend(first.httpAddress, apiKey), new Backend(second.httpAddress, apiKey)] as const;
  const replies = await inParallel(users, 8, (index) => backends[0].signUp(emailOf(index)));
  expect(tally(replies.map(({ outcome }) => outcome))).toEqual(users === 0 ? {} : { OK: users });
  return { dataDir, processes: [first, second], backends };
}

describe('S1: logout is final at once', () => {
  test('in two processes over the wire: 1,000 logouts in one, 0 accepted by the other', async () => {
    const { backends } = await twoProcesses(20);
    const outcomes = await inParallel(1_000, 16, async (index) => {
      const [here, there] = index % 2 === 0 ? backends : ([backends[1], backends[0]] as const);
      const email = emailOf(index % 20);
      const token = (await here.login(email)).field('token');
      const before = (await there.validate(email, token)).outcome;
      const ended = (await here.logout(email, token)).outcome;
      const after = (await there.validate(email, token)).outcome;
      return `${before} ${ended} ${after}`;
    });
    expect(tally(outcomes)).toEqual({ 'OK OK SESSION_REVOKED': 1_000 });
  });

  test('10,000 pairs through two servers of one store', async () => {
    const first = await serverOfTest();
    const second = await serverOfTest({ dataDir: first.dataDir });
    const { orgId, apiKey } = await first.createOrganization();
    const email = 'user@example.com';
    await new Backend(first.httpAddress, apiKey).signUp(email);
    const user = await first.ports.storage.findUserByEmail(orgId, email);
    const userId = user?.userId ?? '';
    const outcomes = await inParallel(10_000, 64, async (index) => {
      const [here, there] = index % 2 === 0 ? [first.ports, second.ports] : [second.ports, first.ports];
      const sessionToken = await newSession(here, { orgId, userId, email });
      const input = { sessionToken, email, orgId: '', apiKey: '', faults: [] };
      if (index % 100 === 0) await validate(there, input);
      await logout(here, input);
      return validate(there, input).then(
        () => 'accepted',
        (error: { reason: string }) => error.reason,
      );
    });
    expect(tally(outcomes)).toEqual({ SESSION_REVOKED: 10_000 });
  });

  test('also after kill -9 and a restart', async () => {
    const { dataDir, processes, backends } = await twoProcesses(4);
    const sessions = await inParallel(100, 8, async (index) => {
      const email = emailOf(index % 4);
      const token = (await backends[0].login(email)).field('token');
      // Every other one is kept.
      if (index % 2 === 0) expect((await backends[0].logout(email, token)).outcome).toBe('OK');
      return { email, token };
    });
    await processes[0].end('SIGKILL');
    await processes[1].end('SIGKILL');
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const again = await startServerProcess(dataDir);
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

async function newSession(
  { storage, clock, ids, sessionTokens }: Ports,
  { orgId, userId, email }: { orgId: string; userId: string; email: string },
): Promise<string> {
  const now = clock.now();
  const sessionId = ids.uuidV7(now);
  const kid = sessionTokens.currentKeyId(now);
  const issuedAtSeconds = Math.floor(now / 1000);
  const expiresAtSeconds = issuedAtSeconds + 3_600;
  const creation = await storage.createSession({
    tenant: { orgId, keyId: null },
    sessionId,
    userId,
    credentialVersion: 1,
    rehash: null,
    createdAt: now,
    expiresAt: expiresAtSeconds * 1000,
    maxLiveSessions: 20_000,
    kid,
  });
  if (creation.outcome !== 'created') throw new Error(creation.outcome);
  return sessionTokens.sign(kid, { sessionId, userId, orgId, email, issuedAtSeconds, expiresAtSeconds }, null);
}

describe('N1: a nonce is spent once, and buys one hash', () => {
  const CONSUMERS = 16;
  const NONCES = 100;

  /** Sends each nonce 16 times at once: more would meet a full hash queue, which spends no nonce, to the backends in turn. */
  async function spend(backends: readonly Backend[], round: (index: number) => [password: string, success: string]) {
    for (let index = 0; index < NONCES; index += 1) {
      const email = emailOf(index % 10);
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

  test.each([1, 2])('over the wire, with %i processes', async (count) => {
    const { backends, processes } = await twoProcesses(10);
    const used = processes.slice(0, count);
    const before = await hashes(used);
    await spend(backends.slice(0, count), rightOrWrong);
    expect((await hashes(used)) - before).toBe(NONCES);
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
      const { text } = await send(httpAddress, '/metrics', { method: 'GET' });
      return Number(/^authflow_password_hashes_total (\d+)$/m.exec(text)?.[1]);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

test('R8: no nonce twice over a restart, and one that was not spent is good after it', async () => {
  const dataDir = temporaryDataDir();
  let server = await startServerProcess(dataDir);
  const apiKey = await organizationOf(server);
  let backend = new Backend(server.httpAddress, apiKey);
  await backend.signUp(emailOf(0));
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const [spent, kept] = [await backend.nonce(emailOf(0)), await backend.nonce(emailOf(0))];
    const login = { email: emailOf(0), password: PASSWORD };
    expect((await backend.call('login', { ...login, foobar: spent })).outcome).toBe('OK');
    await server.end(signal);
    server = await startServerProcess(dataDir);
    backend = new Backend(server.httpAddress, apiKey);
    expect((await backend.call('login', { ...login, foobar: spent })).outcome).toBe('NONCE_USED');
    expect((await backend.call('login', { ...login, foobar: kept })).outcome).toBe('OK');
  }
});

describe('R7: SIGTERM at load', () => {
  test('5 times: no call that was sent before it fails, and the exit code is 0', async () => {
    const dataDir = temporaryDataDir();
    const setup = await startServerProcess(dataDir);
    const apiKey = await organizationOf(setup);
    const backend = new Backend(setup.httpAddress, apiKey);
    await backend.signUp(emailOf(0));
    const session = (await backend.login(emailOf(0))).field('token');
    await setup.end('SIGTERM');
    for (let round = 0; round < 5; round += 1) {
      const server = await startServerProcess(dataDir);
      const load = new Load(server.httpAddress, apiKey, session);
      const ended = load.run();
      await load.answered(50);
      const stoppedAt = performance.now();
      const exit = server.end('SIGTERM');
      load.signalled();
      expect(await exit).toBe(0);
      expect(performance.now() - stoppedAt).toBeLessThan(10_000);
      const { sentBefore, sentAfter } = await ended;
      expect(sentBefore.OK).toBeGreaterThan(49);
      // A call that the stopping server read too late is told so, with a reason that allows a repeat; none is cut off.
      expect(Object.keys(sentBefore).filter((outcome) => !['OK', 'UNAVAILABLE'].includes(outcome))).toEqual([]);
      expect(
        Object.keys(sentAfter).filter((outcome) => !['OK', 'UNAVAILABLE', 'NOT_CONNECTED'].includes(outcome)),
      ).toEqual([]);
    }
  });
});

/** Validates and logs in over kept connections, until the server is gone. */
class Load {
  readonly #address: string;
  readonly #apiKey: string;
  readonly #session: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  #isSignalled = false;
  #answers = 0;
  #onAnswer = (): void => {};

  constructor(address: string, apiKey: string, session: string) {
    this.#address = address;
    this.#apiKey = apiKey;
    this.#session = session;
  }

  /** Fulfilled after this many answers. */
  answered(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onAnswer = () => {
        if (this.#answers >= count) resolve();
      };
    });
  }

  /** The signal was sent: calls from now on may be refused. */
  signalled(): void {
    this.#isSignalled = true;
  }

  async run(): Promise<{ sentBefore: Record<string, number>; sentAfter: Record<string, number> }> {
    const before: string[] = [];
    const after: string[] = [];
    const lane = async (index: number): Promise<void> => {
      for (;;) {
        const list = this.#isSignalled ? after : before;
        const outcome = await (index % 4 === 0 ? this.#login() : this.#validate());
        list.push(outcome);
        this.#answers += 1;
        this.#onAnswer();
        if (outcome !== 'OK' || after.length > 5_000) return;
      }
    };
    await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(lane));
    this.#agent.destroy();
    return { sentBefore: tally(before), sentAfter: tally(after) };
  }

  async #login(): Promise<string> {
    const nonce = await this.#call('fooBar', { identity: emailOf(0) });
    if (nonce.outcome !== 'OK') return nonce.outcome;
    return (await this.#call('login', { foobar: nonce.token, email: emailOf(0), password: PASSWORD })).outcome;
  }

  async #validate(): Promise<string> {
    return (await this.#call('validate', { email: emailOf(0), sessionToken: this.#session })).outcome;
  }

  #call(name: string, fields: Record<string, string>): Promise<{ outcome: string; token: string }> {
    const body = JSON.stringify({ api_key: this.#apiKey, ...fields });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve) => {
      const call = request(`${this.#address}/auth/${name}`, { method: 'POST', agent: this.#agent, headers });
      call.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const json: { error?: string; token?: string } = JSON.parse(Buffer.concat(chunks).toString());
          resolve({ outcome: json.error ?? 'OK', token: json.token ?? '' });
        });
        response.on('error', () => resolve({ outcome: 'CUT_OFF', token: '' }));
      });
      // On a new connection nothing was accepted; on a kept one the server may have ended it in the same moment.
      call.on('error', () => resolve({ outcome: this.#isSignalled ? 'NOT_CONNECTED' : 'CUT_OFF', token: '' }));
      call.end(body);
    });
  }
}
