import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { frame, rawCall, startTestServer } from './test-server.ts';

// In a file of its own, which loads no library of health: the first question has to wait until the server has done so.
test('health that is asked for with gzip right after the start is told once its library is loaded', async () => {
  const server = await startTestServer();
  const headers = { 'grpc-encoding': 'gzip' };
  const body = frame(gzipSync(Buffer.alloc(0)), { compressed: true });
  const answers = await Promise.all(
    ['Check', 'List'].map((method) => rawCall(server.address, `/grpc.health.v1.Health/${method}`, body, headers)),
  );
  expect(answers).toMatchObject([{ grpcStatus: 0 }, { grpcStatus: 0 }]);
});
