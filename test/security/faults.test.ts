import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { credentials, Metadata } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { HashPoolOptions } from '../../src/crypto/hash-pool.ts';
import { storeOfTest } from '../support/stores.ts';
import { ask, authClient, errorOf, shownBy } from '../transport/grpc/test-server.ts';
import { Backend, inParallel, PASSWORD, send, serverOfTest, tally } from './backend.ts';

const EMAIL = 'user@example.com';
const BUSY_EMAIL = 'busy@example.com';

vi.mock('../../src/crypto/hash-pool.ts', async (importOriginal) => {
  const { HashPool } = await importOriginal<{ HashPool: new (options: HashPoolOptions) => object }>();
  const workerFile = new URL('../support/dying-hash-worker.js', import.meta.url);
  return {
    HashPool: class extends HashPool {
      constructor(options: HashPoolOptions) {
        super({ ...options, workerFile });
      }
    },
  };
});

// A thread whose memory is full takes seconds to die on a busy machine, and a call meets two: no call ends by its time here.
vi.mock('../../src/operations/call.ts', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  MAX_CALL_MS: 120_000,
}));

describe.each(['Exit-Thread-7', 'Throw-Fault-7', 'Memory-Full-7'])('R11: a hash thread dies of %s', (password) => {
  // Each takes two threads with it; one whose memory is full takes a second to die.
  const deaths = password.startsWith('Memory') ? 1 : 6;

  test('others are served meanwhile and afterwards, and who it happened to is told INTERNAL: its nonce is spent', async () => {
    const server = await serverOfTest();
    const { orgId, apiKey } = await server.createOrganization();
    const backend = new Backend(server.httpAddress, apiKey);
    // A user has at most 100 sessions, so that the logins are another one's.
    await backend.signUp(EMAIL);
    await backend.signUp(BUSY_EMAIL);
    const session = (await backend.login(EMAIL)).field('token');

    let isOver = false;
    onTestFinished(() => {
      isOver = true;
    });
    const others = inParallel(3, 3, async (lane) => {
      const outcomes: string[] = [];
      while (!isOver) {
        const reply = lane === 0 ? await backend.login(BUSY_EMAIL) : await backend.validate(EMAIL, session);
        outcomes.push(`${lane === 0 ? 'login' : 'validate'} ${reply.outcome}`);
      }
      return outcomes;
    });
    const died = await inParallel(deaths, 2, () => backend.login(EMAIL, password));
    const signUp = await backend.signUp('other@example.com', password);
    const overGrpc = await loginByGrpc(server.grpcAddress, apiKey, await backend.nonce(EMAIL), password);
    // The very next one finds a thread.
    expect((await backend.login(EMAIL)).outcome).toBe('OK');
    isOver = true;

    expect(tally(died.map(({ status, outcome }) => `${status} ${outcome}`))).toEqual({ '500 INTERNAL': deaths });
    expect(signUp.outcome).toBe('INTERNAL');
    expect(overGrpc).toBe('INTERNAL');
    expect(await server.ports.storage.findUserByEmail(orgId, 'other@example.com')).toBe(null);
    const { 'validate OK': validated = 0, 'login OK': loggedIn = 0, ...failed } = tally((await others).flat());
    expect(failed).toEqual({});
    expect(Math.min(validated, loggedIn)).toBeGreaterThan(0);
    // No reply and no line of the log has the password or the fault that quotes it.
    const texts = [...died, signUp].map(({ text }) => text).concat(server.logLines);
    expect(texts.filter((text) => text.includes(password))).toEqual([]);
  });
});

async function loginByGrpc(address: string, apiKey: string, foobar: string, password: string): Promise<string | null> {
  const client = authClient(address, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('x-api-key', apiKey);
  return shownBy(await errorOf(ask(client, 'login', { email: EMAIL, password, foobar }, { metadata }))).reason;
}

test('R11: rejections that nobody waits for end no service; they are logged without their text', async () => {
  const product = await startProduct();
  const headers = { authorization: `Bearer ${product.adminToken}` };
  const made = await send(product.httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
  const backend = new Backend(product.httpAddress, made.field('api_key'));
  expect((await backend.signUp(EMAIL)).outcome).toBe('OK');
  const session = (await backend.login(EMAIL)).field('token');
  for (let round = 0; round < 10; round += 1) {
    product.kill('SIGUSR2');
    const replies = await Promise.all(Array.from({ length: 10 }, () => backend.validate(EMAIL, session)));
    expect(tally(replies.map(({ outcome }) => outcome))).toEqual({ OK: 10 });
  }
  await expect.poll(() => product.log.join('')).toContain('"unhandled_rejection"');
  expect(product.log.filter((line) => line.includes('Zq7-Marked'))).toEqual([]);
  expect((await backend.login(EMAIL, PASSWORD)).outcome).toBe('OK');
  expect(await product.end()).toBe(0);
});

interface Product {
  readonly httpAddress: string;
  readonly adminToken: string;
  readonly log: readonly string[];
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM; the exit code. */
  end(): Promise<number | null>;
}

/** `authflow serve` itself, with what rejects promises in front of it. */
async function startProduct(): Promise<Product> {
  const adminToken = `afadm_${'A'.repeat(43)}`;
  const [preload, entry] = ['../support/rejecting.js', '../../src/cli/authflow.js'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const store = await storeOfTest();
  const child = spawn(process.execPath, ['--import', preload ?? '', entry ?? '', 'serve'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...store.environment,
      AUTHFLOW_HTTP_PORT: '0',
      AUTHFLOW_GRPC_PORT: '0',
      AUTHFLOW_ADMIN_TOKEN: adminToken,
    },
  });
  const exit = once(child, 'exit');
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await exit;
    }
  });
  const log: string[] = [];
  const started = new Promise<number>((resolve) => {
    createInterface(child.stderr).on('line', (line) => {
      log.push(line);
      const { event, http_port: port }: { event?: string; http_port?: number } = JSON.parse(line);
      if (event === 'started') {
        resolve(port ?? 0);
      }
    });
  });
  const port = await Promise.race([started, exit.then(() => Promise.reject(new Error(log.join('\n'))))]);
  return {
    httpAddress: `http://127.0.0.1:${port}`,
    adminToken,
    log,
    kill: (signal) => child.kill(signal),
    async end() {
      child.kill('SIGTERM');
      const [code] = await exit;
      return code;
    },
  };
}
