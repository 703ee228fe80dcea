import type { ClientHttp2Stream, OutgoingHttpHeaders, SecureClientSessionOptions } from 'node:http2';
import { Code, ConnectError, type Interceptor } from '@connectrpc/connect';
import type { GrpcTransportOptions } from '@connectrpc/connect-node';
import { connectionCause } from './connection-cause.ts';
import { GrpcExchanges } from './grpc-exchange.ts';
import { GrpcSession } from './grpc-session.ts';

/** What a client may set of its connection. */
export interface ConnectionOptions {
  /** A connection that was silent for longer is asked for a sign of life before its next request; 30,000 by default. */
  readonly pingIntervalMs?: number;
  /** How long it has for that, in milliseconds; 3,000 by default. Then it is made anew. */
  readonly pingTimeoutMs?: number;
  /** After how many milliseconds an attempt to connect, TLS included, is given up; 5,000 by default. */
  readonly connectTimeoutMs?: number;
}

/** Half a usual deadline, so that another attempt fits in. The system itself would go on for two minutes (tcp(7), tcp_syn_retries). */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Balancers drop idle connections without a word, Azure's after 4 minutes and AWS's after 350 seconds. A dead one costs
 * a request 3 seconds, not its deadline.
 */
const PING_INTERVAL_MS = 30_000;
const PING_TIMEOUT_MS = 3_000;

/** A server that ends each connection when it opens is not asked for ever. */
const MAX_ATTEMPTS = 2;

/** What a Connect transport asks of the holder of its connection. */
type SessionManager = NonNullable<GrpcTransportOptions['sessionManager']>;

/** The one HTTP/2 connection of a client; a broken one is made anew by the next request. */
export class GrpcConnection implements SessionManager {
  /** Where to, as a URL without a path. */
  readonly authority: string;
  /** To be the innermost of the transport's interceptors. */
  readonly interceptor: Interceptor;
  readonly #exchanges: GrpcExchanges;
  readonly #tls: SecureClientSessionOptions;
  readonly #options: Required<ConnectionOptions>;
  #session: GrpcSession | null = null;
  #preparing: Promise<GrpcSession> | null = null;
  #isClosed = false;

  /** Connects with the first request. */
  constructor(authority: string, options: ConnectionOptions, tls: SecureClientSessionOptions) {
    this.authority = authority;
    this.#exchanges = new GrpcExchanges(authority);
    this.interceptor = this.#exchanges.interceptor;
    this.#tls = tls;
    this.#options = {
      pingIntervalMs: options.pingIntervalMs ?? PING_INTERVAL_MS,
      pingTimeoutMs: options.pingTimeoutMs ?? PING_TIMEOUT_MS,
      connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    };
  }

  /** Sends the headers of a request. Rejects with UNAVAILABLE, the address and the cause where there is no connection. */
  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: object,
  ): Promise<ClientHttp2Stream> {
    const all = { ...headers, ':method': method, ':path': path };
    for (let attempts = 1; ; attempts += 1) {
      const session = await this.#ready();
      try {
        const stream = session.request(all, options);
        this.#exchanges.watch(stream);
        return stream;
      } catch (error) {
        if (session.isUsable()) {
          throw error;
        }
        // It ended right after it was found ready, and this request was never sent.
        if (attempts === MAX_ATTEMPTS) {
          throw this.#unavailable(session.error ?? error);
        }
      }
    }
  }

  /** Nothing: the headers of a reply are sign of life enough. */
  notifyResponseByteRead(): void {}

  /** Ends the connection and its requests; others are refused with CANCELLED. */
  close(): void {
    this.#isClosed = true;
    this.#session?.destroy();
  }

  #ready(): Promise<GrpcSession> {
    this.#preparing ??= this.#prepare().finally(() => {
      this.#preparing = null;
    });
    return this.#preparing;
  }

  async #prepare(): Promise<GrpcSession> {
    const { pingIntervalMs, pingTimeoutMs } = this.#options;
    if (this.#session?.isUsable() && (await this.#session.isAlive(pingIntervalMs, pingTimeoutMs))) {
      return this.#session;
    }
    if (this.#isClosed) {
      throw new ConnectError('The client is closed.', Code.Canceled);
    }
    this.#session = new GrpcSession(this.authority, this.#tls);
    try {
      await this.#session.opened(this.#options.connectTimeoutMs);
    } catch (error) {
      throw this.#unavailable(error);
    }
    return this.#session;
  }

  #unavailable(error: unknown): ConnectError {
    const cause = connectionCause(error, { isSecure: this.authority.startsWith('https:'), isMute: true });
    return new ConnectError(`No connection to ${this.authority}: ${cause}.`, Code.Unavailable, {}, [], error);
  }
}
