import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { connect as connectHttp2 } from 'node:http2';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { HeldBytes } from '../../src/transport/net/held-bytes.ts';
import { bytesOfPost } from './deaf-peer.ts';
import { frame, shown, startTestServer as startGrpc } from './grpc/test-server.ts';
import { openSocket, startTestServer as startHttp } from './http/test-server.ts';

const KNOWN = 'af_known';
const JSON_BODY = Buffer.from(`{"email":"${'a'.repeat(9_000)}"}`);
const PATH = '/authflow.v1.AuthService/Validate';

/** Both ports over one count of 40,000 bytes, three quarters of them for strangers. */
async function start() {
  const heldBytes = new HeldBytes({
    most: 40_000,
    strangersMost: 30_000,
    requestBytes: 0,
    identifyApiKey: async (apiKey) => (apiKey === KNOWN ? 'key-1' : null),
  });
  const http = await startHttp({ heldBytes });
  const grpc = await startGrpc({}, { heldBytes });
  return {
    heldBytes,
    http: open(http.origin),
    grpc: open(`http://${grpc.address}`),
    httpPort: http.port,
    grpcPort: grpc.port,
  };
}

type Scene = Awaited<ReturnType<typeof start>>;

function open(origin: string): ClientHttp2Session {
  const session = connectHttp2(origin);
  session.on('error', () => undefined);
  onTestFinished(() => session.destroy());
  return session;
}

interface Asked {
  readonly stream: ClientHttp2Stream;
  /** What came back when the stream is over: all headers, and the body. */
  readonly answer: Promise<{ readonly headers: IncomingHttpHeaders; readonly text: string }>;
}

function ask(session: ClientHttp2Session, headers: Record<string, string>): Asked {
  const stream = session.request({ ':method': 'POST', te: 'trailers', ...headers });
  let seen: IncomingHttpHeaders = {};
  let text = '';
  for (const event of ['response', 'trailers']) {
    stream.on(event, (more: IncomingHttpHeaders) => {
      seen = { ...seen, ...more };
    });
  }
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  stream.on('error', () => undefined);
  return { stream, answer: new Promise((resolve) => stream.on('close', () => resolve({ headers: seen, text }))) };
}

const REST = { ':path': '/auth/validate', 'content-type': 'application/json' };
const CONNECT = { ':path': PATH, 'content-type': 'application/json' };
const GRPC = { ':path': PATH, 'content-type': 'application/grpc' };
// Fields of a number that nobody knows.
const GRPC_BODY = frame(Buffer.concat([Buffer.from([0x92, 0x3f, 0xa8, 0x46]), Buffer.alloc(9_000)]));

/** Three requests without their last bytes: with a fourth, strangers would hold more than they may. */
async function crowd({ heldBytes, http, grpc }: Scene): Promise<readonly Asked[]> {
  const held = [ask(http, REST), ask(grpc, GRPC), ask(http, CONNECT)];
  for (const [index, { stream }] of held.entries()) {
    stream.write((index === 1 ? GRPC_BODY : JSON_BODY).subarray(0, -1));
    await vi.waitUntil(() => heldBytes.total >= (index + 1) * 9_000, WAIT);
  }
  return held;
}

/** All that came back on a connection of its own, once a part of it did. */
async function firstReply(port: number, bytes: Buffer, part: string): Promise<string> {
  const socket = openSocket(port);
  let reply = '';
  socket.on('data', (data) => {
    reply += data.toString('latin1');
  });
  socket.write(bytes);
  await vi.waitUntil(() => reply.includes(part), WAIT);
  return reply;
}

const WAIT = { timeout: 120_000, interval: 2 };

