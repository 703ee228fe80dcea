import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { CERTIFICATES } from '../../support/certificates.js';
import { ask, openSocket, startTestServer } from './test-server.ts';

/** More than the system takes of a connection whose peer does not read. */
const PAGE = Buffer.alloc(32 * 1_048_576, 'x');
const REQUEST = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';

const tls = { ...CERTIFICATES.server, clientCa: null };

test.each([
  ['clear text', null],
  ['TLS', tls],
])(
  'W10: of pages that are asked for ahead one waits for its peer; each is made when its turn comes (%s)',
  async (_name, certificates) => {
    const { port, made } = await startPages({ tls: certificates });
    const socket = certificates === null ? openSocket(port) : openTls(port);
    socket.pause();
    socket.write(REQUEST.repeat(4));
    await expect.poll(made).toBeGreaterThan(0);
    // What it sent was read before this.
    const other = certificates === null ? openSocket(port) : openTls(port);
    other.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => other.once('data', resolve));
    expect(made()).toBe(1);
    await read(socket, 4 * PAGE.length);
    expect(made()).toBe(4);
  },
);

test('a page that is asked for ahead of a call, and after one, is answered in its place', async () => {
  const { port } = await startTestServer();
  const socket = openSocket(port);
  const health = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
  let text = '';
  socket.on('data', (data) => {
    text += String(data);
  });
  socket.write(
    REQUEST + health + REQUEST.replace('GET', 'HEAD') + health + REQUEST.replace('x\r', 'x\r\nConnection: close\r'),
  );
  await new Promise((resolve) => socket.once('close', resolve));
  const bodies = text
    .split(/HTTP\/1\.1 200 OK\r\n/)
    .slice(1)
    .map((reply) => reply.split('\r\n\r\n')[1]);
  expect(bodies).toEqual(['calls_total 1\n', '{"status":"alive"}', '', '{"status":"alive"}', 'calls_total 1\n']);
});

test.each([
  [11, true],
  [14, false],
])('W3: a caller of HTTP/1.1 who does not take an answer for %i s is answered: %s', async (seconds, isAnswered) => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { origin, port, made } = await startPages({});
  const socket = openSocket(port);
  socket.pause();
  socket.write(REQUEST.replace('x\r', 'x\r\nConnection: close\r'));
  await expect.poll(made).toBeGreaterThan(0);
  // The page is on its way when another is answered.
  expect((await ask(origin, '/healthz')).status).toBe(200);
  for (let second = 0; second < seconds; second += 1) {
    vi.advanceTimersByTime(1_000);
  }
  const received = await read(socket, Number.POSITIVE_INFINITY);
  expect(received > PAGE.length).toBe(isAnswered);
});

/** A server whose metrics are large; how many pages were made. */
async function startPages(options: { readonly tls?: typeof tls | null }) {
  let pages = 0;
  const server = await startTestServer({
    ...options,
    ops: {
      jwks: async () => '',
      isReady: async () => true,
      async metrics() {
        pages += 1;
        return PAGE;
      },
      metricsContentType: 'text/plain',
    },
  });
  return { ...server, made: () => pages };
}

function openTls(port: number): Socket {
  const socket = connectTls({ host: '127.0.0.1', port, ca: CERTIFICATES.ca, ALPNProtocols: ['http/1.1'] });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Reads so many bytes, or until the end; how many came. */
function read(socket: Socket, bytes: number): Promise<number> {
  return new Promise((resolve) => {
    let received = 0;
    socket.on('data', (data) => {
      received += data.length;
      if (received >= bytes) {
        resolve(received);
      }
    });
    socket.on('close', () => resolve(received));
    socket.resume();
  });
}
