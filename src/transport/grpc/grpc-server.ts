import type { Server } from '@grpc/grpc-js';
import type { Logger } from '../../observability/logger.ts';
import { CallReport } from '../../operations/call-report.ts';
import type { Operations } from '../../operations/pipeline.ts';
import type { Admission } from '../admission/admission.ts';
import { wireError } from '../error-mapping.ts';
import type { ConnectionSource } from '../net/connection-source.ts';
import type { HeldAnswers } from '../net/held-answers.ts';
import type { HeldBytes } from '../net/held-bytes.ts';
import type { TlsCertificates, TlsRenewal } from '../net/tls.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import { AuxiliaryServices, WATCH_PATH } from './auxiliary-services.ts';
import type { StreamHandler } from './library-streams.ts';
import { createGatedPort, type Library } from './stream-gate.ts';
import { unaryEndpoints } from './unary-calls.ts';

/** What a gRPC server is made of. */
export interface GrpcServerOptions {
  readonly operations: Operations;
  /** An IP address or a host name. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Where another process listens in the place of this one. */
  readonly source?: ConnectionSource | undefined;
  /** Null for clear text. */
  readonly tls: TlsCertificates | null;
  /** The most connections at once: near it others give way for those that come; what comes beyond is closed. */
  readonly maxConnections: number;
  /** Whose word is taken for where a call comes from. */
  readonly proxies: TrustedProxies;
  /** Where requests of both ports are counted while they wait for their end. */
  readonly heldBytes: HeldBytes;
  /** Where answers of both ports are counted that wait to be taken over HTTP/2. */
  readonly heldAnswers: HeldAnswers;
  /** Who is let in to be read, on both ports. */
  readonly admission: Admission;
  readonly log: Logger;
}

/** A gRPC server that listens. */
export interface GrpcServer {
  /** The port that it listens on. */
  readonly port: number;
  /**
   * Loads grpc-js, then health and reflection, which a call to them otherwise waits for. Rejected when they cannot be
   * read; then these are INTERNAL or UNIMPLEMENTED until a restart. Repeating it waits for the same end.
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

/** Starts the server; fulfilled when it listens, rejected when it cannot. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  // A library that is not installed stops the start, and not the first call.
  import.meta.resolve('@grpc/grpc-js');
  const { operations, proxies, tls, maxConnections, heldBytes, admission } = options;
  const { services, observer } = operations;
  let draining: Promise<void> | null = null;
  const library = new LateLibrary(options.log);
  const auxiliaryServices = new AuxiliaryServices(services);
  let loading: Promise<void> | null = null;
  const load = (): Promise<void> => {
    loading ??= library.load().then((server) => auxiliaryServices.load(server));
    return loading;
  };
  const port = createGatedPort({
    tls,
    maxConnections,
    heldBytes,
    heldAnswers: options.heldAnswers,
    isProxy: (address) => proxies.isProxy(address),
    onRefusedConnection: () => observer.refusedConnection('grpc'),
    calls: unaryEndpoints({ operations, proxies, heldBytes, admission, isDraining: () => draining !== null }),
    watchPath: WATCH_PATH,
    tell: (error) => wireError(new CallReport(observer, 'grpc', 'unknown').failed(error)),
    library,
    // Without them the calls are served all the same. Whoever loads them in the background tells the log.
    loadAuxiliaryServices: () => load().catch(() => undefined),
  });
  return {
    port: options.source === undefined ? await port.listen(options.host, options.port) : port.takeFrom(options.source),
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

/** grpc-js, loaded after the start: it would make it longer by as much as a bare Node takes (docs/performance.md, B9). */
class LateLibrary implements Library {
  readonly #log: Logger;
  handle: StreamHandler | null = null;
  #loading: Promise<Server> | null = null;

  constructor(log: Logger) {
    this.#log = log;
  }

  load(): Promise<Server> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<Server> {
    const [{ createLibraryServer }, { streamHandlerOf }] = await Promise.all([
      import('./library-server.ts'),
      import('./library-streams.ts'),
    ]);
    const server = createLibraryServer(this.#log);
    this.handle = streamHandlerOf(server);
    return server;
  }
}
