import { connect, type OutgoingHttpHeaders } from 'node:http2';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { frame } from './grpc/test-server.ts';
import { sendRaw } from './http/test-server.ts';
import { filled, hostileForms, hostileJson } from './matrix/hostile.ts';
import { HTTP_OPERATIONS, requestOf } from './matrix/http-operations.ts';
import { type AdminWorld, createAdminWorld, PROTECTED_ROLE } from './matrix/organizations-world.ts';
import { createWorld, type World } from './matrix/world.ts';

/** The most that a refusal may take: status, headers, body and trailers together (docs/security.md, W9). */
const MAX_REPLY_BYTES = 4_096;
const BODY_BYTES = 64 * 1024;
/** Below the 16 KiB that a block of headers may have, with those that every request has. */
const HEADER_BYTES = 15_000;

let server: TestServer;
let world: World;
let adminWorld: AdminWorld;

beforeAll(async () => {
  server = await startTestServer({ settings: { protectedRoles: [PROTECTED_ROLE] } });
  world = await createWorld(server);
  adminWorld = await createAdminWorld(server);
});

afterAll(() => server[Symbol.asyncDispose]());

const REST = HTTP_OPERATIONS.filter(({ isRpc }) => !isRpc);
const RPCS = HTTP_OPERATIONS.filter(({ isRpc }) => isRpc);
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

