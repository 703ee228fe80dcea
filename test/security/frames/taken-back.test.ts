import { once } from 'node:events';
import { expect, test } from 'vitest';
import { type Fields, headers, numbered, PREFACE, settings, TYPE } from './http2-frames.ts';
import { type Port, startWatchedServer } from './watched-server.ts';

const HTTP = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/auth/validate'],
  [':authority', 'localhost'],
] as const;
const GRPC = [...HTTP.slice(0, 2), [':path', '/authflow.v1.AuthService/Validate'], HTTP[3]] as const;
const GRPC_TYPE = ['content-type', 'application/grpc'] as const;

/** What the libraries answer by themselves, or at once: on a stream that has gone they would throw. */
const REQUESTS = [
  ['http', 'that expects to be told to continue', [...HTTP, ['expect', '100-continue']]],
  ['http', 'that expects something else', [...HTTP, ['expect', 'miracles']]],
  ['http', 'for a tunnel', [[':method', 'CONNECT'], HTTP[3]]],
  ['http', 'whose headers are too large', [...HTTP, ['x', 'a'.repeat(16_000)], ['y', 'b'.repeat(400)]]],
  ['http', 'to no path', [...HTTP.slice(0, 2), [':path', '/nothing'], HTTP[3]]],
  ['grpc', 'of another content type', [...GRPC, ['content-type', 'text/plain']]],
  ['grpc', 'to no method', [...GRPC.slice(0, 2), [':path', '/nothing'], HTTP[3], GRPC_TYPE]],
  ['grpc', 'whose metadata are too large', [...GRPC, GRPC_TYPE, ['x', 'a'.repeat(16_000)], ['y', 'b'.repeat(400)]]],
  ['grpc', 'of a call', [...GRPC, GRPC_TYPE, ['grpc-timeout', '1n']]],
] as const satisfies readonly (readonly [Port, string, Fields])[];

test('a request that is taken back in the packet that brought it ends nothing, on either port, by TLS or not', async () => {
  for (const tls of [false, true]) {
    const server = await startWatchedServer({ tls });
    for (const [port, name, fields] of REQUESTS) {
      for (const code of [0, 1, 8]) {
        const socket = server.connect(port, 'h2');
        socket.on('error', () => undefined);
        const taken = numbered(TYPE.rstStream, 1, code);
        socket.write(Buffer.concat([PREFACE, settings(), headers(1, fields), taken]));
        await once(socket, 'data');
        socket.destroy();
        expect(await server.fooBar(port), `a request ${name}, code ${code}`).toBe('OK');
      }
    }
    expect(server.complaints).toEqual([]);
  }
});
