import { once } from 'node:events';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { create, toBinary } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { type FooBarRequest, FooBarRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { CERTIFICATES } from '../support/certificates.js';
import { startTestServer } from '../support/running-server.ts';

const { ca, server: serverPair, client: clientPair } = CERTIFICATES;

function tlsSettings(clientCa: string | null) {
  const file = (pem: string) => ({ path: '', pem });
  return {
    tls: {
      cert: file(serverPair.cert),
      key: file(serverPair.key),
      clientCa: clientCa === null ? null : file(clientCa),
    },
  };
}

test('with TLS both ports answer by it', async () => {
  await using server = await startTestServer({ settings: tlsSettings(null) });
  expect(server.httpAddress).toMatch(/^https:/);
  expect(await overHttps(server.httpAddress, {})).toContain('"statusCode":200');
  expect(await overGrpc(server.grpcAddress, credentials.createSsl(Buffer.from(ca)))).not.toBe('');
});

test('with mTLS both ports demand a certificate of the authority', async () => {
  await using server = await startTestServer({ settings: tlsSettings(ca) });
  await expect(overHttps(server.httpAddress, {})).rejects.toThrow();
  await expect(overGrpc(server.grpcAddress, credentials.createSsl(Buffer.from(ca)))).rejects.toThrow();

  expect(await overHttps(server.httpAddress, clientPair)).toContain('"statusCode":200');
  const withCertificate = credentials.createSsl(
    Buffer.from(ca),
    Buffer.from(clientPair.key),
    Buffer.from(clientPair.cert),
  );
  expect(await overGrpc(server.grpcAddress, withCertificate)).not.toBe('');
});

async function overHttps(address: string, pair: { readonly cert?: string; readonly key?: string }): Promise<string> {
  const asked = request(`${address}/auth/fooBar?identity=ada@example.com`, { ca, ...pair, agent: false });
  const response = once(asked, 'response');
  asked.end();
  const [reply] = await response;
  return text(reply);
}

function overGrpc(address: string, channel: ReturnType<typeof credentials.createSsl>): Promise<string> {
  // By name: grpc-js sends an address as the server's name, which Node 26 refuses.
  const client = new Client(address.replace('127.0.0.1', 'localhost'), channel);
  return new Promise<string>((resolve, reject) => {
    client.makeUnaryRequest(
      '/authflow.v1.AuthService/FooBar',
      (message: FooBarRequest) => Buffer.from(toBinary(FooBarRequestSchema, message)),
      (bytes: Buffer) => bytes,
      create(FooBarRequestSchema, { identity: 'ada@example.com' }),
      (error, response) => (error ? reject(error) : resolve(response?.toString('hex') ?? '')),
    );
  }).finally(() => client.close());
}
