import { Server, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Logger } from '../../observability/logger.ts';
import { CallReport } from '../../operations/call-report.ts';
import type { Service } from '../../operations/operation.ts';
import type { Operations } from '../../operations/pipeline.ts';
import { wireError } from '../error-mapping.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import type { HeldBytes } from '../net/held-bytes.ts';
import type { TlsCertificates, TlsRenewal } from '../net/tls.ts';
import { byRpcPath } from '../rpc-paths.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import { AuxiliaryServices, WATCH_PATH } from './auxiliary-services.ts';
import { redirectLibraryLog } from './library-log.ts';
import { methodDefinition } from './service-definition.ts';
import { createGatedPort } from './stream-gate.ts';
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
  /** The most connections at once: near it the longest idle are ended for those that come; what comes beyond is closed. */
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

/** All others of the library's limits are of connections, which it never sees. */
const LIBRARY_OPTIONS = { 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES, 'grpc.enable_channelz': 0 };

/** Starts the server; fulfilled when it listens, rejected when it cannot. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  redirectLibraryLog(options.log);
  const server = new Server(LIBRARY_OPTIONS);
  const { operations, proxies } = options;
  const { services, observer } = operations;
  const callPaths = byRpcPath(services);
  const auxiliaryServices = new AuxiliaryServices(server, services);
  let draining: Promise<void> | null = null;
  const calls: UnaryCallOptions = { operations, proxies, isDraining: () => draining !== null };
  for (const service of services) {
    addService(server, service, calls);
  }
  let loading: Promise<void> | null = null;
  const load = (): Promise<void> => {
    loading ??= auxiliaryServices.load();
    return loading;
  };
  const { tls, maxConnections, heldBytes } = options;
  const port = createGatedPort(server, {
    tls,
    maxConnections,
    heldBytes,
    onRefusedConnection: () => observer.refusedConnection('grpc'),
    callPaths: new Set(callPaths.keys()),
    watchPath: WATCH_PATH,
    tellCrowded: (path, error) =>
      wireError(new CallReport(observer, 'grpc', callPaths.get(path)?.method.name ?? 'unknown').failed(error)),
    // Without them the calls are served all the same. Whoever loads them in the background tells the log.
    loadAuxiliaryServices: () => load().catch(() => undefined),
  });
  return {
    port: await port.listen(options.host, options.port),
    load,
    renew: (renewal) => port.renew(renewal),
    takeWaiting: (timeoutMs) => port.takeWaiting(timeoutMs),
    setServing: (isServing) => auxiliaryServices.setServing(isServing),
    drain: (deadlineMs) => {
      auxiliaryServices.setServing(false);
      draining ??= port.drain(deadlineMs);
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
