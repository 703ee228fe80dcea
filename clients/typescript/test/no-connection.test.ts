import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { AuthFlowClient } from '@authflow/client';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { expect, onTestFinished, test } from 'vitest';
import { CLIENTS } from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { fromStand, GRPC, HTTP } from './support/stand.ts';

const SESSION = { sessionToken: 'header.payload.signature', email: 'ada@example.com' };

test.each(CLIENTS)('the %s client says that it was refused, and by whom', async (_, connect) => {
  const port = await freePort();
  const client = connect({ grpc: `127.0.0.1:${port}`, http: `http://127.0.0.1:${port}`, apiKey: 'af_key' });
  expect(await rejection(client.validate(SESSION))).toMatchObject({
    code: 'UNAVAILABLE',
    reason: '',
    statusCode: 503,
    message: expect.stringMatching(`http://127.0.0.1:${port}: the connection was refused`),
  });
  client.close();
});

test.each(CLIENTS)('the %s client says that there is no such host', async (_, connect) => {
  const client = connect({ grpc: 'http://auth.invalid', http: 'http://auth.invalid', apiKey: 'af_key' });
  expect(await rejection(client.validate(SESSION))).toMatchObject({
    code: 'UNAVAILABLE',
    // Without a resolver it is not known.
    message: expect.stringMatching(/http:\/\/auth\.invalid: (there is no such host|the name of the host)/),
  });
  client.close();
});

test('the fetch client says that TLS and clear text met', async () => {
  const tls = fromStand('AUTHFLOW_TEST_TLS_HTTP');
  const pairs = [
    [tls.replace('https:', 'http:'), 'may want TLS'],
    [HTTP.replace('http:', 'https:'), 'may speak clear text'],
  ] as const;
  for (const [url, cause] of pairs) {
    const client = new AuthFlowFetchClient({ url, apiKey: 'af_key' });
    expect(await rejection(client.validate(SESSION))).toMatchObject({ message: expect.stringContaining(cause) });
    client.close();
  }
});

test('the sentence for a visitor names no address, the one for the log does', async () => {
  const client = new AuthFlowClient({ address: `127.0.0.1:${await freePort()}`, apiKey: 'af_key' });
  const error = await rejection(client.validate(SESSION));
  expect(String(error)).toContain('127.0.0.1');
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    statusCode: 503,
    error: 'UNAVAILABLE',
    message: 'Please try again later.',
  });
  client.close();
});

// Connect's own session manager let this end the process.
test('a server of HTTP/1.1 alone is an error of the call', async () => {
  const server = createHttpServer((_, response) => response.end());
  const client = new AuthFlowClient({ address: await listen(server), apiKey: 'af_key' });
  expect(await rejection(client.validate(SESSION))).toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('does not answer in clear text'),
  });
  client.close();
});

test('a server that ends each connection at once is an error of the call', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).destroy());
  const client = new AuthFlowClient({ address: await listen(server), apiKey: 'af_key' });
  expect(await rejection(client.validate(SESSION))).toMatchObject({ code: 'UNAVAILABLE', reason: '' });
  client.close();
});

test('a closed client refuses its raw stub too', async () => {
  const client = new AuthFlowClient({ address: GRPC, apiKey: 'af_key' });
  client.close();
  expect(await rejection(client.stub.validate(SESSION))).toMatchObject({ rawMessage: 'The client is closed.' });
});

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
