import type { CallObserver } from '../call-observer.ts';
import { RpcEndpoint } from '../connect/connect-endpoint.ts';
import type { Handlers } from '../handlers.ts';
import type { HeldBytes } from '../net/held-bytes.ts';
import { Port } from '../net/port.ts';
import type { TlsCertificates, TlsRenewal } from '../net/tls.ts';
import { openApiSource } from '../openapi/openapi.ts';
import { type OpsSources, opsRoutes } from '../ops/ops-routes.ts';
import { restEndpoint } from '../rest/rest-endpoint.ts';
import { restRoutes } from '../rest/rest-routes.ts';
import { rpcPaths } from '../rpc-paths.ts';
import { BrowserGuard, type BrowserGuardOptions } from './browser-guard.ts';
import type { HttpExchange } from './exchange.ts';
import { frontDoor } from './front-door.ts';
import { createHttp1, createHttp2 } from './node-servers.ts';
import { RouteIndex } from './route-index.ts';

/** What the HTTP port is made of. */
export interface HttpServerOptions extends BrowserGuardOptions {
  readonly handlers: Handlers;
  /** An IP address or a host name. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Null for clear text. */
  readonly tls: TlsCertificates | null;
  /** The most connections at once: near it the longest idle are ended for those that come; what comes beyond is closed. */
  readonly maxConnections: number;
  /** How long a connection may stay idle after an answer. */
  readonly idleTimeoutMs: number;
  readonly observer: CallObserver;
  /** Where requests of both ports are counted while they wait for their end. */
  readonly heldBytes: HeldBytes;
  readonly ops: OpsSources;
  /** The release, as `/openapi.json` tells it. */
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
  const { tls, maxConnections, idleTimeoutMs, observer, heldBytes } = options;
  const guard = new BrowserGuard(options);
  const rpc = new RpcEndpoint(options.handlers, {
    guard,
    observer,
    heldBytes,
    isDraining: state.isDraining,
  });
  const receive = createReceiver(options, state, { guard, rpc });
  const port = new Port({
    tls,
    maxConnections,
    idleTimeoutMs,
    onTurnedAway: () => observer.turnedAway('http'),
    http1: createHttp1(idleTimeoutMs, receive),
    http2: createHttp2(receive),
  });
  return {
    port: await port.listen(options.host, options.port),
    load: () => rpc.load(),
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

/** Everything behind the sockets: what becomes of one request. */
function createReceiver(
  options: HttpServerOptions,
  { isServing, isDraining }: ServerState,
  { guard, rpc }: { readonly guard: BrowserGuard; readonly rpc: RpcEndpoint },
): (exchange: HttpExchange) => void {
  const { handlers, observer, heldBytes } = options;
  const shared = { guard, observer, heldBytes, isDraining };
  const index = new RouteIndex();
  const routes = restRoutes(handlers);
  for (const route of routes) {
    index.add(route.path, route.methods, 'call', restEndpoint(route, shared));
  }
  for (const path of rpcPaths()) {
    index.add(path, ['POST'], 'call', (exchange) => rpc.answer(exchange));
  }
  const openApi = openApiSource(routes, options.version);
  for (const { path, serve } of opsRoutes(options.ops, openApi, isServing)) {
    index.add(path, ['GET', 'HEAD'], 'open', serve);
  }
  return frontDoor({ index, guard, observer, isDraining });
}
