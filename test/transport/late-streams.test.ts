import { connect as connectHttp2 } from 'node:http2';
import { create } from '@bufbuild/protobuf';
import { expect, onTestFinished, test } from 'vitest';
import { LogoutResponseSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { deferred, frame, startTestServer as startGrpcServer } from './grpc/test-server.ts';
import { startTestServer as startHttpServer } from './http/test-server.ts';

const LOGOUT = '/authflow.v1.AuthService/Logout';

test.each(['HTTP', 'gRPC'])(
  'R7: a stop of the %s port names the last stream that was taken at once; that one is answered, and a later one is not taken',
  async (port) => {
    const [begun, gate] = [deferred(), deferred()];
    const logout = async () => {
      begun.resolve();
      await gate.promise;
      return create(LogoutResponseSchema);
    };
    const server = port === 'HTTP' ? await startHttpServer({ auth: { logout } }) : await startGrpcServer({ logout });
    const session = connectHttp2(`http://127.0.0.1:${server.port}`);
    session.on('error', () => {});
    onTestFinished(() => session.destroy());
    const lastTaken = new Promise((resolve) => session.once('goaway', (_code, lastStreamId) => resolve(lastStreamId)));
    const open = () => {
      const stream = session.request({ ':method': 'POST', ':path': LOGOUT, 'content-type': 'application/grpc' });
      stream.on('error', () => {});
      let status = 'none';
      stream.on('trailers', (trailers) => {
        status = String(trailers['grpc-status']);
      });
      stream.resume();
      stream.end(frame(new Uint8Array()));
      return new Promise<{ status: string; code: number | undefined }>((resolve) =>
        stream.on('close', () => resolve({ status, code: stream.rstCode })),
      );
    };
    const early = open();
    await begun.promise;
    const drained = server.drain(60_000);
    const late = open();
    // The highest id of all would let a client wait for an answer to whatever it sent: nghttp2 gives none any more.
    expect(await lastTaken).toBe(1);
    // REFUSED_STREAM, while the other is still in flight.
    expect(await late).toEqual({ status: 'none', code: 7 });
    gate.resolve();
    expect(await early).toEqual({ status: '0', code: 0 });
    await drained;
  },
);
