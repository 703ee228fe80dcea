import { once } from 'node:events';
import { connect } from 'node:http2';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startTestServer } from '../support/running-server.ts';
import { times } from '../support/times.ts';
import { askHealth, askReadiness } from './asked-health.ts';
import { send } from './backend.ts';
import { takeProcessors } from './busy-loops.ts';
import { expectStops, expectStopsOfTwo } from './stop-under-load.ts';

describe('R7: SIGTERM at 200 calls a second, while other programs take every processor', { timeout: 240_000 }, () => {
  test('what was sent before is answered OK, nothing is cut off, health turns first, exit 0', async () => {
    await takeProcessors();
    await expectStops({ stops: times(3, { beside: 1 }), isTimed: false });
  });

  test('one of two processes after the other: a client that tries both has no failed call', async () => {
    await takeProcessors();
    await expectStopsOfTwo({ stops: times(2, { beside: 1 }), isTimed: false });
  });
});

test('R7: at 200 calls a second two server processes that share the ports are stopped as one is', async () => {
  await expectStops({ stops: times(3, { beside: 1 }), isTimed: false, workers: 2 });
});

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
