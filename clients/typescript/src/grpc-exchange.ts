import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { StatusSchema } from '@authflow/stubs/google/rpc/status_pb';
import { fromBinary } from '@bufbuild/protobuf';
import { Code, ConnectError, decodeBinaryHeader, type Interceptor } from '@connectrpc/connect';
import { connectionCause } from './connection-cause.ts';
import { isBrokenConnection } from './grpc-errors.ts';

if (!('withResolvers' in Promise)) {
  throw new Error(`@authflow/client needs Node 22 or later; this is Node ${process.versions.node}.`);
}

/**
 * Keeps what the wire said beside what Connect makes of it. Connect loses a status whose details it cannot read, waits
 * until the deadline for a stream that closed without a reply, and does not say whom it was connected to.
 */
export class GrpcExchanges {
  readonly #current = new AsyncLocalStorage<Exchange>();
  readonly #authority: string;

  /** Exchanges with a server. */
  constructor(authority: string) {
    this.#authority = authority;
  }

  /** Must be told of each stream right when it is opened. */
  readonly watch = (stream: ClientHttp2Stream): void => {
    this.#current.getStore()?.watch(stream);
  };

  /** The innermost interceptor of a transport: its errors say what the wire said. */
  readonly interceptor: Interceptor = (next) => async (request) => {
    const exchange = new Exchange();
    try {
      return await this.#current.run(exchange, () => Promise.race([next(request), exchange.lost]));
    } catch (error) {
      throw request.signal.aborted ? error : exchange.errorOf(ConnectError.from(error), this.#authority);
    }
  };
}

class Exchange {
  /** Rejects where the stream closed without a reply. */
  readonly lost: Promise<never>;
  readonly #lose: (error: Error) => void;
  #headers: IncomingHttpHeaders = {};
  #isSent = false;

  constructor() {
    const { promise, reject } = Promise.withResolvers<never>();
    // It may come after the race.
    promise.catch(() => {});
    this.lost = promise;
    this.#lose = reject;
  }

  watch(stream: ClientHttp2Stream): void {
    this.#isSent = true;
    let cause: unknown;
    const lose = () => this.#lose(new ConnectError('the stream closed without a reply', Code.Aborted, {}, [], cause));
    stream.once('error', (error) => {
      cause = error;
    });
    stream.once('close', lose);
    stream.once('response', (headers) => {
      stream.off('close', lose);
      this.#headers = headers;
    });
    stream.once('trailers', (trailers) => {
      this.#headers = trailers;
    });
  }

  errorOf(error: ConnectError, authority: string): ConnectError {
    const status = statusOf(this.#headers);
    if (status !== null) {
      return status.isReadable ? error : new ConnectError('', status.code, { 'grpc-status': String(status.code) });
    }
    // Of a request that was not sent the connection itself has told why.
    if (!this.#isSent || !isBrokenConnection(error)) {
      return error;
    }
    const cause = connectionCause(error, { isSecure: authority.startsWith('https:'), isMute: false });
    return new ConnectError(`No reply from ${authority}: ${cause}.`, Code.Unavailable, {}, [], error);
  }
}

/** The status of a failure, and whether all that stands beside it can be read; null where none came. */
function statusOf(headers: IncomingHttpHeaders): { readonly code: number; readonly isReadable: boolean } | null {
  const code = Number(headers['grpc-status'] ?? 0);
  if (!(code in Code)) {
    return null;
  }
  const details = headers['grpc-status-details-bin'];
  const message = headers['grpc-message'];
  const isReadable =
    details === undefined
      ? message === undefined || isPercentEncoded(String(message))
      : isDetailsOf(String(details), code);
  return { code, isReadable };
}

function isDetailsOf(details: string, code: number): boolean {
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
