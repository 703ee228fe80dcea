import { gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { LogoutRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { frame, rawCall, startTestServer } from './test-server.ts';

// In a file of its own, which loads no library of gRPC: the first calls have to wait until the server has done so.
test('calls that come right after the start, plain and compressed, are answered once their library is loaded', async () => {
  const server = await startTestServer();
  const path = '/authflow.v1.AuthService/Logout';
  const message = toBinary(LogoutRequestSchema, create(LogoutRequestSchema, { email: 'ada@example.com' }));
  const answers = await Promise.all([
    rawCall(server.address, path, frame(message)),
    rawCall(server.address, path, frame(gzipSync(message), { compressed: true }), { 'grpc-encoding': 'gzip' }),
    rawCall(server.address, path, Buffer.of(7, 0, 0, 0, 0)),
  ]);
  expect(answers).toMatchObject([{ grpcStatus: 0 }, { grpcStatus: 0 }, { grpcStatus: 3 }]);
});

test('health that is asked for with gzip right after the start is told once its library is loaded', async () => {
  const server = await startTestServer();
  const headers = { 'grpc-encoding': 'gzip' };
  const body = frame(gzipSync(Buffer.alloc(0)), { compressed: true });
  const answers = await Promise.all(
    ['Check', 'List'].map((method) => rawCall(server.address, `/grpc.health.v1.Health/${method}`, body, headers)),
  );
  expect(answers).toMatchObject([{ grpcStatus: 0 }, { grpcStatus: 0 }]);
});
