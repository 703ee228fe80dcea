import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Logger } from '../../observability/logger.ts';
import { CallReport } from '../../operations/call-report.ts';
import type { Service } from '../../operations/operation.ts';
import type { Operations } from '../../operations/pipeline.ts';
import { wireError } from '../error-mapping.ts';
import { MAX_CONCURRENT_STREAMS, MAX_MESSAGE_BYTES } from '../limits.ts';
import type { HeldBytes } from '../net/held-bytes.ts';
import type { TlsCertificates, TlsRenewal } from '../net/tls.ts';
import { byRpcPath } from '../rpc-paths.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import { redirectLibraryLog, silenceLibraryLog } from './library-log.ts';
import { OtherServices, WATCH_PATH } from './other-services.ts';
import { methodDefinition } from './service-definition.ts';
import { StreamGate } from './stream-gate.ts';
import { type UnaryCallOptions, unaryCall } from './unary-calls.ts';

/** What a gRPC server is made of. */
export interface GrpcServerOptions {
  readonly operations: Operations;
  /** An IP address or a host name. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Null for clear text. */
  readonly tls: TlsCertificates | null;
  /** The most connections at once; more are closed as they come. */
  readonly maxConnections: number;
  /** Whose word is taken for where a call comes from. */
  readonly proxies: TrustedProxies;
  /** Where requests of both ports are counted while they wait for their end. */
  readonly heldBytes: HeldBytes;
  readonly log: Logger;
}

/** A gRPC server that listens. */
export interface GrpcServer {
  /** The port that it listens on. */
  readonly port: number;
  /**
   * Loads health and reflection, which a call to them otherwise waits for. Rejected when their libraries cannot be
   * read; then they are UNIMPLEMENTED until a restart. Repeating it waits for the same end.
   */
  load(): Promise<void>;
  /** Puts other certificates to use, for connections that begin from now on. Nothing without TLS. */
  renew(renewal: TlsRenewal): void;
  /**
   * Takes the connections that wait in line, and reads what they have sent; at most for so long. To be called right
   * before {@link drain}, which resets what it finds there.
   */
  takeWaiting(timeoutMs: number): Promise<void>;
  /** Turns health (`grpc.health.v1`) to SERVING, as it is from the start, or NOT_SERVING. Calls are served as before. */
  setServing(isServing: boolean): void;
  /**
   * Stops: health turns, no connection is taken any more, new calls on open connections are refused UNAVAILABLE,
   * calls in flight are answered, and every connection ends as soon as they are, or after `deadlineMs`. The work of
   * a call that was cut off goes on. Repeating it waits for the same end.
   */
  drain(deadlineMs: number): Promise<void>;
}

// Limits of docs/security.md, W1, and of what a dead or idle peer may hold.
const LIBRARY_OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_concurrent_streams': MAX_CONCURRENT_STREAMS,
  // Peers that vanished without a word are noticed within two minutes.
  'grpc.keepalive_time_ms': 100_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.max_connection_idle_ms': 5 * 60_000,
  'grpc.enable_channelz': 0,
};

/** Starts the server; fulfilled when it listens, rejected when it cannot. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  silenceLibraryLog();
  const server = new Server(LIBRARY_OPTIONS);
  const { operations, proxies } = options;
  const { services, observer } = operations;
  const callPaths = byRpcPath(services);
  const otherServices = new OtherServices(server, services);
  let draining: Promise<void> | null = null;
  const calls: UnaryCallOptions = { operations, proxies, isDraining: () => draining !== null };
  for (const service of services) {
    addService(server, service, calls);
  }
  const port = await bind(server, options);
  redirectLibraryLog(options.log);
  let loading: Promise<void> | null = null;
  const load = (): Promise<void> => {
    loading ??= otherServices.load();
    return loading;
  };
  const gate = new StreamGate(server, {
    callPaths: new Set(callPaths.keys()),
    watchPath: WATCH_PATH,
    maxConnections: options.maxConnections,
    onTurnedAway: () => observer.turnedAway('grpc'),
    heldBytes: options.heldBytes,
    tellCrowded: (path, error) =>
      wireError(new CallReport(observer, 'grpc', callPaths.get(path)?.method.name ?? 'unknown').failed(error)),
    // Without them the calls are served all the same. Whoever loads them in the background tells the log.
    loadOtherServices: () => load().catch(() => undefined),
  });
  return {
    port,
    load,
    renew: (renewal) => gate.renew(renewal),
    takeWaiting: (timeoutMs) => gate.takeWaiting(timeoutMs),
    setServing: (isServing) => otherServices.setServing(isServing),
    drain: (deadlineMs) => {
      otherServices.setServing(false);
      draining ??= gate.close(deadlineMs);
      return draining;
    },
  };
}

function addService(server: Server, { operations }: Service, options: UnaryCallOptions): void {
  const definition: ServiceDefinition = Object.fromEntries(
    operations.map(({ method }) => [method.localName, methodDefinition(method)]),
  );
  const implementation: UntypedServiceImplementation = Object.fromEntries(
    operations.map((operation) => [operation.method.localName, unaryCall(operation, options)]),
  );
  server.addService(definition, implementation);
}

function bind(server: Server, { host, port, tls }: GrpcServerOptions): Promise<number> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials(tls), (error, boundPort) =>
      error ? reject(bindError(error, port)) : resolve(boundPort),
    );
  });
}

// The library puts the system's code (EADDRINUSE) into its sentence alone; the HTTP port's error has it as `code`.
function bindError(error: Error, port: number): Error {
  const code = /\bE[A-Z]{3,}\b/.exec(error.message)?.[0];
  return code === undefined ? error : Object.assign(new Error('The gRPC port cannot listen.'), { code, port });
}

function credentials(tls: TlsCertificates | null): ServerCredentials {
  if (tls === null) {
    return ServerCredentials.createInsecure();
  }
  const clientCa = tls.clientCa === null ? null : Buffer.from(tls.clientCa);
  const pair = { cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) };
  return ServerCredentials.createSsl(clientCa, [pair], clientCa !== null);
}
