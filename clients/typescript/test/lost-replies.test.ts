import { constants, type ServerHttp2Stream } from 'node:http2';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { AuthFlowClient } from '@authflow/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startCutServer } from './support/cut-server.ts';
import { newOrganization, newSession } from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { GRPC } from './support/stand.ts';

const HEADERS = { ':status': 200, 'content-type': 'application/grpc' };
/** A frame that promises 9 bytes and holds 2. */
const HALF_A_MESSAGE = Uint8Array.of(0, 0, 0, 0, 9, 8, 1);
const SESSION = { sessionToken: 'header.payload.signature', email: 'ada@example.com' };

const CUTS: ReadonlyArray<readonly [string, (stream: ServerHttp2Stream, socket: Socket) => void]> = [
  ['the connection ends before a reply', (stream) => stream.session?.destroy()],
  ['the socket ends before a reply', (_, socket) => socket.destroy()],
  ['the socket is reset before a reply', (_, socket) => socket.resetAndDestroy()],
  ['the server goes away', (stream) => stream.session?.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM)],
  ['the stream is cancelled', (stream) => stream.close(constants.NGHTTP2_CANCEL)],
  ['the stream is refused', (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM)],
  ['the stream breaks', (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)],
  ['the stream ends without an error', (stream) => stream.close(constants.NGHTTP2_NO_ERROR)],
  [
    'the connection ends behind the headers',
    (stream) => {
      stream.respond(HEADERS);
      setImmediate(() => stream.session?.destroy());
    },
  ],
  [
    'the socket ends in the middle of a message',
    (stream, socket) => {
      stream.respond(HEADERS);
      stream.write(HALF_A_MESSAGE, () => setImmediate(() => socket.destroy()));
    },
  ],
];

describe.each(CUTS)('when %s', (_, cut) => {
  test('what may have been done is told and not repeated, what is harmless is', async () => {
    const server = await startCutServer(cut);
    onTestFinished(server.stop);
    const client = new AuthFlowClient({ address: server.address, apiKey: 'af_key' });
    const change = client.changePassword({ ...SESSION, newPassword: 'Difference-1822' });
    expect(await rejection(change)).toMatchObject({ code: 'UNAVAILABLE', reason: '' });
    expect(server.requests()).toBe(1);
    expect(await rejection(client.validate(SESSION))).toMatchObject({ code: 'UNAVAILABLE', reason: '' });
    expect(server.requests()).toBe(4);
    client.close();
  });
});

test('a reply that says nothing about the user is an error', async () => {
  const server = await startCutServer((stream) => {
    stream.respond(HEADERS, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Uint8Array.of(0, 0, 0, 0, 0));
  });
  onTestFinished(server.stop);
  const client = new AuthFlowClient({ address: server.address, apiKey: 'af_key' });
  expect(await rejection(client.validate(SESSION))).toMatchObject({ code: 'UNKNOWN', reason: '' });
  client.close();
});

test('a page of a proxy has no reason', async () => {
  const server = await startCutServer((stream) => {
    stream.respond({ ':status': 403, 'content-type': 'text/html' });
    stream.end('<h1>Forbidden</h1>');
  });
  onTestFinished(server.stop);
  const client = new AuthFlowClient({ address: server.address, apiKey: 'af_key' });
  expect(await rejection(client.validate(SESSION))).toMatchObject({ code: 'PERMISSION_DENIED', reason: '' });
  expect(server.requests()).toBe(1);
  client.close();
});

test('a connection that fell silent is made anew before the next request', async () => {
  const through = await startSilencer();
  onTestFinished(through.stop);
  const { apiKey } = await newOrganization();
  // Not by the client that pings so hastily: where its ping is late on a busy machine, what is harmless is repeated.
  const patient = new AuthFlowClient({ address: GRPC, apiKey });
  const session = await newSession(patient);
  patient.close();
  const connection = { pingIntervalMs: 50, pingTimeoutMs: 200 };
  const client = new AuthFlowClient({ address: through.address, apiKey, connection });
  await client.validate(session);
  through.silence();
  const startedAt = performance.now();
  while (performance.now() - startedAt < 2 * connection.pingIntervalMs) {
    await new Promise(setImmediate);
  }
  expect(await client.validate(session)).toMatchObject({ email: session.email });
  client.close();
});

test('an attempt to connect that gets no answer is given up and made anew', async () => {
  let connections = 0;
  const mute = createServer((socket) => {
    connections += 1;
    // Never answers the TLS handshake.
    socket.resume().on('error', () => {});
  });
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    mute.close();
  });
  const address = mute.address();
  const client = new AuthFlowClient({
    address: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    apiKey: 'af_key',
    tls: true,
    connection: { connectTimeoutMs: 100 },
  });
  expect(await rejection(client.validate(SESSION))).toMatchObject({ code: 'UNAVAILABLE', reason: '' });
  expect(connections).toBe(3);
  client.close();
});

/** Passes bytes on to the server; a silenced connection stays open and passes nothing, new ones do. */
async function startSilencer() {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const [host = '', port] = GRPC.split(':');
    const far = connectTcp(Number(port), host);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    address: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    silence() {
      for (const socket of sockets) {
        socket.unpipe();
        socket.resume();
      }
    },
    stop() {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
    },
  };
}
