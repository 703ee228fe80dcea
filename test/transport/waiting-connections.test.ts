import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openDeaf } from './deaf-peer.ts';
import { startTestServer as startGrpcServer } from './grpc/test-server.ts';
import { startTestServer as startHttpServer } from './http/test-server.ts';

const CONNECTIONS = 40;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const EMPTY_SETTINGS = '\0\0\0\x04\0\0\0\0\0';

test.each([
  ['HTTP', startHttpServer, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['gRPC', startGrpcServer, PREFACE + EMPTY_SETTINGS],
])('R7: who waits in line of the %s port when a stop begins is taken and answered', async (_name, start, bytes) => {
  const server = await start();
  // All of them are in line before this process looks at the first.
  const answers = Array.from({ length: CONNECTIONS }, () => firstBytes(server.port, bytes));
  await server.takeWaiting(60_000);
  const drained = server.drain(10_000);
  expect((await Promise.all(answers)).filter((answer) => answer === '')).toEqual([]);
  await drained;
});

test('the line of a port that holds the most connections already comes to its end too', async () => {
  const server = await startHttpServer({ maxConnections: 1 });
  await openDeaf(server.port, '');
  await expect(server.takeWaiting(60_000)).resolves.toBeUndefined();
});

/** What a connection was told first; '' where it ended without a word. */
function firstBytes(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    socket.once('data', (data) => {
      resolve(data.toString('latin1'));
      socket.end();
    });
    socket.once('close', () => resolve(''));
    socket.write(bytes, 'latin1');
  });
}
