import { gzipSync } from 'node:zlib';
import { HTTP_PATHS } from '../frames/requests.ts';
import type { Random } from '../random.ts';

/** One to six requests of HTTP/1.1 in line after each other, each of them good but for up to three places. */
export function http1Requests(random: Random): readonly Buffer[] {
  return Array.from({ length: 1 + random.below(6) }, () => {
    let bytes = goodRequest(random);
    for (let changes = random.pick([0, 0, 1, 1, 2, 3]); changes > 0; changes -= 1) {
      bytes = changed(random, bytes);
    }
    return bytes;
  });
}

const BODIES: readonly (readonly [type: string, body: string | Buffer])[] = [
  ['application/json', '{"identity":"ada@example.com"}'],
  ['application/json; charset=utf-8', '{"email":"ada@example.com","sessionToken":"a.b.c"}'],
  ['application/x-www-form-urlencoded', 'identity=ada%40example.com'],
  ['application/grpc-web+proto', Buffer.from([0, 0, 0, 0, 0])],
  ['application/proto', Buffer.from([0x0a, 1, 0x61])],
  ['application/octet-stream', gzipSync('{}')],
];

const FIELDS = [
  'Connection: keep-alive',
  'Connection: close',
  'Expect: 100-continue',
  'Accept: */*',
  'Accept-Encoding: gzip, br',
  'X-Api-Key: af_',
  'Authorization: Bearer a.b.c',
  'Content-Encoding: gzip',
  'TE: trailers',
  'Range: bytes=0-1',
  'If-None-Match: *',
  'X-Forwarded-For: 192.0.2.1',
];

function goodRequest(random: Random): Buffer {
  const fields = Array.from({ length: random.below(4) }, () => random.pick(FIELDS));
  const path = random.pick(HTTP_PATHS);
  const [type, body] = random.pick(BODIES);
  const head = ['Host: localhost', ...fields];
  switch (random.below(4)) {
    case 0:
      return request(`${random.pick(['GET', 'GET', 'OPTIONS', 'HEAD'])} ${path} HTTP/1.1`, head);
    case 1:
      return request(
        `POST ${path} HTTP/1.1`,
        [...head, `Content-Type: ${type}`, 'Transfer-Encoding: chunked'],
        [chunked(random, Buffer.from(body))],
      );
    default:
      return request(
        `POST ${path} HTTP/1.1`,
        [...head, `Content-Type: ${type}`, `Content-Length: ${body.length}`],
        [Buffer.from(body)],
      );
  }
}

function request(line: string, fields: readonly string[], body: readonly Buffer[] = []): Buffer {
  return Buffer.concat([Buffer.from([line, ...fields, '', ''].join('\r\n'), 'latin1'), ...body]);
}

/** The body in up to four chunks, with an extension or a trailer at times. */
function chunked(random: Random, body: Buffer): Buffer {
  const size = Math.ceil(body.length / (1 + random.below(4)));
  const chunks: Buffer[] = [];
  for (let start = 0; start < body.length; start += size) {
    const chunk = body.subarray(start, start + size);
    const extension = random.pick(['', '', '', ';a=b', ';a="b\\"c"']);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...chunks, Buffer.from(random.pick(['0\r\n\r\n', '0\r\n\r\n', '0\r\nX-Trailer: a\r\n\r\n']))]);
}

/** What parsers of HTTP/1 disagree about. */
const TOKENS = [
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  ' ',
  '\t',
  '\0',
  '\x7f',
  '\x80\xff',
  ':',
  ';',
  ',',
  '"',
  '%',
  '//',
  '/../',
  '?',
  '#',
  '@',
  'HTTP/1.1',
  'HTTP/1.0',
  '0\r\n\r\n',
  'ffffffffffffffff',
  '-1',
  '+5',
  '0x10',
  '1'.repeat(400),
  'a'.repeat(17_000),
  '\r\nContent-Length: 5',
  '\r\nContent-Length: 0',
  '\r\nContent-Length: 99999999999999999999',
  '\r\nTransfer-Encoding: chunked',
  '\r\nTransfer-Encoding: xchunked',
  '\r\nTransfer-Encoding : chunked',
  '\r\nHost: elsewhere',
  '\r\nConnection: upgrade, http2-settings',
  '\r\nUpgrade: h2c',
  '\r\n folded',
  '\r\n: nameless',
  '\r\nX-Many: a'.repeat(500),
];

function changed(random: Random, bytes: Buffer): Buffer {
  const start = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, start + random.pick([0, 1, 2, 10]));
  const replaced = (added: Uint8Array): Buffer => Buffer.concat([bytes.subarray(0, start), added, bytes.subarray(end)]);
  switch (random.below(5)) {
    case 0:
      return bytes.subarray(0, start);
    case 1:
      return replaced(Buffer.from([random.below(256)]));
    case 2:
      return replaced(bytes.subarray(start, start + random.below(60)));
    default:
      return replaced(Buffer.from(random.pick(TOKENS), 'latin1'));
  }
}
