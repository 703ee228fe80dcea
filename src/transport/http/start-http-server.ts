import type { CallObserver } from '../call-observer.ts';
import type { Handlers } from '../handlers.ts';
import { BrowserGuard, type BrowserGuardOptions } from './browser-guard.ts';
import { Connections, type HttpTls } from './connections.ts';
import type { HttpExchange } from './exchange.ts';
import { frontDoor } from './front-door.ts';
import { openApiDocument } from './openapi.ts';
import { type OpsSources, opsRoutes } from './ops-routes.ts';
import { restEndpoint } from './rest-endpoint.ts';
import { restRoutes } from './rest-routes.ts';
import { RouteIndex } from './route-index.ts';
import { rpcEndpoint, rpcPaths } from './rpc-endpoint.ts';

/** What the HTTP port is made of. */
export interface HttpServerOptions extends BrowserGuardOptions {
  readonly handlers: Handlers;
  /** An IP address or a host name. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Null for clear text. */
  readonly tls: HttpTls | null;
  readonly observer: CallObserver;
  readonly ops: OpsSources;
  /** The release, as `/openapi.json` tells it. */
  readonly version: string;
}

/** An HTTP port that listens. */
export interface HttpServer {
  /** The port that it listens on. */
  readonly port: number;
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
  const connections = new Connections(options.tls, createReceiver(options, state));
  const port = await connections.listen(options.host, options.port);
  return {
    port,
    setServing: (isServingNow) => {
      isServing = isServingNow;
    },
    drain: (deadlineMs) => {
      isServing = false;
      draining ??= connections.drain(deadlineMs);
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
): (exchange: HttpExchange) => void {
  const { handlers, observer } = options;
  const guard = new BrowserGuard(options);
  const shared = { guard, observer, isDraining };
  const index = new RouteIndex();
  const routes = restRoutes(handlers);
  for (const route of routes) {
    index.add(route.path, route.methods, 'call', restEndpoint(route, shared));
  }
  const rpc = rpcEndpoint(handlers, shared);
  for (const path of rpcPaths()) {
    index.add(path, ['POST'], 'call', rpc);
  }
  const openApi = (): string => JSON.stringify(openApiDocument(routes, options.version));
  for (const { path, serve } of opsRoutes(options.ops, openApi, isServing)) {
    index.add(path, ['GET', 'HEAD'], 'open', serve);
  }
  return frontDoor({ index, guard, observer, isDraining });
}
