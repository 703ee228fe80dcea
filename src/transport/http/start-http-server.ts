import { pathsOf } from '../../operations/operation.ts';
import type { Operations } from '../../operations/pipeline.ts';
import type { Admission } from '../admission/admission.ts';
import { ConnectEndpoint } from '../connect/connect-endpoint.ts';
import type { ConnectionSource } from '../net/connection-source.ts';
import type { HeldAnswers } from '../net/held-answers.ts';
import type { HeldBytes } from '../net/held-bytes.ts';
import { Port } from '../net/port.ts';
import type { TlsCertificates, TlsRenewal } from '../net/tls.ts';
import { openApiSource } from '../openapi/openapi.ts';
import { type OpsSources, opsRoutes } from '../ops/ops-routes.ts';
import { accountPages, type PageSources } from '../pages/account-pages.ts';
import { restEndpoint } from '../rest/rest-endpoint.ts';
import { byRpcPath } from '../rpc-paths.ts';
import { BrowserGuard, type BrowserGuardOptions } from './browser-guard.ts';
import type { CallEndpointOptions } from './call-endpoint.ts';
import type { HttpExchange } from './exchange.ts';
import { frontDoor } from './front-door.ts';
import { createHttp1, createHttp2 } from './node-servers.ts';
import { RouteIndex } from './route-index.ts';

/** What the HTTP port is made of. */
export interface HttpServerOptions extends BrowserGuardOptions {
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
  /** How long a connection may stay idle after an answer. */
  readonly idleTimeoutMs: number;
  /** Where requests of both ports are counted while they wait for their end. */
  readonly heldBytes: HeldBytes;
  /** Where answers of both ports are counted that wait to be taken over HTTP/2. */
  readonly heldAnswers: HeldAnswers;
  /** Who is let in to be read, on both ports. */
  readonly admission: Admission;
  readonly ops: OpsSources;
  /** By default there are no pages. */
  readonly pages?: PageSources;
  /** The release, as `/` and `/openapi.json` tell it. */
  readonly version: string;
}

/** An HTTP port that listens. */
export interface HttpServer {
  /** The port that it listens on. */
  readonly port: number;
  /**
   * Loads the library behind gRPC, gRPC-Web and Connect, which a call by one of them otherwise waits for. Rejected
   * when it cannot be read; then such calls are INTERNAL until a restart. Repeating it waits for the same end.
   */
  load(): Promise<void>;
  /** Puts other certificates to use, for connections that begin from now on. Nothing without TLS. */
  renew(renewal: TlsRenewal): void;
  /**
   * Takes the connections that wait in line, and reads what they have sent; at most for so long. To be called right
   * before {@link drain}, which resets what it finds there.
   */
  takeWaiting(timeoutMs: number): Promise<void>;
  /** Turns `/readyz`, which tells from the start whether the storage answers. Calls are served as before. */
  setServing(isServing: boolean): void;
  /**
   * Stops: `/readyz` turns, no connection is taken any more, new calls on open connections are refused UNAVAILABLE,
   * calls in flight are answered, idle connections end, and after `deadlineMs` all others too. The work of a call
   * that was cut off goes on. Repeating it waits for the same end.
   */
  drain(deadlineMs: number): Promise<void>;
}

/**
 * Starts the HTTP port: the six calls and `/organizations` as JSON, both services by gRPC, gRPC-Web and Connect, and
 * the addresses beside the calls, over HTTP/1.1 and HTTP/2 (clear text: by prior knowledge; TLS: by ALPN). Fulfilled
 * when it listens, rejected when it cannot.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  let draining: Promise<void> | null = null;
  let isServing = true;
  const state = { isServing: () => isServing, isDraining: () => draining !== null };
  const { tls, maxConnections, idleTimeoutMs, operations, proxies, heldBytes, admission } = options;
  const guard = new BrowserGuard(options);
  const calls = { operations, guard, admission, proxies, heldBytes, isDraining: state.isDraining };
  const connect = new ConnectEndpoint(calls);
  const receive = createReceiver(options, state, { calls, connect });
  const port = new Port({
    tls,
    maxConnections,
    idleTimeoutMs,
    heldAnswers: options.heldAnswers,
    isProxy: (address) => proxies.isProxy(address),
    onRefusedConnection: () => operations.observer.refusedConnection('http'),
    http1: createHttp1(idleTimeoutMs, receive),
    http2: createHttp2(receive),
  });
  return {
    port: options.source === undefined ? await port.listen(options.host, options.port) : port.takeFrom(options.source),
    load: () => connect.load(),
    renew: (renewal) => port.renew(renewal),
    takeWaiting: (timeoutMs) => port.takeWaiting(timeoutMs),
    setServing: (isServingNow) => {
      isServing = isServingNow;
    },
    drain: (deadlineMs) => {
      isServing = false;
      draining ??= port.drain(deadlineMs);
      return draining;
    },
  };
}

interface ServerState {
  readonly isServing: () => boolean;
  readonly isDraining: () => boolean;
}

/** What becomes of one request. */
function createReceiver(
  options: HttpServerOptions,
  { isServing, isDraining }: ServerState,
  { calls, connect }: { readonly calls: CallEndpointOptions; readonly connect: ConnectEndpoint },
): (exchange: HttpExchange) => void {
  const { services, observer } = options.operations;
  const index = new RouteIndex();
  for (const [path, operation] of byRpcPath(services)) {
    index.add(path, ['POST'], 'call', (exchange) => connect.answer(exchange, operation));
    if (operation.rest.methods.length > 0) {
      for (const path of pathsOf(operation.rest)) {
        index.add(path, operation.rest.methods, 'call', restEndpoint(operation, calls));
      }
    }
  }
  const { version } = options;
  const facts = { version, openApi: openApiSource(services, version), isServing };
  for (const { path, serve } of opsRoutes(options.ops, facts)) {
    index.add(path, ['GET', 'HEAD'], 'open', serve);
  }
  for (const { path, methods, serve } of options.pages === undefined ? [] : accountPages(options.pages, calls)) {
    index.add(path, methods, 'page', serve);
  }
  return frontDoor({ index, guard: calls.guard, observer, isDraining });
}
