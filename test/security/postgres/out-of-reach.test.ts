import { expect, test } from 'vitest';
import { ADMIN_TOKEN } from '../../support/admin-token.ts';
import type { PostgresServer } from '../../support/postgres/server.ts';
import { askHealth, askReadiness } from '../asked-health.ts';
import { Backend, send } from '../backend.ts';
import { type ServerProcess, startServerProcess } from '../server-process.ts';
import { ownPostgres } from './own-postgres.ts';

const EMAIL = 'user@example.com';

interface Scene {
  readonly postgres: PostgresServer;
  readonly nodes: readonly [ServerProcess, ServerProcess];
  readonly backends: readonly [Backend, Backend];
  /** A live session, which both nodes have looked up. */
  readonly session: string;
}

/** Two nodes on one PostgreSQL. */
async function newScene(): Promise<Scene> {
  const { postgres, store } = await ownPostgres();
  const nodes = [await startServerProcess(store), await startServerProcess(store)] as const;
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const made = await send(nodes[0].httpAddress, '/organizations', { body: { name: 'Acme' }, headers });
  const backends = [0, 1].map((i) => new Backend(nodes[i === 0 ? 0 : 1].httpAddress, made.field('api_key')));
  const [first, second] = backends;
  if (first === undefined || second === undefined) {
    throw new Error('there are two nodes');
  }
  await first.signUp(EMAIL);
  const session = (await first.login(EMAIL)).field('token');
  expect((await second.validate(EMAIL, session)).outcome).toBe('OK');
  return { postgres, nodes, backends: [first, second], session };
}

const outcomes = (replies: readonly Promise<{ readonly outcome: string }>[]): Promise<string[]> =>
  Promise.all(replies.map(async (reply) => (await reply).outcome));

async function expectReadiness({ nodes }: Scene, status: '200' | '503'): Promise<void> {
  for (const node of nodes) {
    await expect.poll(() => askReadiness(node)).toBe(status);
  }
}

test('R3: while PostgreSQL takes no writes they are UNAVAILABLE and Validate answers; both are back without a restart', async () => {
  const scene = await newScene();
  const { postgres, backends, session } = scene;
  const unspent = await backends[0].nonce(EMAIL);
  await expectReadiness(scene, '200');

  await postgres.query('ALTER SYSTEM SET default_transaction_read_only = on');
  await postgres.query('SELECT pg_reload_conf()');
  await expectReadiness(scene, '503');
  expect(await outcomes(backends.map((backend) => backend.login(EMAIL)))).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
  expect(await outcomes(backends.map((backend) => backend.logout(EMAIL, session)))).toEqual([
    'UNAVAILABLE',
    'UNAVAILABLE',
  ]);
  expect(await outcomes(backends.map((backend) => backend.validate(EMAIL, session)))).toEqual(['OK', 'OK']);

  await postgres.query('ALTER SYSTEM RESET default_transaction_read_only');
  await postgres.query('SELECT pg_reload_conf()');
  await expectReadiness(scene, '200');
  // What was refused was not done, and what was given out before is good.
  expect(await outcomes(backends.map((backend) => backend.validate(EMAIL, session)))).toEqual(['OK', 'OK']);
  const login = { email: EMAIL, password: 'Correct-Horse-7', foobar: unspent };
  expect((await backends[1].call('login', login)).outcome).toBe('OK');
  expect(await outcomes(backends.map((backend) => backend.login(EMAIL)))).toEqual(['OK', 'OK']);
});

test('R3: while PostgreSQL is away each node says so and refuses all; both are back with it, without a restart', async () => {
  const scene = await newScene();
  const { postgres, nodes, backends, session } = scene;
  const unspent = await backends[0].nonce(EMAIL);
  for (const how of ['fast', 'immediate'] as const) {
    await postgres.stop(how);
    await expectReadiness(scene, '503');
    // The process lives, and so does its port: whoever asks is told.
    expect(
      await Promise.all(nodes.map(async ({ httpAddress }) => (await fetch(`${httpAddress}/healthz`)).status)),
    ).toEqual([200, 200]);
    expect(await outcomes(backends.map((backend) => backend.validate(EMAIL, session)))).toEqual([
      'UNAVAILABLE',
      'UNAVAILABLE',
    ]);
    const login = { email: EMAIL, password: 'Correct-Horse-7', foobar: unspent };
    expect((await backends[0].call('login', login)).outcome).toBe('UNAVAILABLE');
    await postgres.start();
    await expectReadiness(scene, '200');
    expect(await outcomes(backends.map((backend) => backend.validate(EMAIL, session)))).toEqual(['OK', 'OK']);
    expect(await outcomes(backends.map((backend) => backend.login(EMAIL)))).toEqual(['OK', 'OK']);
  }
  expect(await Promise.all(nodes.map(askHealth))).toEqual(['SERVING', 'SERVING']);
  const login = { email: EMAIL, password: 'Correct-Horse-7', foobar: unspent };
  expect((await backends[1].call('login', login)).outcome).toBe('OK');
  expect((await backends[0].call('login', login)).outcome).toBe('NONCE_USED');
});
