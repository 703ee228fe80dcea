import { type HttpExchange, turnOf } from '../http/exchange.ts';
import type { Endpoint } from '../http/route-index.ts';

/** What the addresses beside the calls tell (docs/contract.md, section 6). */
export interface OpsSources {
  /** The public signing keys: a JWK set in JSON. */
  jwks(): Promise<string>;
  /** Whether calls can be served: storage answers. Never rejects for that; the server's own stop is added to it. */
  isReady(): Promise<boolean>;
  /** The metrics in the text format of Prometheus, in bytes that many may be given: they may wait for peers that do not take them. */
  metrics(): Promise<Buffer>;
  /** The content type of {@link metrics}. */
  readonly metricsContentType: string;
}

/** What these addresses tell that does not change, and the server's own state. */
export interface OpsFacts {
  /** The release. */
  readonly version: string;
  /** Makes the document of `/openapi.json`. */
  readonly openApi: () => string;
  readonly isServing: () => boolean;
}

/** An address that anybody may read with GET or HEAD. */
export interface OpsRoute {
  readonly name: string;
  readonly path: string;
  readonly serve: Endpoint;
}

/** The addresses beside the calls, and `/`, which names them. */
export function opsRoutes(sources: OpsSources, { version, openApi, isServing }: OpsFacts): readonly OpsRoute[] {
  // As with the metrics: of text Node makes a copy for each answer.
  let document: Buffer | null = null;
  const openApiBytes = (): Buffer => {
    document ??= Buffer.from(openApi());
    return document;
  };
  const routes: readonly OpsRoute[] = [
    {
      name: 'healthz',
      path: '/healthz',
      serve: async (exchange) => send(exchange, 200, 'application/json', '{"status":"alive"}'),
    },
    {
      name: 'readyz',
      path: '/readyz',
      async serve(exchange) {
        const isReady = isServing() && (await sources.isReady().catch(() => false));
        const body = isReady ? '{"status":"ready"}' : '{"status":"unavailable"}';
        send(exchange, isReady ? 200 : 503, 'application/json', body);
      },
    },
    {
      name: 'metrics',
      path: '/metrics',
      async serve(exchange) {
        await turnOf(exchange);
        send(exchange, 200, sources.metricsContentType, await sources.metrics());
      },
    },
    {
      name: 'jwks',
      path: '/.well-known/jwks.json',
      serve: async (exchange) =>
        send(exchange, 200, 'application/jwk-set+json', await sources.jwks(), 'public, max-age=300'),
    },
    {
      name: 'openapi',
      path: '/openapi.json',
      async serve(exchange) {
        await turnOf(exchange);
        send(exchange, 200, 'application/json', openApiBytes(), 'public, max-age=300');
      },
    },
  ];
  const addresses = Object.fromEntries(routes.map(({ name, path }) => [name, path]));
  const product = JSON.stringify({ product: 'AuthFlow', version, addresses });
  return [
    { name: 'product', path: '/', serve: async (exchange) => send(exchange, 200, 'application/json', product) },
    ...routes,
  ];
}

function send(
  { response }: HttpExchange,
  status: number,
  contentType: string,
  body: string | Buffer,
  cacheControl = 'no-store',
): void {
  response.writeHead(status, {
    'content-type': contentType,
    'cache-control': cacheControl,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
