import type { SecureClientSessionOptions } from 'node:http2';
import { AccountService } from '@authflow/stubs/authflow/v1/account_service_pb';
import { AuthService } from '@authflow/stubs/authflow/v1/auth_service_pb';
import { SecondFactorService } from '@authflow/stubs/authflow/v1/second_factor_service_pb';
import { type Client, createClient, type Interceptor, type Transport } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { readAddress } from './address.ts';
import { type ConnectionOptions, GrpcConnection } from './grpc-connection.ts';
import { grpcWire } from './grpc-wire.ts';
import { RepeatingCalls, type RepeatingCallsOptions } from './repeating-calls.ts';
import { apiKeySetting, setting } from './settings.ts';

export type * from './calls.ts';
// biome-ignore lint/performance/noBarrelFile: the entrance of the package; errors.ts is shared with ./fetch
export {
  AuthFlowError,
  type AuthFlowErrorParts,
  ERROR_REASONS,
  type ErrorBody,
  type ErrorCode,
  type ErrorReason,
  type KnownErrorReason,
  type Violation,
} from './errors.ts';
export type { ConnectionOptions } from './grpc-connection.ts';
export { toAuthFlowError } from './grpc-errors.ts';
export type { OnRetry, Retry } from './repeats.ts';
export type * from './second-factor-calls.ts';

/** What a client is made of. */
export interface AuthFlowClientOptions extends RepeatingCallsOptions {
  /**
   * The server's gRPC port: `host:port`, `http://host:port` (clear text) or `https://host:port` (TLS). Without a scheme
   * it is clear text for `localhost`, `127.0.0.0/8` and `::1`, and TLS for all others. By default `AUTHFLOW_ADDRESS`.
   */
  readonly address?: string;
  /** The API key of your organization, which goes with every call. By default `AUTHFLOW_API_KEY`. */
  readonly apiKey?: string;
  /** Clear text, to whatever address. */
  readonly plaintext?: boolean;
  /**
   * TLS, to whatever address. True takes the system's authorities; an object holds Node's own TLS options, such as `ca`
   * for an authority of your own and `cert` with `key` for a client certificate.
   */
  readonly tls?: true | SecureClientSessionOptions;
  /** How long connecting and the answer to a ping may take. */
  readonly connection?: ConnectionOptions;
  /**
   * Connect's interceptors, OpenTelemetry's among them, the first the outermost. They see every request, nonces and
   * repeats too, and not the API key.
   */
  readonly interceptors?: readonly Interceptor[];
}

/** The largest reply that is read: a message of the server has at most a few KiB. */
const READ_MAX_BYTES = 1024 * 1024;

/** The services that an API key opens. */
const WITH_API_KEY: readonly string[] = [AuthService, AccountService, SecondFactorService].map(
  ({ typeName }) => typeName,
);

/** The client of AuthFlow over gRPC. One for the whole program: it keeps one connection and is safe to call at the same time. */
export class AuthFlowClient extends RepeatingCalls {
  /** The connection as a Connect transport, for the raw stubs of any service. Calls of the services below get the API key. */
  readonly transport: Transport;
  /** The raw stub of AuthService: the API key goes along, all else is up to the caller. `toAuthFlowError` reads its errors. */
  readonly stub: Client<typeof AuthService>;
  /** The raw stub of AccountService, which is as the other. */
  readonly accountStub: Client<typeof AccountService>;
  /** The raw stub of SecondFactorService, which is as the others. */
  readonly secondFactorStub: Client<typeof SecondFactorService>;
  readonly #connection: GrpcConnection;

  /** Connects with the first call. Throws TypeError or RangeError, with a sentence, for options that cannot work. */
  constructor(options: AuthFlowClientOptions = {}) {
    const { plaintext = false, tls, connection = {}, interceptors = [] } = options;
    const { baseUrl } = readAddress(setting(options, 'address', 'AUTHFLOW_ADDRESS'), {
      plaintext,
      tls: isTls(tls),
    });
    const grpcConnection = new GrpcConnection(baseUrl, connection, typeof tls === 'object' ? tls : {});
    const transport = createGrpcTransport({
      baseUrl,
      sessionManager: grpcConnection,
      interceptors: [...interceptors, sendsApiKey(apiKeySetting(options)), grpcConnection.interceptor],
      acceptCompression: [],
      readMaxBytes: READ_MAX_BYTES,
    });
    const stub = createClient(AuthService, transport);
    const accountStub = createClient(AccountService, transport);
    const secondFactorStub = createClient(SecondFactorService, transport);
    super(grpcWire(stub, accountStub, secondFactorStub), options);
    this.transport = transport;
    this.stub = stub;
    this.accountStub = accountStub;
    this.secondFactorStub = secondFactorStub;
    this.#connection = grpcConnection;
  }

  /** Ends the calls in flight with CANCELLED, refuses new ones and closes the connection. Repeating it does nothing. */
  override close(): void {
    super.close();
    this.#connection.close();
  }
}

/** Callers without types may say `false`, which could mean two things. */
function isTls(tls: unknown): boolean {
  if (tls === false) {
    throw new TypeError('tls: false is no option: plaintext: true is clear text');
  }
  return tls !== undefined;
}

function sendsApiKey(apiKey: string): Interceptor {
  return (next) => (request) => {
    if (WITH_API_KEY.includes(request.service.typeName)) {
      request.header.set('x-api-key', apiKey);
    }
    return next(request);
  };
}
