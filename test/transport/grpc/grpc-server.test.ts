import { create } from '@bufbuild/protobuf';
import { credentials, Metadata } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { ValidateResponseSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { AuthError } from '../../../src/domain/errors.ts';
import { CERTIFICATES } from '../../support/certificates.js';
import { ask, authClient, errorOf, frame, rawCall, shown, shownBy, startTestServer } from './test-server.ts';

const VALIDATE = '/authflow.v1.AuthService/Validate';

describe('a call', () => {
  test('reaches its handler with its message and its metadata', async () => {
    const server = await startTestServer();
    const metadata = new Metadata();
    metadata.add('x-api-key', 'af_1');
    metadata.add('x-api-key', 'af_2');
    const request = { email: 'añ@例え.jp', sessionToken: 'ey.1' };
    const response = await ask(authClient(server.address), 'validate', request, { metadata });
    expect(response).toMatchObject({ email: request.email, sessionId: 'ey.1', orgId: 'af_1, af_2' });
    expect(server.answered).toEqual([
      { entrance: 'grpc', method: 'Validate', reason: null, durationMs: expect.any(Number), subject: {} },
    ]);
  });

  test('that is refused carries its reason, its faults and its sentence in any script', async () => {
    const server = await startTestServer({
      validate: async () => {
        throw new AuthError('INVALID_ARGUMENT', {
          message: '100 % “naïve” 例え\n😀',
          violations: [{ field: 'org_id', message: 'must be a UUID — 例え' }],
          retryAfterMs: 1_500,
        });
      },
    });
    const error = await errorOf(ask(authClient(server.address), 'validate', {}));
    expect(error.code).toBe(3);
    expect(error.details).toBe('100 % “naïve” 例え\n😀');
    expect(shownBy(error)).toEqual({
      code: 3,
      message: error.details,
      reason: 'INVALID_ARGUMENT',
      domain: 'authflow',
      metadata: {},
      violations: [{ field: 'org_id', message: 'must be a UUID — 例え' }],
      retrySeconds: 1.5,
    });
    expect(server.answered).toMatchObject([{ method: 'Validate', reason: 'INVALID_ARGUMENT' }]);
    expect(server.failed).toEqual([]);
  });

  test.each([
    ['rejected', async () => Promise.reject(new Error('SELECT secret FROM users'))],
    [
      'thrown',
      () => {
        throw new Error('SELECT secret FROM users');
      },
    ],
  ])('that fails by our fault is INTERNAL, with its cause in the log alone: %s', async (_, validate) => {
    const server = await startTestServer({ validate });
    const error = await errorOf(ask(authClient(server.address), 'validate', {}));
    const { reason, metadata, message } = shownBy(error);
    expect([error.code, reason]).toEqual([13, 'INTERNAL']);
    expect(error.details).toBe(`Something went wrong on the server. Request id: ${metadata.request_id}.`);
    expect(message).toBe(error.details);
    expect(JSON.stringify(error.metadata.toJSON())).not.toContain('secret');
    expect(server.failed).toMatchObject([{ method: 'Validate', requestId: metadata.request_id }]);
    expect(server.failed[0]?.error).toBeInstanceOf(Error);
  });

  test('that failed for a cause outside is told to the log with its cause', async () => {
    const cause = new Error('disk full');
    const server = await startTestServer({
      validate: async () => {
        throw new AuthError('UNAVAILABLE', { cause });
      },
    });
    const error = await errorOf(ask(authClient(server.address), 'validate', {}));
    expect([error.code, shownBy(error).reason]).toEqual([14, 'UNAVAILABLE']);
    expect(server.failed).toMatchObject([{ method: 'Validate', requestId: null, error: { cause } }]);
  });

  test('to a method that is not there is UNIMPLEMENTED', async () => {
    const server = await startTestServer();
    for (const path of ['/authflow.v1.AuthService/Nothing', '/authflow.v1.authservice/Validate', `${VALIDATE}/`]) {
      expect(await rawCall(server.address, path, frame(new Uint8Array()))).toMatchObject({ grpcStatus: 12 });
    }
  });

  test('is never answered compressed', async () => {
    const server = await startTestServer({
      validate: async () => create(ValidateResponseSchema, { email: 'a'.repeat(5_000) }),
    });
    const answer = await rawCall(server.address, VALIDATE, frame(new Uint8Array()), { 'grpc-accept-encoding': 'gzip' });
    expect(answer.grpcStatus).toBe(0);
    expect(answer.body.readUInt8(0)).toBe(0);
    expect(answer.body.length).toBeGreaterThan(5_000);
  });
});

describe('bytes that are no message', () => {
  test.each([
    ['a truncated field', [0x0a, 0x05, 0x61]],
    ['an endless varint', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['field number 0', [0x02, 0x01, 0x61]],
    ['a group that is not closed', [0x53]],
    ['noise', Array.from({ length: 300 }, (_, i) => (i * 151 + 7) % 256)],
  ])('are INVALID_ARGUMENT, never INTERNAL: %s', async (_, bytes) => {
    const server = await startTestServer();
    const answer = await rawCall(server.address, VALIDATE, frame(Uint8Array.from(bytes)));
    expect(answer.grpcStatus).toBe(3);
    expect(shown(answer.details)).toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: 'The request is not a readable message.',
    });
  });

  test('that are not UTF-8 in a text field are no message', async () => {
    const server = await startTestServer();
    const password = Uint8Array.of((3 << 3) | 2, 3, 0x61, 0xff, 0x62);
    const answer = await rawCall(server.address, '/authflow.v1.AuthService/Login', frame(password));
    expect(answer.grpcStatus).toBe(3);
    expect(shown(answer.details)).toMatchObject({ reason: 'INVALID_ARGUMENT', violations: [] });
    expect(server.failed).toEqual([]);
  });
});

