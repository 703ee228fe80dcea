import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startTestServer } from '../support/running-server.ts';
import { newSqliteStore } from '../support/stores.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));

afterEach(() => void vi.useRealTimers());

/** A port that another has. */
async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test.each(['httpPort', 'grpcPort'] as const)('a start that finds its %s taken leaves no timer behind', async (port) => {
  const testStore = newSqliteStore();
  onTestFinished(() => testStore.remove());
  const settings = { host: '127.0.0.1', [port]: await takenPort() };
  await expect(startTestServer({ testStore, settings })).rejects.toThrow('EADDRINUSE');
  expect(vi.getTimerCount()).toBe(0);
});
