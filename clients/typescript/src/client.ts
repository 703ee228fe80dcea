import type { SecureClientSessionOptions } from 'node:http2';
import { AuthService } from '@authflow/stubs/authflow/v1/auth_service_pb';
import { type Client, createClient, type Interceptor, type Transport } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { checkApiKey } from './api-key.ts';
import { type ConnectionOptions, GrpcConnection } from './grpc-connection.ts';
import { grpcWire } from './grpc-wire.ts';
import { RepeatingCalls } from './repeating-calls.ts';

export type * from './calls.ts';
// biome-ignore lint/performance/noBarrelFile: the entrance of the package; errors.ts is shared with ./fetch
export {
  AuthFlowError,
  type AuthFlowErrorParts,
  ERROR_REASONS,
  type ErrorCode,
  type ErrorReason,
  type KnownErrorReason,
  type Violation,
} from './errors.ts';
export type { ConnectionOptions } from './grpc-connection.ts';
export { toAuthFlowError } from './grpc-errors.ts';

/** What a client is made of. */
export interface AuthFlowClientOptions {
  /** `host:port` of the server's gRPC port. */
  readonly address: string;
  /** The API key of your organization, which goes with every call. */
  readonly apiKey: string;
  /** What a call may take in all, in milliseconds; 10,000 by default. */
  readonly deadlineMs?: number;
  /**
   * Off by default: clear text. True takes the system's authorities; an object holds Node's own TLS options, such as `ca`
   * for an authority of your own and `cert` with `key` for a client certificate.
   */
  readonly tls?: boolean | SecureClientSessionOptions;
  /** Options of the HTTP/2 connection: pings, when an idle one is closed, how long connecting may take. */
  readonly connection?: ConnectionOptions;
}

/** The largest reply that is read: a message of the server has at most a few KiB. */
const READ_MAX_BYTES = 1024 * 1024;

/** The client of AuthFlow over gRPC. One for the whole program: it keeps one connection and is safe to call at the same time. */
export class AuthFlowClient extends RepeatingCalls {
  /** The connection as a Connect transport, for the raw stubs of any service. Calls of AuthService get the API key. */
  readonly transport: Transport;
  /** The raw stub of AuthService: the API key goes along, all else is up to the caller. `toAuthFlowError` reads its errors. */
  readonly stub: Client<typeof AuthService>;
  readonly #connection: GrpcConnection;

  /** Connects with the first call. Throws TypeError or RangeError for options that cannot be. */
  constructor({ address, apiKey, deadlineMs, tls = false, connection = {} }: AuthFlowClientOptions) {
    const baseUrl = baseUrlOf(address, tls !== false);
    const grpcConnection = new GrpcConnection(baseUrl, connection, typeof tls === 'object' ? tls : {});
    const transport = createGrpcTransport({
      baseUrl,
      sessionManager: grpcConnection,
      interceptors: [sendsApiKey(checkApiKey(apiKey))],
      acceptCompression: [],
      readMaxBytes: READ_MAX_BYTES,
    });
    const stub = createClient(AuthService, transport);
    super(grpcWire(stub), deadlineMs);
    this.transport = transport;
    this.stub = stub;
    this.#connection = grpcConnection;
  }

  /** Ends the calls in flight with CANCELLED, refuses new ones and closes the connection. Repeating it does nothing. */
  override close(): void {
    super.close();
    this.#connection.abort();
  }
}

function baseUrlOf(address: string, isSecure: boolean): string {
  const baseUrl = `${isSecure ? 'https' : 'http'}://${address}`;
  if (!/^[^/?#@\s]+:\d+$/.test(address) || !URL.canParse(baseUrl)) {
    throw new TypeError('address must be host:port, without a scheme');
  }
  return baseUrl;
}

function sendsApiKey(apiKey: string): Interceptor {
  return (next) => (request) => {
    if (request.service.typeName === AuthService.typeName) {
      request.header.set('x-api-key', apiKey);
    }
    return next(request);
  };
}
