import { Server } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { streamHandlerOf } from '../../../src/transport/grpc/library-streams.ts';
import { ask, authClient, startTestServer } from './test-server.ts';

test('this version of grpc-js shows how it takes a stream, and serves a call on one', async () => {
  expect(streamHandlerOf(new Server())).toBeTypeOf('function');
  const server = await startTestServer();
  await expect(ask(authClient(server.address), 'validate', { email: 'ada@example.com' })).resolves.toMatchObject({
    email: 'ada@example.com',
  });
});

test('a version that does not is refused at the start, and not by the first call', () => {
  expect(() => streamHandlerOf(Object.create(null))).toThrow('install the pinned version');
});
