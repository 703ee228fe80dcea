import { once } from 'node:events';
import http2 from 'node:http2';

/** Streams that share a connection: as a client in a backend shares one among the calls in flight. */
const STREAMS_PER_CONNECTION = 8;

/**
 * Unary gRPC calls on bare `node:http2`: a client library would cost more than the server that is measured.
 */
export class GrpcConnection {
  #session;
  #headers;

  /**
   * @param {http2.ClientHttp2Session} session
   * @param {string} path
   */
  constructor(session, path) {
    this.#session = session;
    this.#headers = {
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    };
  }

  /**
   * @param {string} address as `127.0.0.1:50051`
   * @param {string} path
   */
  static async connect(address, path) {
    const session = http2.connect(`http://${address}`);
    await once(session, 'connect');
    return new GrpcConnection(session, path);
  }

  /**
   * Fulfilled when the call was answered OK.
   *
   * @param {Buffer} frame made by {@link grpcFrame}
   * @returns {Promise<void>}
   */
  call(frame) {
    return new Promise((resolve, reject) => {
      const stream = this.#session.request(this.#headers);
      /** @type {unknown} */
      let status;
      let message = '';
      const read = (/** @type {http2.IncomingHttpHeaders} */ headers) => {
        status ??= headers['grpc-status'];
        message = String(headers['grpc-message'] ?? '');
      };
      stream.on('response', read);
      stream.on('trailers', read);
      stream.on('error', reject);
      stream.on('close', () => (status === '0' ? resolve() : reject(new Error(`gRPC status ${status}: ${message}`))));
      stream.resume();
      stream.end(frame);
    });
  }

  close() {
    this.#session.destroy();
  }
}

/**
 * Connections for so many callers.
 *
 * @param {string} address
 * @param {string} path
 * @param {number} callers
 */
export function connectAll(address, path, callers) {
  const connections = Math.ceil(callers / STREAMS_PER_CONNECTION);
  return Promise.all(Array.from({ length: connections }, () => GrpcConnection.connect(address, path)));
}

/**
 * A message as gRPC frames it: not compressed, with its length.
 *
 * @param {Uint8Array} message
 * @returns {Buffer}
 */
export function grpcFrame(message) {
  const frame = Buffer.alloc(5 + message.byteLength);
  frame.writeUInt32BE(message.byteLength, 1);
  frame.set(message, 5);
  return frame;
}
