import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFile } from '../config/temporary-folder.ts';
import { CERTIFICATES } from '../support/certificates.js';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { runHere } from './captured-terminal.ts';

const { ca, server: pair } = CERTIFICATES;

test('0 for a server that is ready, 1 once it has stopped', async () => {
  const server = await startTestServer();
  const env = portOf(server);
  const ready = await runHere(['health', '--json'], env);
  expect([ready.code, JSON.parse(ready.stdout)]).toEqual([
    0,
    { address: server.httpAddress, ok: true, detail: 'ready' },
  ]);
  await server[Symbol.asyncDispose]();
  const gone = await runHere(['health', '--json'], env);
  expect([gone.code, JSON.parse(gone.stdout)]).toEqual([
    1,
    { address: server.httpAddress, ok: false, detail: 'no answer (ECONNREFUSED)' },
  ]);
});

test.each([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '[::1]'],
  ['::1', '[::1]'],
])('a server on %s is asked at %s', async (host, shown) => {
  await using server = await startTestServer({ settings: { host } });
  const { code, stdout } = await runHere(['health', '--json'], {
    ...portOf(server),
    AUTHFLOW_HOST: host,
    AUTHFLOW_INSECURE: 'true',
  });
  expect([code, new URL(JSON.parse(stdout).address).hostname]).toEqual([0, shown]);
});

test('by TLS, whatever name the certificate bears', async () => {
  await using server = await startTestServer({ settings: tlsSettings(null) });
  const { code, stdout } = await runHere(['health', '--json'], { ...portOf(server), ...tlsFiles() });
  expect([code, JSON.parse(stdout)]).toEqual([0, { address: server.httpAddress, ok: true, detail: 'ready' }]);
});

test('by mTLS it has no certificate to show: a finished handshake is what it can tell', async () => {
  await using server = await startTestServer({ settings: tlsSettings(ca) });
  const { code, stdout } = await runHere(['health', '--json'], {
    ...portOf(server),
    ...tlsFiles(),
    AUTHFLOW_TLS_CLIENT_CA: temporaryFile(ca),
  });
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { ok: true, detail: expect.stringMatching(/^alive/) }]);
});

test('by mTLS a port that speaks no TLS is not alive', async () => {
  const settings = await listening(createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')));
  const { code, stdout } = await runHere(['health'], {
    ...settings,
    ...tlsFiles(),
    AUTHFLOW_TLS_CLIENT_CA: temporaryFile(ca),
  });
  expect([code, stdout]).toEqual([1, expect.stringContaining('no answer')]);
});

test('1 for a server that is not ready', async () => {
  const unready = createHttpServer((_, response) => response.writeHead(503).end('{"status":"unavailable"}'));
  const { code, stdout } = await runHere(['health'], await listening(unready));
  expect([code, stdout]).toEqual([1, expect.stringContaining('not ready (503)')]);
});

test('1 for a port that takes the connection and never answers', async () => {
  const silent = createServer((socket) => onTestFinished(() => void socket.destroy()));
  const { code, stdout } = await runHere(['health'], await listening(silent));
  expect([code, stdout]).toEqual([1, expect.stringContaining('no answer within')]);
});

test('a port that only the server knows is a wrong setting', async () => {
  const { code, stdout, stderr } = await runHere(['health'], { AUTHFLOW_HTTP_PORT: '0' });
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^authflow: AUTHFLOW_HTTP_PORT /)]);
});

function portOf({ httpAddress }: TestServer): Record<string, string> {
  return { AUTHFLOW_HTTP_PORT: new URL(httpAddress).port };
}

async function listening(server: Server): Promise<Record<string, string>> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { AUTHFLOW_HTTP_PORT: String((server.address() as AddressInfo).port) };
}

function tlsFiles(): Record<string, string> {
  return { AUTHFLOW_TLS_CERT: temporaryFile(pair.cert), AUTHFLOW_TLS_KEY: temporaryFile(pair.key) };
}

function tlsSettings(clientCa: string | null) {
  const file = (pem: string) => ({ path: '', pem });
  return {
    tls: { cert: file(pair.cert), key: file(pair.key), clientCa: clientCa === null ? null : file(clientCa) },
  };
}
