import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';

/** What an HTTP/2 client in clear text sends for one POST: preface, settings, headers and body. */
export async function bytesOfPost(path: string, contentType: string, body: Uint8Array): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const wire = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const session = connectHttp2('http://localhost', { createConnection: () => wire });
  session.on('error', () => {});
  const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': contentType, te: 'trailers' });
  stream.on('error', () => {});
  await new Promise<void>((resolve) => stream.end(body, resolve));
  session.destroy();
  wire.destroy();
  return Buffer.concat(chunks);
}

/** A connection that sends these bytes and neither reads nor ends its side until the test is over. */
export async function openDeaf(port: number, bytes: string | Uint8Array): Promise<Socket> {
  const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  return socket;
}
