import type { Random } from '../random.ts';
import { HTTP_PATHS, requestBody } from './requests.ts';

/** Bursts of HTTP/1.1 requests for one connection, in line after each other, whole, broken and without their ends. */
export function http1Packets(random: Random): readonly Buffer[] {
  return Array.from({ length: 1 + random.below(4) }, () =>
    Buffer.concat(Array.from({ length: 1 + random.below(4) }, () => requestBytes(random))),
  );
}

const METHODS = [
  'GET',
  'GET',
  'POST',
  'POST',
  'POST',
  'HEAD',
  'OPTIONS',
  'DELETE',
  'CONNECT',
  'PRI',
  'BREW',
  'get',
  '',
];
const VERSIONS = [...Array.from({ length: 12 }, () => 'HTTP/1.1'), 'HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', ''];
const FIELDS = [
  'Host: elsewhere',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: Upgrade, HTTP2-Settings',
  'Upgrade: h2c',
  'Upgrade: websocket',
  'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
  'Expect: 100-continue',
  'Expect: miracles',
  'Content-Type: application/json',
  'Content-Type: application/grpc-web+proto',
  'Content-Encoding: gzip',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: identity',
  'Content-Length: 3',
  'Content-Length: x',
  'Trailer: x',
  'TE: trailers',
  'Origin: https://example.com',
  ' folded',
  'No-Colon',
  'X-Nul: a\0b',
  `X-Fill: ${'a'.repeat(17_000)}`,
];

function requestBytes(random: Random): Buffer {
  const end = random.below(30) === 0 ? '\n' : '\r\n';
  const lines = [
    `${random.pick(METHODS)} ${random.pick([...HTTP_PATHS, 'localhost:80', '/%zz', '/\u00e9'])} ${random.pick(VERSIONS)}`,
    ...(random.below(10) === 0 ? [] : ['Host: localhost']),
    ...Array.from({ length: random.below(4) }, () => random.pick(FIELDS)),
  ];
  const body = requestBody(random);
  switch (random.below(6)) {
    case 0:
      lines.push('Transfer-Encoding: chunked', '', chunked(random, body), '');
      return Buffer.from(lines.join(end), 'latin1');
    case 1:
      lines.push(`Content-Length: ${body.length + random.pick([-1, 1, 70_000])}`, '', '');
      return Buffer.concat([Buffer.from(lines.join(end), 'latin1'), body]);
    case 2:
    case 3:
      lines.push(`Content-Length: ${body.length}`, '', '');
      return Buffer.concat([Buffer.from(lines.join(end), 'latin1'), body]);
    case 4:
      return Buffer.from(lines.join(end), 'latin1').subarray(0, random.below(200));
    default:
      lines.push('', '');
      return Buffer.from(lines.join(end), 'latin1');
  }
}

function chunked(random: Random, body: Buffer): string {
  const size = random.pick([
    body.length.toString(16),
    body.length.toString(16),
    'ffffffffffffffff',
    '-1',
    'zz',
    '3;ext=1',
  ]);
  const last = random.pick(['0\r\n\r\n', '0\r\n\r\n', '0\r\nX-Trailer: a\r\n\r\n', '0\r\nHost: b\r\n', '']);
  return `${size}\r\n${body.toString('latin1')}\r\n${last}`;
}