describe('W9: a refusal is small', () => {
  test.each(REST)('$title: hostile queries, forms and JSON', async (operation) => {
    const { method } = operation;
    const { path, params, headers } = await requestOf(operation, world, adminWorld);
    const names = [...Object.keys(params), 'org_id', 'api_key', 'name'];
    for (const [title, query] of Object.entries(hostileForms(names, HEADER_BYTES))) {
      expectSmall(`query: ${title}`, await replyTo({ method, path: `${path}?${query}`, headers }));
    }
    if (method === 'GET') {
      return;
    }
    for (const [title, body] of Object.entries(hostileForms(names, BODY_BYTES))) {
      const form = { method, path: `${path}?${body.slice(0, 10_000)}`, headers: { ...headers, ...FORM_TYPE }, body };
      expectSmall(`form: ${title}`, await replyTo(form));
      expectSmall(`form alone: ${title}`, await replyTo({ ...form, path }));
    }
    for (const [title, body] of Object.entries(hostileJson(names, BODY_BYTES))) {
      const json = { method, path, headers: { ...headers, ...JSON_TYPE }, body };
      expectSmall(`JSON: ${title}`, await replyTo(json));
      const atOdds = names.map((name) => `${name}=q`).join('&');
      expectSmall(`JSON and query: ${title}`, await replyTo({ ...json, path: `${path}?${atOdds}&${atOdds}` }));
    }
  });

  test.each(RPCS)('$path: hostile JSON and protobuf by Connect, gRPC-Web and gRPC', async (operation) => {
    const { path, params, headers } = await requestOf(operation, world, adminWorld);
    for (const [title, body] of Object.entries(hostileJson(Object.keys(params), BODY_BYTES))) {
      const connectJson = { method: 'POST', path, headers: { ...headers, ...JSON_TYPE }, body };
      expectSmall(`Connect: ${title}`, await replyTo(connectJson));
      const web = { ...headers, 'content-type': 'application/grpc-web+json' };
      expectSmall(`gRPC-Web: ${title}`, await replyTo({ ...connectJson, headers: web, body: framed(body) }));
      const grpc = { ...headers, 'content-type': 'application/grpc+json' };
      expectSmallCall(`gRPC: ${title}`, await call(server.httpAddress, path, framed(body), grpc));
    }
    for (const [title, body] of Object.entries(HOSTILE_PROTOBUF)) {
      const message = body.subarray(0, BODY_BYTES - 10);
      const connectProto = { method: 'POST', path, headers: { ...headers, 'content-type': 'application/proto' } };
      expectSmall(`Connect: ${title}`, await replyTo({ ...connectProto, body: message }));
      const web = { ...headers, 'content-type': 'application/grpc-web' };
      expectSmall(`gRPC-Web: ${title}`, await replyTo({ ...connectProto, headers: web, body: frame(message) }));
      for (const address of [server.httpAddress, `http://${server.grpcAddress}`]) {
        expectSmallCall(`${address}: ${title}`, await call(address, path, frame(message), { ...headers }));
      }
    }
  });

  test.each(Object.entries(hostileHeaders()))('whatever stands in the headers: %s', async (_, headers) => {
    for (const [path, body, type] of [
      ['/auth/login', '{}', 'application/json'],
      ['/organizations', '{}', 'application/json'],
      ['/healthz', '', 'application/json'],
      ['/authflow.v1.AuthService/Login', '{}', 'application/json'],
      ['/authflow.v1.AuthService/Login', framed('{}'), 'application/grpc-web+json'],
      ['/authflow.v1.OrganizationService/GetOrganization', '{}', 'application/json'],
    ] as const) {
      for (const method of ['POST', 'GET', 'OPTIONS', 'PATCH']) {
        const sent = { 'content-type': type, ...headers };
        expectSmall(`${method} ${path}`, await replyTo({ method, path, headers: sent, body }));
      }
    }
    for (const address of [server.httpAddress, `http://${server.grpcAddress}`]) {
      for (const path of ['/authflow.v1.AuthService/Login', '/grpc.health.v1.Health/Check']) {
        for (const compressed of [false, true]) {
          const message = frame(Buffer.alloc(3), { compressed });
          expectSmallCall(`${address}${path}`, await call(address, path, message, headers));
        }
      }
    }
  });

  test('whatever is asked for: paths and methods', async () => {
    const long = 'p'.repeat(HEADER_BYTES);
    for (const path of [`/${long}`, `/auth/${long}`, `/organizations/${long}`, `http://${long}/auth/login`]) {
      for (const method of ['GET', 'POST', 'OPTIONS', 'BREW']) {
        expectSmall(`${method} ${path.slice(0, 30)}`, await replyTo({ method, path }));
      }
    }
    expectSmall('a target beyond the limit', await replyTo({ method: 'GET', path: `/${'p'.repeat(BODY_BYTES)}` }));
    for (const path of [
      `/${long}`,
      `/authflow.v1.AuthService/${long}`,
      `/grpc.health.v1.Health/${long}`,
      '/%25'.repeat(3_000),
    ]) {
      for (const address of [server.httpAddress, `http://${server.grpcAddress}`]) {
        expectSmallCall(`${address} ${path.slice(0, 30)}`, await call(address, path, frame(Buffer.alloc(0)), {}));
      }
    }
  });

  test.each([1_000, 10_000, 60_000])('health and reflection do not say back names of %i bytes', async (bytes) => {
    for (const text of ['n', '\u00e9', ' ']) {
      const named = (field: number) =>
        frame(
          new BinaryWriter()
            .tag(field, WireType.LengthDelimited)
            .string(text.repeat(bytes / text.length))
            .finish(),
        );
      const address = `http://${server.grpcAddress}`;
      const health = await call(address, '/grpc.health.v1.Health/Check', named(1), {});
      expectSmallCall('health', health);
      expect(health.grpcStatus).not.toBe('0');
      for (const version of ['v1', 'v1alpha']) {
        for (const field of [1, 3, 4, 6, 7]) {
          const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
          expectSmallCall(`${path} ${field}`, await call(address, path, named(field), {}));
        }
      }
    }
  });
});

/** What is no message of ours, or one in a way that nobody would send. */
const HOSTILE_PROTOBUF: Readonly<Record<string, Buffer>> = {
  'every field over and over': Buffer.concat(
    Array.from({ length: 20_000 }, (_, i) => Buffer.from([(((i % 9) + 1) << 3) | WireType.LengthDelimited, 1, 0x61])),
  ),
  'fields that are not UTF-8': Buffer.concat(
    Array.from({ length: 20_000 }, (_, i) => Buffer.from([(((i % 9) + 1) << 3) | WireType.LengthDelimited, 1, 0xff])),
  ),
  'unknown fields': Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.from([0xf8, 0x7f, 0]))),
  'one huge field': Buffer.concat([Buffer.from([0x0a, 0xf0, 0xff, 0x03]), Buffer.alloc(65_520, 0xc3)]),
  garbage: Buffer.alloc(BODY_BYTES, 0xff),
};

