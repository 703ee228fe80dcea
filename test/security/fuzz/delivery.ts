import { Agent, request as httpRequest } from 'node:http';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import type { Port, WatchedServer } from '../frames/watched-server.ts';
import type { FuzzedRequest } from './requests.ts';

/** What came back. */
export interface Outcome {
  /** Of HTTP; 0 where nothing came. */
  readonly status: number;
  /** Of gRPC, also in the trailers of gRPC-Web; null where there is none. */
  readonly grpcStatus: number | null;
  readonly text: string;
}

/** To each port: a connection has at most 100 streams. */
const SESSIONS = 4;

const NOTHING: Outcome = { status: 0, grpcStatus: null, text: '' };

/** Connections to one server that carry requests as they are, and are made anew when they end. */
export class Delivery implements Disposable {
  readonly #server: WatchedServer;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32 });
  readonly #sessions = new Map<string, ClientHttp2Session>();
  #sent = 0;

  constructor(server: WatchedServer) {
    this.#server = server;
  }

  /** RPCs go by HTTP/2, the rest by HTTP/1.1. Never rejected. */
  send(request: FuzzedRequest): Promise<Outcome> {
    switch (request.entrance) {
      case 'gRPC':
        return this.#overHttp2('grpc', request);
      case 'JSON':
      case 'form':
      case 'query':
        return this.#overHttp1(request);
      default:
        return this.#overHttp2('http', request);
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
    for (const session of this.#sessions.values()) {
      session.destroy();
    }
  }

  #session(port: Port): ClientHttp2Session {
    this.#sent += 1;
    const key = `${port} ${this.#sent % SESSIONS}`;
    const open = this.#sessions.get(key);
    if (open !== undefined && !open.closed && !open.destroyed) {
      return open;
    }
    const session = connect('http://localhost', { createConnection: () => this.#server.connect(port, 'h2') });
    session.on('error', () => undefined);
    this.#sessions.set(key, session);
    return session;
  }

  #overHttp2(port: Port, { method, path, headers, body }: FuzzedRequest): Promise<Outcome> {
    return new Promise((resolve) => {
      const stream = this.#session(port).request({ ':method': method, ':path': path, te: 'trailers', ...headers });
      let received: IncomingHttpHeaders = {};
      const chunks: Buffer[] = [];
      const onHeaders = (fields: IncomingHttpHeaders): void => {
        received = { ...received, ...fields };
      };
      stream.on('response', onHeaders).on('trailers', onHeaders);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', () => undefined);
      stream.on('close', () => {
        const text = Buffer.concat(chunks).toString('latin1');
        const told = received['grpc-status'] ?? /grpc-status: *(\d+)/.exec(text)?.[1];
        resolve({
          status: Number(received[':status'] ?? 0),
          grpcStatus: told === undefined ? null : Number(told),
          text: `${received['grpc-message'] ?? ''}${text}`,
        });
      });
      stream.end(body ?? undefined);
    });
  }

  #overHttp1({ method, path, headers, body }: FuzzedRequest): Promise<Outcome> {
    return new Promise((resolve) => {
      const fields = { ...headers, ...(body === null ? {} : { 'content-length': String(body.length) }) };
      const options = { agent: this.#agent, host: '127.0.0.1', port: this.#server.ports.http, method, path };
      const request = httpRequest({ ...options, headers: fields }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => resolve(NOTHING));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            grpcStatus: null,
            text: Buffer.concat(chunks).toString('latin1'),
          }),
        );
      });
      request.on('error', (error) => resolve({ ...NOTHING, text: String(error) }));
      request.end(body ?? undefined);
    });
  }
}
