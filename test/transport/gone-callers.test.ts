import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, onTestFinished, test } from 'vitest';
import { AuthService, ValidateResponseSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { TrustedProxies } from '../../src/transport/trusted-proxies.ts';
import type { AuthFakes, FakedCall, Observed } from '../support/faked-services.ts';
import { seeWhatCameIn } from '../support/settles-before.ts';
import { deferred, frame, startTestServer as startGrpc } from './grpc/test-server.ts';
import { openSocket, post, startTestServer as startHttp } from './http/test-server.ts';

/** A call that goes on until its caller has gone, and what was told of it then. */
function lastingCall() {
  const [begun, gone] = [deferred(), deferred()];
  let seen: FakedCall | undefined;
  const validate: AuthFakes['validate'] = async (_request, call) => {
    seen = call;
    begun.resolve();
    await gone.promise;
    return create(ValidateResponseSchema, {});
  };
  return {
    fakes: { validate },
    begun: begun.promise,
    async addressesOnceGone({ answered }: Observed): Promise<readonly (string | null | undefined)[]> {
      await expect.poll(() => seen?.isAbandoned()).toBe(true);
      gone.resolve();
      await expect.poll(() => answered).toHaveLength(1);
      return [answered[0]?.origin().address, seen?.peerAddress(), seen?.forwardedAddress()];
    },
  };
}

type Leaving = 'takes the stream back' | 'breaks the connection off';

/** Sends a request over HTTP/2 and leaves it as it is said once `begun` is fulfilled. */
async function leaveHttp2(origin: string, leaving: Leaving, { headers, body, begun }: Request): Promise<void> {
  const session = connect(origin);
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':method': 'POST', ...headers });
  stream.on('error', () => {});
  stream.end(body);
  await begun;
  if (leaving === 'takes the stream back') {
    stream.close(8);
  } else {
    session.socket.destroy();
  }
}

interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly begun: Promise<void>;
}

const RPC = '/authflow.v1.AuthService/Validate';
const JSON_BODY = { 'content-type': 'application/json' };

for (const leaving of ['takes the stream back', 'breaks the connection off'] as const) {
  for (const [name, path] of [
    ['/auth', '/auth/validate'],
    ['Connect', RPC],
  ] as const) {
    test(`${name} over HTTP/2: whoever ${leaving} leaves an address (W11, W12)`, async () => {
      const call = lastingCall();
      const server = await startHttp({ auth: call.fakes });
      const headers = { ':path': path, ...JSON_BODY };
      await leaveHttp2(server.origin, leaving, { headers, body: '{}', begun: call.begun });
      expect(await call.addressesOnceGone(server)).toEqual(['127.0.0.1', '127.0.0.1', null]);
    });
  }

  test(`gRPC: whoever ${leaving} leaves an address (W11, W12)`, async () => {
    const call = lastingCall();
    const server = await startGrpc(call.fakes);
    const headers = { ':path': RPC, 'content-type': 'application/grpc', te: 'trailers' };
    const body = frame(toBinary(AuthService.method.validate.input, create(AuthService.method.validate.input)));
    await leaveHttp2(`http://${server.address}`, leaving, { headers, body, begun: call.begun });
    expect(await call.addressesOnceGone(server)).toEqual(['127.0.0.1', '127.0.0.1', null]);
  });

  test(`behind a proxy that is trusted it is the address that the proxy told of whoever ${leaving}`, async () => {
    const call = lastingCall();
    const server = await startGrpc(call.fakes, { proxies: new TrustedProxies(['127.0.0.1']) });
    const headers = {
      ':path': RPC,
      'content-type': 'application/grpc',
      te: 'trailers',
      'x-forwarded-for': '192.0.2.7',
    };
    await leaveHttp2(`http://${server.address}`, leaving, {
      headers,
      body: frame(new Uint8Array()),
      begun: call.begun,
    });
    expect(await call.addressesOnceGone(server)).toEqual(['192.0.2.7', '192.0.2.7', '192.0.2.7']);
  });
}

const HTTP1_REQUEST =
  'POST /auth/validate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';

test('HTTP/1.1: whoever breaks the connection off leaves an address (W11, W12)', async () => {
  const call = lastingCall();
  const server = await startHttp({ auth: call.fakes });
  const socket = openSocket(server.port);
  socket.write(HTTP1_REQUEST);
  await call.begun;
  socket.resetAndDestroy();
  expect(await call.addressesOnceGone(server)).toEqual(['127.0.0.1', '127.0.0.1', null]);
});

test('HTTP/1.1: whoever breaks the connection off before the request is read leaves an address (W11, W12)', async () => {
  const call = lastingCall();
  const server = await startHttp({ auth: call.fakes });
  const socket = openSocket(server.port);
  await once(socket, 'connect');
  // It is accepted.
  await seeWhatCameIn();
  socket.write(HTTP1_REQUEST);
  socket.resetAndDestroy();
  expect(await call.addressesOnceGone(server)).toEqual(['127.0.0.1', '127.0.0.1', null]);
});

test('a connection that was broken off before it was accepted, of which nobody knows the address, brings no call (W12)', async () => {
  const server = await startHttp();
  const sender = `
    const socket = require('node:net').connect(${server.port}, '127.0.0.1', () => {
      socket.write(${JSON.stringify(HTTP1_REQUEST)}, () => socket.resetAndDestroy());
    });`;
  // Nothing is accepted meanwhile.
  execFileSync(process.execPath, ['-e', sender]);
  expect(await post(server.origin, '/auth/validate', { email: 'a@example.com' })).toMatchObject({ status: 200 });
  expect(server.seen.map(({ request }) => request.email)).toEqual(['a@example.com']);
  expect(server.answered.map((answered) => answered.origin().address)).toEqual(['127.0.0.1']);
});