function hostileHeaders(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const long = 'h'.repeat(HEADER_BYTES);
  return {
    'a huge bearer': { authorization: `Bearer ${long}` },
    'many bearers': { authorization: filled(HEADER_BYTES, (i) => `Bearer af_${i},`) },
    'a huge scheme': { authorization: long },
    'a bare key': { authorization: `af_${long}` },
    'many keys': { 'x-api-key': filled(HEADER_BYTES, (i) => `af_${i},`) },
    'a huge content type': { 'content-type': `application/json; charset=${long}` },
    'a huge content type of gRPC': { 'content-type': `application/grpc+${long}` },
    'many parameters of the content type': { 'content-type': `application/json${filled(HEADER_BYTES, () => ';a=b')}` },
    'a huge encoding': { 'content-encoding': long, 'grpc-encoding': long },
    'a huge encoding of text that is escaped': { 'grpc-encoding': filled(HEADER_BYTES, () => '"%<') },
    'a huge version': { 'connect-protocol-version': long },
    'huge timeouts': { 'grpc-timeout': long, 'connect-timeout-ms': long },
    'a huge origin': { origin: `https://${long}`, 'access-control-request-method': 'POST' },
    'a huge preflight': { origin: 'https://a.example', 'access-control-request-headers': long },
    'a huge cookie': { cookie: long },
  };
}

interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** All the bytes that come back for a request of HTTP/1.1. */
function replyTo({ method, path, headers = {}, body = '' }: RawRequest): Promise<string> {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: x',
    'Connection: close',
    ...(method === 'GET' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const sent = method === 'GET' ? head : Buffer.concat([head, Buffer.from(body)]);
  return sendRaw(Number(new URL(server.httpAddress).port), sent, 20_000);
}

function expectSmall(title: string, bytes: string): void {
  expect({ title, isReply: /^HTTP\/1\.1 \d{3} /.test(bytes) }).toEqual({ title, isReply: true });
  if (isPageOfEvents(bytes)) {
    return;
  }
  expect({ title, excess: Math.max(bytes.length - MAX_REPLY_BYTES, 0) }).toEqual({ title, excess: 0 });
  const { violations = [], message = '' } = envelopeOf(bytes.split('\r\n\r\n')[1] ?? '');
  const fields = violations.map(({ field }) => field);
  expect({ title, fields }).toEqual({ title, fields: [...new Set(fields)] });
  expect(fields.length).toBeLessThanOrEqual(16);
  for (const sentence of [message, ...violations.map((violation) => violation.message)]) {
    expect({ title, excess: Math.max(Buffer.byteLength(sentence) - 512, 0) }).toEqual({ title, excess: 0 });
  }
}

/** Unknown names are ignored: such a call is none that is refused. */
function isPageOfEvents(bytes: string): boolean {
  return bytes.startsWith('HTTP/1.1 200 ') && bytes.includes('organization.created');
}

function envelopeOf(body: string): { violations?: { field: string; message: string }[]; message?: string } {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}

interface CallReply {
  /** Headers, trailers and body. */
  readonly bytes: number;
  readonly grpcStatus: string | undefined;
  /** In bytes, as it is sent: escaped. */
  readonly messageBytes: number;
}

/** A call by gRPC, over a connection of its own. */
function call(address: string, path: string, body: Uint8Array, headers: OutgoingHttpHeaders): Promise<CallReply> {
  const session = connect(address);
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let bytes = 0;
    const seen: Record<string, string> = {};
    for (const event of ['response', 'trailers']) {
      stream.on(event, (received: object) => {
        for (const [name, value] of Object.entries(received)) {
          bytes += name.length + String(value).length;
          seen[name] = String(value);
        }
      });
    }
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.on('error', () => {});
    stream.on('close', () => {
      session.destroy();
      resolve({ bytes, grpcStatus: seen['grpc-status'], messageBytes: (seen['grpc-message'] ?? '').length });
    });
    stream.end(body);
  });
}

function expectSmallCall(title: string, { bytes, grpcStatus, messageBytes }: CallReply): void {
  expect({ title, isReply: bytes > 0 }).toEqual({ title, isReply: true });
  if (grpcStatus === '0') {
    return;
  }
  expect({ title, excess: Math.max(bytes - MAX_REPLY_BYTES, 0) }).toEqual({ title, excess: 0 });
  expect({ title, excess: Math.max(messageBytes - 3 * 512, 0) }).toEqual({ title, excess: 0 });
}

function framed(text: string): Buffer {
  return frame(Buffer.from(text));
}