describe('TLS', () => {
  const { ca, server: pair, client, otherCa } = CERTIFICATES;

  test('serves callers that trust the certificate, and nobody in clear text', async () => {
    const server = await startTestServer({}, { tls: { ...pair, clientCa: null } });
    const trusting = credentials.createSsl(Buffer.from(ca));
    await expect(ask(authClient(`localhost:${server.port}`, trusting), 'logout', {})).resolves.toBeDefined();
    const distrusting = credentials.createSsl(Buffer.from(otherCa));
    for (const channel of [distrusting, credentials.createInsecure()]) {
      const error = await errorOf(
        ask(authClient(`localhost:${server.port}`, channel), 'logout', {}, { deadlineMs: 5_000 }),
      );
      expect([4, 14]).toContain(error.code);
    }
    expect(server.answered).toHaveLength(1);
  });

  test('with a client authority serves only callers that show a certificate of it', async () => {
    const server = await startTestServer({}, { tls: { ...pair, clientCa: ca } });
    const known = credentials.createSsl(Buffer.from(ca), Buffer.from(client.key), Buffer.from(client.cert));
    await expect(ask(authClient(`localhost:${server.port}`, known), 'logout', {})).resolves.toBeDefined();
    const anonymous = credentials.createSsl(Buffer.from(ca));
    const foreign = credentials.createSsl(
      Buffer.from(ca),
      Buffer.from(CERTIFICATES.foreign.key),
      Buffer.from(CERTIFICATES.foreign.cert),
    );
    for (const channel of [anonymous, foreign]) {
      const error = await errorOf(
        ask(authClient(`localhost:${server.port}`, channel), 'logout', {}, { deadlineMs: 5_000 }),
      );
      expect(error.code).toBe(14);
    }
    expect(server.answered).toHaveLength(1);
  });
});

test('a port that is taken refuses the start', async () => {
  const first = await startTestServer();
  await expect(startTestServer({}, { port: first.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test("W5: the library's own log lines show no header", async () => {
  const server = await startTestServer();
  // Not legal in gRPC metadata: grpc-js logs the header as a whole.
  const headers = { 'x-note': 'marked-secret-\u00e9', authorization: 'Bearer marked-secret-\u00e9' };
  const health = '/grpc.health.v1.Health/Check';
  expect(await rawCall(server.address, health, frame(new Uint8Array()), headers)).toMatchObject({ grpcStatus: 0 });
  expect(server.logged.length).toBeGreaterThan(0);
  expect(server.logged.join()).not.toContain('marked-secret');
});
