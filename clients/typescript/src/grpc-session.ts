import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2';
import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

/** One HTTP/2 session, from connecting to its end. It keeps the process alive only while it has requests. */
export class GrpcSession {
  readonly #socket: Duplex;
  readonly #session: ClientHttp2Session;
  #requests = 0;
  #aliveAt = performance.now();
  #error: unknown;

  /** Connects to `http://host:port` or `https://host:port`. */
  constructor(authority: string, tls: SecureClientSessionOptions) {
    this.#socket = tls.createConnection?.(new URL(authority), tls) ?? openSocket(new URL(authority), tls);
    this.#session = connect(authority, { ...tls, createConnection: () => this.#socket });
    // Node tells a session of errors even after its end, and one that nobody hears ends the process.
    this.#session.on('error', (error) => {
      this.#error ??= error;
    });
    this.#session.on('goaway', () => this.#endWhenUnused());
    // Of a refused client certificate the socket alone is told.
    this.#socket.on('error', (error) => this.#session.destroy(error));
  }

  /** Resolves when the server has spoken HTTP/2; rejects, with the session destroyed, where it does not in time. */
  async opened(timeoutMs: number): Promise<void> {
    const session = this.#session;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        // Not 'connect': of what listens there may speak TLS, or HTTP/1.1 alone.
        session.once('remoteSettings', () => resolve());
        session.once('error', reject);
        this.#socket.once('error', reject);
        session.once('close', () => reject(new Error('the connection was closed')));
        timer = setTimeout(() => session.destroy(connectTimeout()), timeoutMs);
      });
    } catch (error) {
      session.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    this.#aliveAt = performance.now();
    session.unref();
  }

  /** What it ended with, if with an error. */
  get error(): unknown {
    return this.#error;
  }

  /** Whether requests can be sent, as far as is known. */
  isUsable(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** Whether it has been heard of in the last milliseconds, or answers a ping; it is destroyed where it does not in time. */
  async isAlive(withinMs: number, timeoutMs: number): Promise<boolean> {
    if (performance.now() - this.#aliveAt <= withinMs) {
      return true;
    }
    const session = this.#session;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      session.once('close', resolve);
      timer = setTimeout(() => session.destroy(), timeoutMs);
      session.ping((error) => {
        if (error === null) {
          this.#aliveAt = performance.now();
        }
        session.off('close', resolve);
        resolve();
      });
    });
    clearTimeout(timer);
    return this.isUsable();
  }

  /** Sends the headers of a request. Throws where the session has ended. */
  request(headers: OutgoingHttpHeaders, options: object): ClientHttp2Stream {
    const stream = this.#session.request(headers, options);
    this.#requests += 1;
    this.#session.ref();
    stream.once('response', () => {
      this.#aliveAt = performance.now();
    });
    stream.once('close', () => {
      this.#requests -= 1;
      if (this.#requests === 0) {
        this.#session.unref();
        this.#endWhenUnused();
      }
    });
    return stream;
  }

  /** Ends the session and its requests. */
  destroy(): void {
    this.#session.destroy();
  }

  /** A session that the server takes no more requests on. */
  #endWhenUnused(): void {
    if (this.#requests === 0 && this.#session.closed) {
      this.#session.destroy();
    }
  }
}

/** As Node's `http2.connect` does it. */
function openSocket({ protocol, hostname, port }: URL, tls: SecureClientSessionOptions): Duplex {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'http:') {
    return connectTcp({ host, port: Number(port || 80) });
  }
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ ...servername, ...tls, host, port: Number(port || 443), ALPNProtocols: ['h2'] });
}

function connectTimeout(): Error {
  return Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' });
}
