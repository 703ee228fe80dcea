import type { HttpExchange } from '../http/exchange.ts';
import type { Endpoint } from '../http/route-index.ts';

/** What the addresses beside the calls tell (docs/contract.md, section 6). */
export interface OpsSources {
  /** The public signing keys: a JWK set in JSON. */
  jwks(): Promise<string>;
  /** Whether calls can be served: storage answers. Never rejects for that; the server's own stop is added to it. */
  isReady(): Promise<boolean>;
  /** The metrics in the text format of Prometheus. */
  metrics(): Promise<string>;
  /** The content type of {@link metrics}. */
  readonly metricsContentType: string;
}

/** An address that anybody may read with GET or HEAD. */
export interface OpsRoute {
  readonly path: string;
  readonly serve: Endpoint;
}

/** The addresses beside the calls. `openApi` makes the document in JSON. */
export function opsRoutes(sources: OpsSources, openApi: () => string, isServing: () => boolean): readonly OpsRoute[] {
  // In bytes, and once: of text Node makes a copy for each answer, which may wait for a peer that does not take it.
  let document: Buffer | null = null;
  const openApiBytes = (): Buffer => {
    document ??= Buffer.from(openApi());
    return document;
  };
  return [
    {
      path: '/healthz',
      serve: async (exchange) => send(exchange, 200, 'application/json', '{"status":"alive"}'),
    },
    {
      path: '/readyz',
      async serve(exchange) {
        const isReady = isServing() && (await sources.isReady().catch(() => false));
        const body = isReady ? '{"status":"ready"}' : '{"status":"unavailable"}';
        send(exchange, isReady ? 200 : 503, 'application/json', body);
      },
    },
    {
      path: '/metrics',
      serve: async (exchange) => send(exchange, 200, sources.metricsContentType, await sources.metrics()),
    },
    {
      path: '/.well-known/jwks.json',
      serve: async (exchange) =>
        send(exchange, 200, 'application/jwk-set+json', await sources.jwks(), 'public, max-age=300'),
    },
    {
      path: '/openapi.json',
      serve: async (exchange) => send(exchange, 200, 'application/json', openApiBytes(), 'public, max-age=300'),
    },
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
