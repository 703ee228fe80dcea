import { expect, test, vi } from 'vitest';
import { startTestServer } from '../support/running-server.ts';
import { ask } from '../transport/http/test-server.ts';

vi.mock('../../src/observability/prometheus.ts', () => {
  throw new Error('no descriptor is left');
});

test('R11: a server that could not load what its start left out is not ready from then on, and says so', async () => {
  await using server = await startTestServer();
  await expect.poll(async () => (await ask(server.httpAddress, '/readyz')).status).toBe(503);
  expect(server.logLines.filter((line) => line.includes('not_loaded'))).toEqual([
    expect.stringContaining('"library":"metrics"'),
  ]);
  // What does not need it is served as before.
  expect((await ask(server.httpAddress, '/auth/fooBar?identity=ada@example.com')).status).toBe(200);
  expect((await ask(server.httpAddress, '/authflow.v1.AuthService/FooBar', RPC)).status).toBe(200);
  expect((await ask(server.httpAddress, '/metrics')).status).toBe(500);
});

const RPC = { body: '{"identity":"ada@example.com"}', headers: { 'content-type': 'application/json' } };
