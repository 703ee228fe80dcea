import { gzipSync } from 'node:zlib';
import type { Random } from '../random.ts';
import type { Fields } from './http2-frames.ts';
import type { Port } from './watched-server.ts';

const RPC_PATHS = [
  '/authflow.v1.AuthService/FooBar',
  '/authflow.v1.AuthService/Validate',
  '/authflow.v1.OrganizationService/ListOrganizations',
  '/authflow.v1.SecondFactorService/VerifyTotp',
];
const GRPC_PATHS = [
  ...RPC_PATHS,
  '/grpc.health.v1.Health/Check',
  '/grpc.health.v1.Health/Watch',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/no.Service/None',
];
export const HTTP_PATHS = [
  ...RPC_PATHS,
  '/auth/fooBar?identity=ada@example.com',
  '/auth/validate',
  '/auth/login',
  '/auth/2fa/verify-2fa',
  '/auth/2fa/enable?challenge=gQ',
  '/organizations',
  '/organizations/x/keys/y',
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/nothing',
  '/',
  '*',
  'http://localhost/healthz',
];

const RPC_TYPES = ['application/grpc', 'application/grpc+proto', 'application/grpc-web', 'application/grpc-web-text'];
const HTTP_TYPES = [
  ...RPC_TYPES,
  'application/json',
  'application/proto',
  'application/connect+json',
  'application/x-www-form-urlencoded',
  'text/plain',
];

/** Fields that libraries act on by themselves. */
const TELLING: Fields = [
  ['expect', '100-continue'],
  ['expect', '100-continue'],
  ['expect', 'miracles'],
  ['te', 'trailers'],
  ['te', 'gzip'],
  ['grpc-timeout', '1n'],
  ['grpc-timeout', '1m'],
  ['grpc-timeout', '99999999H'],
  ['grpc-timeout', 'soon'],
  ['connect-timeout-ms', '1'],
  ['grpc-encoding', 'gzip'],
  ['grpc-encoding', 'br'],
  ['content-encoding', 'gzip'],
  ['connect-protocol-version', '1'],
  ['content-length', '0'],
  ['content-length', '5'],
  ['content-length', '70000'],
  ['origin', 'https://example.com'],
  ['authorization', `Bearer af_${'A'.repeat(43)}`],
  ['x-bad-bin', '%%%'],
  ['x-good-bin', 'AAAA'],
  ['cookie', 'a=b'],
  // HTTP takes the name, gRPC's metadata do not.
  ['x!y', 'a'],
];

/** Fields that no request may have. */
const FORBIDDEN: Fields = [
  ['connection', 'close'],
  ['connection', 'upgrade'],
  ['upgrade', 'h2c'],
  ['transfer-encoding', 'chunked'],
  ['keep-alive', '1'],
  ['X-Upper', 'a'],
  ['', 'nameless'],
  ['x-nul', 'a\0b'],
  ['x-line', 'a\r\nb: c'],
  ['x y', 'space'],
  [':status', '421'],
  [':unknown', 'a'],
  [':path', '/healthz'],
  ['content-length', '-1'],
  ['host', 'elsewhere'],
];

/** The fields of a request that keeps the rules, mostly. */
export function requestFields(random: Random, port: Port): Fields {
  const isGrpc = port === 'grpc';
  const fields: [string, string][] = [
    [':method', random.pick(['POST', 'POST', 'POST', 'POST', 'GET', 'OPTIONS', 'HEAD', 'DELETE', 'CONNECT'])],
    [':scheme', 'http'],
    [':path', random.pick(isGrpc ? GRPC_PATHS : HTTP_PATHS)],
    [':authority', 'localhost'],
    ['content-type', random.pick(isGrpc && random.below(10) > 0 ? RPC_TYPES : HTTP_TYPES)],
  ];
  for (let further = random.below(4); further > 0; further -= 1) {
    fields.push([...random.pick(TELLING)]);
  }
  if (random.below(20) === 0) {
    fields.push(['x-fill', 'a'.repeat(random.pick([4_000, 16_000, 17_000, 60_000]))]);
  }
  return fields;
}

/** The same, broken in one place. */
export function brokenFields(random: Random, port: Port): Fields {
  const fields = [...requestFields(random, port)];
  switch (random.below(5)) {
    case 0:
      fields.splice(random.below(4), 1);
      break;
    case 1:
      fields.reverse();
      break;
    case 2:
      fields.push(...Array.from({ length: random.pick([100, 200]) }, (_, i) => [`x-${i}`, ''] as const));
      break;
    case 3:
      fields.splice(random.below(fields.length), 0, [':protocol', 'websocket']);
      break;
    default:
      fields.splice(random.below(fields.length + 1), 0, random.pick(FORBIDDEN));
  }
  return fields;
}

const FOO_BAR = Buffer.concat([Buffer.from([0x0a, 15]), Buffer.from('ada@example.com')]);

/** A body that some entrance understands, or that none does. */
export function requestBody(random: Random): Buffer {
  switch (random.below(9)) {
    case 0:
      return envelope(0, FOO_BAR);
    case 1:
      return envelope(1, gzipSync(FOO_BAR));
    case 2:
      return envelope(random.pick([1, 2, 0x80, 255]), FOO_BAR);
    case 3:
      return Buffer.concat([envelope(0, FOO_BAR), envelope(0, FOO_BAR)]);
    case 4:
      return Buffer.from(random.pick(['{"identity":"ada@example.com"}', '{"identity":', '[]', 'a=b&a=b', '']));
    case 5:
      return envelope(0, Buffer.alloc(random.pick([0, 1, 1_000, 16_000])));
    case 6:
      return Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]);
    case 7:
      return gzipSync('{}').subarray(0, random.below(30));
    default:
      return Buffer.alloc(random.pick([0, 1, 5, 1_000, 16_384]), 'x');
  }
}

function envelope(flags: number, message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
