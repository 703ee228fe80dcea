import { connect } from 'node:http2';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FooBarRequestSchema } from '#gen/authflow/v1/auth_service_pb.js';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { rawCall, shown } from './grpc/test-server.ts';
import { ask } from './http/test-server.ts';

const PATH = '/authflow.v1.AuthService/FooBar';
const MESSAGE = toBinary(FooBarRequestSchema, create(FooBarRequestSchema, { identity: 'ada@example.com' }));
const JSON_MESSAGE = Buffer.from('{"identity":"ada@example.com"}');

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server[Symbol.asyncDispose]());

/** A request body with what is said of its compression. */
interface Sent {
  /** The header of the protocol's own name; null for none. */
  readonly encoding: string | null;
  /** The first byte of the message's frame. Connect frames nothing: such a case is nothing to it where this is no 1. */
  readonly flag: number;
  pack(message: Uint8Array): Uint8Array;
}

interface Told {
  readonly code: number;
  readonly reason: string | null;
}

const asIs = (message: Uint8Array): Uint8Array => message;
const SERVED: Told = { code: 0, reason: null };
const UNREADABLE: Told = { code: 3, reason: 'INVALID_ARGUMENT' };
const TOO_LARGE: Told = { code: 8, reason: null };
const UNKNOWN_ENCODING: Told = { code: 12, reason: null };

const CASES: readonly (Sent & { readonly title: string; readonly told: Told })[] = [
  { title: 'plain', encoding: null, flag: 0, pack: asIs, told: SERVED },
  { title: 'plain, said so', encoding: 'identity', flag: 0, pack: asIs, told: SERVED },
  { title: 'gzip', encoding: 'gzip', flag: 1, pack: gzipSync, told: SERVED },
  { title: 'deflate', encoding: 'deflate', flag: 1, pack: deflateSync, told: SERVED },
  { title: 'gzip announced, this message plain', encoding: 'gzip', flag: 0, pack: asIs, told: SERVED },
  { title: 'an unknown encoding', encoding: 'br', flag: 1, pack: asIs, told: UNKNOWN_ENCODING },
  { title: 'an unknown encoding, this message plain', encoding: 'snappy', flag: 0, pack: asIs, told: UNKNOWN_ENCODING },
  { title: 'gzip by another name', encoding: 'GZIP', flag: 1, pack: gzipSync, told: UNKNOWN_ENCODING },
  { title: 'two encodings', encoding: 'gzip, deflate', flag: 1, pack: gzipSync, told: UNKNOWN_ENCODING },
  { title: 'gzip that is none', encoding: 'gzip', flag: 1, pack: asIs, told: UNREADABLE },
  { title: 'deflate that is none', encoding: 'deflate', flag: 1, pack: asIs, told: UNREADABLE },
  { title: 'deflate without its frame', encoding: 'deflate', flag: 1, pack: deflateRawSync, told: UNREADABLE },
  {
    title: 'gzip without its end',
    encoding: 'gzip',
    flag: 1,
    pack: (message) => gzipSync(message).subarray(0, -9),
    told: UNREADABLE,
  },
  {
    title: 'gzip with a wrong checksum',
    encoding: 'gzip',
    flag: 1,
    pack: (message) => gzipSync(message).map((byte, i, { length }) => (i === length - 5 ? byte ^ 1 : byte)),
    told: UNREADABLE,
  },
  {
    title: 'gzip of what is no message',
    encoding: 'gzip',
    flag: 1,
    pack: () => gzipSync(Buffer.from([0xff, 0xff])),
    told: UNREADABLE,
  },
  {
    title: 'gzip of more than 64 KiB',
    encoding: 'gzip',
    flag: 1,
    pack: () => gzipSync(Buffer.alloc(65_537)),
    told: TOO_LARGE,
  },
  {
    title: 'deflate of more than 64 KiB',
    encoding: 'deflate',
    flag: 1,
    pack: () => deflateSync(Buffer.alloc(65_537)),
    told: TOO_LARGE,
  },
  { title: 'a flag without an encoding', encoding: null, flag: 1, pack: gzipSync, told: UNREADABLE },
  { title: 'a flag without an encoding on a plain message', encoding: null, flag: 1, pack: asIs, told: UNREADABLE },
  { title: 'a flag with no compression', encoding: 'identity', flag: 1, pack: asIs, told: UNREADABLE },
  { title: 'an unknown flag', encoding: null, flag: 2, pack: asIs, told: UNREADABLE },
  { title: 'the flag of trailers', encoding: null, flag: 0x80, pack: asIs, told: UNREADABLE },
  { title: 'an unknown flag beside gzip', encoding: 'gzip', flag: 3, pack: gzipSync, told: UNREADABLE },
  { title: 'an unknown flag beside a plain message', encoding: 'gzip', flag: 2, pack: asIs, told: UNREADABLE },
];

