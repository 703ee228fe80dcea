import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { settlesBefore } from './settles-before.ts';

test('what never comes about does not come before a timer', async () => {
  expect(await settlesBefore(10, new Promise(() => {}))).toBe(false);
});

test('what was on its way while the process was held up came before', async () => {
  const server = createServer((socket) => void socket.end('answer'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const socket = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1');
  const answered = new Promise((resolve) => socket.once('data', resolve));
  const before = settlesBefore(10, answered);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  expect(await before).toBe(true);
  socket.destroy();
  server.close();
});

test('a rejection is handed on', async () => {
  await expect(settlesBefore(10_000, Promise.reject(new Error('refused')))).rejects.toThrow('refused');
});
