import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { handleOf } from '../../../src/transport/net/kept-handles.ts';
import { FLAG, frameBytes, headerBlock, headers, PREFACE, settings, TYPE } from './http2-frames.ts';
import { type Port, startWatchedServer, type WatchedServer } from './watched-server.ts';

const COLLECTING = fileURLToPath(new URL('./collecting.js', import.meta.url));

const REQUEST = headers(1, [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/authflow.v1.AuthService/Validate'],
  [':authority', 'localhost'],
  ['content-type', 'application/grpc'],
]);
/** Trailers without their end, and a frame that may not come before it: the session ends at once. */
const BROKEN_OFF = Buffer.concat([
  frameBytes({ type: TYPE.headers, flags: FLAG.endStream, stream: 1, payload: headerBlock([['x', 'a'.repeat(99)]]) }),
  settings(),
]);

/** Whether the frames and the collection are read in one turn is luck: one in two to fifteen. */
const PEERS = 60;

test.each(['http', 'grpc'] as const)(
  'trailers that are broken off do not end the process at a collection, %s port',
  { timeout: 240_000 },
  async (port) => {
    const server = await startWatchedServer({ tls: false, nodeArguments: ['--expose-gc', '--import', COLLECTING] });
    const before = collector(server, port);
    const after = collector(server, port);
    await Promise.all([collect(before), collect(after)]);
    for (let peer = 0; peer < PEERS && !before.destroyed; peer += 1) {
      await breakOff(server, port, before, after);
    }
    expect(server.child.exitCode ?? server.child.signalCode, server.complaints.join('\n')).toBe(null);
    // A process that did nothing but collect lags, and refuses those without a key until it has caught up.
    await expect.poll(() => server.fooBar(port)).toBe('OK');
  },
);

test('this Node shows what a session of HTTP/2 is bound to', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => client.destroy());
  const [session] = (await once(server, 'session')) as [ServerHttp2Session];
  expect(handleOf(session)).toBeTypeOf('object');
});

/** While the server collects for the first caller, the frames arrive, and after them the second's request to collect. */
async function breakOff(
  server: WatchedServer,
  port: Port,
  before: ClientHttp2Session,
  after: ClientHttp2Session,
): Promise<void> {
  const socket = server.connect(port, 'h2');
  socket.on('error', () => undefined);
  const isOver = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(Buffer.concat([PREFACE, settings()]));
  await Promise.race([new Promise((resolve) => socket.once('data', resolve)), isOver]);
  const first = collect(before);
  // Requests are written a turn later.
  await nextTurn();
  await nextTurn();
  socket.write(Buffer.concat([REQUEST, BROKEN_OFF]));
  await Promise.all([first, collect(after)]);
  socket.destroy();
  await isOver;
}

function collector(server: WatchedServer, port: Port): ClientHttp2Session {
  const socket = server.connect(port, 'h2');
  const session = connect('http://localhost', { createConnection: () => socket });
  session.on('error', () => undefined);
  onTestFinished(() => session.destroy());
  return session;
}

/** One request to collect; also over where the connection is. */
function collect(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    if (session.destroyed) {
      resolve();
      return;
    }
    const stream = session.request({ ':method': 'GET', ':path': '/collect', 'content-type': 'application/grpc' });
    stream.on('error', () => undefined);
    stream.once('close', () => resolve());
    stream.resume().end();
  });
}