describe('W10: bytes that wait for their end', () => {
  test('are counted for both ports together, and not beyond their end', async () => {
    const scene = await start();
    const rest = ask(scene.http, REST);
    rest.stream.write(JSON_BODY.subarray(0, 5_000));
    await vi.waitUntil(() => scene.heldBytes.total >= 5_000, WAIT);
    const call = ask(scene.grpc, GRPC);
    call.stream.write(GRPC_BODY.subarray(0, 5_000));
    await vi.waitUntil(() => scene.heldBytes.total >= 10_000, WAIT);
    rest.stream.end(JSON_BODY.subarray(5_000));
    expect((await rest.answer).headers[':status']).toBe(200);
    call.stream.end(GRPC_BODY.subarray(5_000));
    expect((await call.answer).headers['grpc-status']).toBe('0');
    expect(scene.heldBytes.total).toBe(0);
  });

  test('beyond what strangers may hold are refused without a valid key, with OVERLOADED and a wait', async () => {
    const scene = await start();
    await crowd(scene);
    const refuse = async (session: ClientHttp2Session, headers: Record<string, string>, body: Buffer) => {
      const { stream, answer } = ask(session, headers);
      stream.write(body.subarray(0, -1));
      return answer;
    };
    for (const key of [{}, { 'x-api-key': 'af_unknown' }, { authorization: 'Bearer af_unknown' }]) {
      const rest = await refuse(scene.http, { ...REST, ...key }, JSON_BODY);
      expect(rest.headers).toMatchObject({ ':status': 429, 'retry-after': '1' });
      expect(JSON.parse(rest.text)).toMatchObject({ error: 'OVERLOADED' });
      const connect = await refuse(scene.http, { ...CONNECT, ...key }, JSON_BODY);
      expect(connect.headers).toMatchObject({ ':status': 429, 'retry-after': '1' });
      const [info, wait] = JSON.parse(connect.text).details;
      expect([info.debug.reason, wait.type]).toEqual(['OVERLOADED', 'google.rpc.RetryInfo']);
      const grpc = await refuse(scene.grpc, { ...GRPC, ...key }, GRPC_BODY);
      expect(grpc.headers['grpc-status']).toBe('8');
      expect(shown(String(grpc.headers['grpc-status-details-bin']))).toMatchObject({
        reason: 'OVERLOADED',
        retrySeconds: 1,
      });
    }
  });

  test('leave alone what comes whole in one packet, by either port', async () => {
    const scene = await start();
    await crowd(scene);
    const line = `POST /auth/validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    const http1 = Buffer.from(`${line}Content-Length: ${JSON_BODY.length}\r\n\r\n${JSON_BODY}`);
    expect(await firstReply(scene.httpPort, http1, 'statusCode')).toContain('"statusCode":200');
    const http2 = await bytesOfPost('/auth/validate', 'application/json', JSON_BODY);
    expect(await firstReply(scene.httpPort, http2, 'statusCode')).toContain('"statusCode":200');
    const grpc = await bytesOfPost(PATH, 'application/grpc', GRPC_BODY);
    // The names of trailers are in Huffman's code; a success has no details.
    await firstReply(scene.grpcPort, grpc, '\0\0\0\0\0');
  });

  test('of a caller with a valid key may take what strangers may not', async () => {
    const scene = await start();
    await crowd(scene);
    for (const [session, headers, body] of [
      [scene.http, { ...REST, authorization: `Bearer ${KNOWN}` }, JSON_BODY],
      [scene.http, { ...CONNECT, 'x-api-key': KNOWN }, JSON_BODY],
      [scene.grpc, { ...GRPC, 'x-api-key': KNOWN }, GRPC_BODY],
    ] as const) {
      const before = scene.heldBytes.total;
      const { stream, answer } = ask(session, headers);
      stream.write(body.subarray(0, -1));
      await vi.waitUntil(() => scene.heldBytes.total >= before + 9_000, WAIT);
      stream.end(body.subarray(-1));
      const seen = (await answer).headers;
      expect(seen['grpc-status'] ?? String(seen[':status'])).toBe(session === scene.grpc ? '0' : '200');
    }
  });

  test('beyond all that there is are refused whoever sends them, and taken again once there is room', async () => {
    const scene = await start();
    const holders = [...(await crowd(scene))];
    const own = { 'x-api-key': KNOWN };
    const filler = ask(scene.http, { ...REST, ...own });
    filler.stream.write(JSON_BODY.subarray(0, -1));
    await vi.waitUntil(() => scene.heldBytes.total > 35_000, WAIT);
    const refused = ask(scene.grpc, { ...GRPC, ...own });
    refused.stream.write(GRPC_BODY.subarray(0, -1));
    expect((await refused.answer).headers['grpc-status']).toBe('8');
    for (const { stream } of [...holders, filler]) {
      stream.close();
    }
    await vi.waitUntil(() => scene.heldBytes.total === 0, WAIT);
    const again = ask(scene.http, REST);
    again.stream.write(JSON_BODY.subarray(0, 2_000));
    await vi.waitUntil(() => scene.heldBytes.total >= 2_000, WAIT);
    again.stream.end(JSON_BODY.subarray(2_000));
    expect((await again.answer).headers[':status']).toBe(200);
  });

  test('cost what their requests do, even before the first of them has come', async () => {
    const heldBytes = new HeldBytes({ identifyApiKey: async () => null, most: 40_000, requestBytes: 8_000 });
    const http = open((await startHttp({ heldBytes })).origin);
    const waiting = ask(http, REST);
    waiting.stream.write('');
    await vi.waitUntil(() => heldBytes.total === 8_000, WAIT);
    waiting.stream.end('{}');
    expect((await waiting.answer).headers[':status']).toBe(200);
    expect(heldBytes.total).toBe(0);
  });

  test('are refused over HTTP/1.1 too, and the connection is closed after the answer', async () => {
    const scene = await start();
    await crowd(scene);
    const socket = openSocket(scene.httpPort);
    let reply = '';
    socket.on('data', (data) => {
      reply += data.toString('latin1');
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const head = 'POST /auth/validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9001';
    socket.write(`${head}\r\n\r\n${'x'.repeat(9_000)}`);
    await closed;
    expect(reply).toMatch(/^HTTP\/1\.1 429 .*"error":"OVERLOADED"/s);
    expect(reply.toLowerCase()).toMatch(/(?=.*retry-after: 1\r\n)(?=.*connection: close\r\n)/s);
  });
});
