import type { ClientHttp2Stream, IncomingHttpHeaders, SecureClientSessionOptions } from 'node:http2';
import { StatusSchema } from '@authflow/stubs/google/rpc/status_pb';
import { fromBinary } from '@bufbuild/protobuf';
import { Code, ConnectError, decodeBinaryHeader } from '@connectrpc/connect';
import { Http2SessionManager, type Http2SessionOptions } from '@connectrpc/connect-node';

/** What a client may set of its connection. */
export interface ConnectionOptions extends Http2SessionOptions {
  /** After how many milliseconds an attempt to connect, TLS included, is given up; 5,000 by default. */
  readonly connectTimeoutMs?: number;
}

/** Half a usual deadline, so that another attempt fits in. The system itself would go on for two minutes (tcp(7), tcp_syn_retries). */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * A connection that has been silent for longer is asked for a sign of life before its next request: balancers drop idle
 * ones without a word, Azure's after 4 minutes and AWS's after 350 seconds. A dead one costs that request 3 seconds, not
 * its deadline.
 */
const PING: Http2SessionOptions = { pingIntervalMs: 30_000, pingTimeoutMs: 3_000 };

/** The one HTTP/2 connection of a client; a broken one is made anew by the next request. */
export class GrpcConnection extends Http2SessionManager {
  readonly #connectTimeoutMs: number;

  /** Connects with the first request. */
  constructor(baseUrl: string, options: ConnectionOptions, http2Options: SecureClientSessionOptions) {
    const { connectTimeoutMs = CONNECT_TIMEOUT_MS, ...sessionOptions } = options;
    super(baseUrl, { ...PING, ...sessionOptions }, http2Options);
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  /** @inheritdoc */
  override async request(...args: Parameters<Http2SessionManager['request']>): Promise<ClientHttp2Stream> {
    const timer = setTimeout(() => this.#stopConnecting(), this.#connectTimeoutMs);
    const stream = await super.request(...args).finally(() => clearTimeout(timer));
    // Connect reads the same objects behind us.
    stream.on('response', dropUnreadableStatus);
    stream.on('trailers', dropUnreadableStatus);
    failWithoutReply(stream);
    return stream;
  }

  #stopConnecting(): void {
    if (this.state() === 'connecting') {
      this.abort(new ConnectError('connecting took too long', Code.Unavailable));
    }
  }
}

/** Connect waits for a reply of streams that closed without an error until the deadline. */
function failWithoutReply(stream: ClientHttp2Stream): void {
  const fail = () => stream.emit('error', new ConnectError('the stream closed without a reply', Code.Aborted));
  stream.once('close', fail);
  stream.once('response', () => stream.off('close', fail));
}

/**
 * Takes away what Connect cannot read of a status: it would answer with an error about the details and lose the code
 * that stands beside them.
 */
function dropUnreadableStatus(headers: IncomingHttpHeaders): void {
  const details = headers['grpc-status-details-bin'];
  if (details !== undefined && !isReadableStatus(String(details), Number(headers['grpc-status']))) {
    delete headers['grpc-status-details-bin'];
  }
  const message = headers['grpc-message'];
  if (message !== undefined && !isPercentEncoded(String(message))) {
    delete headers['grpc-message'];
  }
}

function isReadableStatus(details: string, code: number): boolean {
  try {
    return fromBinary(StatusSchema, decodeBinaryHeader(details)).code === code;
  } catch {
    return false;
  }
}

function isPercentEncoded(message: string): boolean {
  try {
    return decodeURIComponent(message) !== '';
  } catch {
    return false;
  }
}