describe.each(CASES)('$title', ({ told, ...sent }) => {
  test.each([
    ['gRPC', () => server.grpcAddress],
    ['gRPC on the HTTP port', () => server.httpAddress.replace('http://', '')],
  ])('by %s', async (_, address) => {
    const headers: Record<string, string> = sent.encoding === null ? {} : { 'grpc-encoding': sent.encoding };
    const answer = await rawCall(address(), PATH, framed(sent, MESSAGE), headers);
    const reason = answer.details === undefined ? null : shown(answer.details).reason;
    expect({ code: answer.grpcStatus, reason }).toEqual(told);
    expect(answer.grpcMessage).not.toContain(sent.encoding ?? 'undefined');
    if (told === UNKNOWN_ENCODING) {
      expect(await acceptedEncodings(address(), framed(sent, MESSAGE), headers)).toEqual([
        'identity',
        'deflate',
        'gzip',
      ]);
    }
  });

  test.each([
    ['protobuf', 'application/grpc-web+proto', MESSAGE],
    ['JSON', 'application/grpc-web+json', JSON_MESSAGE],
  ])('by gRPC-Web with %s', async (_, type, message) => {
    const headers = { 'content-type': type, ...(sent.encoding === null ? {} : { 'grpc-encoding': sent.encoding }) };
    const { text } = await ask(server.httpAddress, PATH, { headers, body: framed(sent, message) });
    const details = /grpc-status-details-bin: *(\S+)/.exec(text)?.[1];
    const reason = details === undefined ? null : shown(details).reason;
    expect({ code: Number(/grpc-status: *(\d+)/.exec(text)?.[1]), reason }).toEqual(told);
  });
});

describe.each(CASES.filter(isSaidByConnect))('$title, by Connect', ({ told, ...sent }) => {
  test.each([
    ['protobuf', 'application/proto', MESSAGE],
    ['JSON', 'application/json', JSON_MESSAGE],
  ])('with %s', async (_, type, message) => {
    const headers = { 'content-type': type, 'content-encoding': sent.encoding ?? '' };
    const { status, json } = await ask(server.httpAddress, PATH, { headers, body: sent.pack(message) });
    const details = json.details as { debug?: { reason?: string } }[] | undefined;
    const code = status === 200 ? 0 : CONNECT_CODES[String(json.code)];
    expect({ code, reason: details?.[0]?.debug?.reason ?? null }).toEqual(told);
  });
});

/** Connect names the compression of a body as a whole, and flags nothing. */
function isSaidByConnect({ flag, encoding }: (typeof CASES)[number]): boolean {
  return flag === 1 && encoding !== null && encoding !== 'identity';
}

const CONNECT_CODES: Readonly<Record<string, number>> = {
  invalid_argument: 3,
  resource_exhausted: 8,
  unimplemented: 12,
  internal: 13,
};

test('on the health of the gRPC port the same faults are told alike', async () => {
  const path = '/grpc.health.v1.Health/Check';
  const call = async (flag: number, message: Uint8Array, headers: Record<string, string>) =>
    (await rawCall(server.grpcAddress, path, framed({ encoding: null, flag, pack: asIs }, message), headers))
      .grpcStatus;
  expect(await call(1, gzipSync(Buffer.alloc(0)), { 'grpc-encoding': 'gzip' })).toBe(0);
  expect(await call(1, deflateSync(Buffer.alloc(0)), { 'grpc-encoding': 'deflate' })).toBe(0);
  expect(await call(1, Buffer.from('none'), { 'grpc-encoding': 'gzip' })).toBe(3);
  expect(await call(1, Buffer.alloc(0), {})).toBe(3);
  expect(await call(1, Buffer.alloc(0), { 'grpc-encoding': 'br' })).toBe(12);
  // No message of protobuf.
  expect(await call(0, Buffer.alloc(11, 0xff), {})).toBe(3);
});

function framed({ flag, pack }: Sent, message: Uint8Array): Buffer {
  const packed = pack(message);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flag);
  prefix.writeUInt32BE(packed.length, 1);
  return Buffer.concat([prefix, packed]);
}

/** What the answer to a call says that it could have been compressed with. */
async function acceptedEncodings(address: string, body: Uint8Array, headers: Record<string, string>): Promise<unknown> {
  const session = connect(`http://${address}`);
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject);
      const type = { 'content-type': 'application/grpc', te: 'trailers' };
      const stream = session.request({ ':method': 'POST', ':path': PATH, ...type, ...headers });
      let accepted = '';
      for (const event of ['response', 'trailers']) {
        stream.on(event, (received: Record<string, unknown>) => {
          accepted = String(received['grpc-accept-encoding'] ?? accepted);
        });
      }
      stream.on('close', () =>
        resolve(
          accepted
            .split(/ *, */)
            .sort()
            .toSorted((one) => (one === 'identity' ? -1 : 0)),
        ),
      );
      stream.resume();
      stream.end(body);
    });
  } finally {
    session.destroy();
  }
}
