import { AuthError } from '../../domain/errors.ts';
import { OncePerMinute } from '../../observability/once-per-minute.ts';
import type { RequestIdentity } from '../../operations/call.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import { type HttpExchange, headerOf } from './exchange.ts';

/** What the guard needs to know. */
export interface BrowserGuardOptions {
  /** Origins, exactly as browsers send them, whose pages may call. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** Which key it is, revoked or not; null when there is no such key. */
  identifyApiKey(apiKey: string): Promise<LeakedKey | null>;
  /** Whose word is taken for where a request comes from. */
  readonly proxies: TrustedProxies;
  /** Told at most once a minute for each key that a browser sent. */
  reportLeakedKey(key: LeakedKey, sighting: LeakSighting): void;
}

/** A key by its public id. */
export interface LeakedKey {
  readonly orgId: string;
  readonly keyId: string;
}

/** The refused request that held a key. */
export interface LeakSighting extends RequestIdentity {
  readonly address: string;
}

/** How many keys are looked up at once. Beyond that the guard stays silent. */
const MAX_LOOKUPS = 16;

/** What a page may send that does not ask by name. */
const REQUEST_HEADERS =
  'content-type, authorization, x-api-key, connect-protocol-version, connect-timeout-ms, grpc-timeout, x-grpc-web, x-user-agent';
const RESPONSE_HEADERS = 'grpc-status, grpc-message, grpc-status-details-bin, retry-after';

/**
 * Refuses what browsers send to calls that are for backends (docs/contract.md, section 5), unless its origin is listed.
 * An alarm and no defence: whoever writes the headers can leave them out.
 */
export class BrowserGuard {
  readonly #options: BrowserGuardOptions;
  readonly #reported = new OncePerMinute();
  #lookups = 0;

  constructor(options: BrowserGuardOptions) {
    this.#options = options;
  }

  /** The refusal of a browser's request; null for a backend's, and for one of a listed origin. */
  refusal(exchange: HttpExchange): AuthError | null {
    const { headers } = exchange.request;
    const isBrowser =
      headers.origin !== undefined ||
      headers['sec-fetch-site'] !== undefined ||
      headers['sec-fetch-dest'] !== undefined ||
      headers.cookie !== undefined;
    return isBrowser && !this.#isAllowed(exchange) ? originRefused(exchange) : null;
  }

  /** Sets the headers that let a page of a listed origin read the reply. To be called before anything is sent. */
  shareReply(exchange: HttpExchange): void {
    const { request, response } = exchange;
    const { origin } = request.headers;
    if (origin !== undefined || this.#options.allowedOrigins.size > 0) {
      // On every reply of such a port: a cache must not give a page the one that was made for nobody's page.
      response.setHeader('vary', 'Origin');
    }
    if (origin === undefined) {
      return;
    }
    if (this.#isAllowed(exchange)) {
      response.setHeader('access-control-allow-origin', headerOf(exchange, 'origin') ?? '');
      response.setHeader('access-control-expose-headers', RESPONSE_HEADERS);
    }
  }

  /** The headers that answer an OPTIONS request: a preflight from a listed origin, or a question without an origin. */
  preflightHeaders(exchange: HttpExchange, allow: string): Record<string, string> {
    return exchange.request.headers.origin === undefined
      ? { allow }
      : {
          allow,
          'access-control-allow-methods': allow,
          'access-control-allow-headers': requestedHeaders(exchange) ?? REQUEST_HEADERS,
          'access-control-max-age': '600',
          vary: 'Origin, Access-Control-Request-Headers',
        };
  }

  /** Whether OPTIONS is refused: only an origin that is not listed is. */
  refusesOptions(exchange: HttpExchange): boolean {
    return exchange.request.headers.origin !== undefined && !this.#isAllowed(exchange);
  }

  /** Reports the key of a refused request, if it is one. `parameter` is what came as `api_key`; '' without one. */
  alarm(exchange: HttpExchange, parameter: string, call: RequestIdentity): void {
    const apiKey = parameter === '' ? keyInHeaders(exchange) : parameter;
    if (apiKey === '' || this.#lookups >= MAX_LOOKUPS) {
      return;
    }
    const address = this.#options.proxies.callerOf(exchange.peer, headerOf(exchange, 'x-forwarded-for'));
    this.#lookups++;
    this.#options
      .identifyApiKey(apiKey)
      .then((key) => {
        if (key !== null && this.#reported.isDue(key.keyId)) {
          this.#options.reportLeakedKey(key, { address, requestId: call.requestId });
        }
      })
      // A store that cannot be asked has its own place in the log; the caller is refused all the same.
      .catch(() => undefined)
      .finally(() => {
        this.#lookups--;
      });
  }

  #isAllowed(exchange: HttpExchange): boolean {
    const origin = headerOf(exchange, 'origin');
    return origin !== null && this.#options.allowedOrigins.has(origin);
  }
}

/** By what a browser's request is known (docs/contract.md, section 5), as people write it. */
const SIGNS = ['Origin', 'Sec-Fetch-Site', 'Sec-Fetch-Dest', 'Cookie'] as const;

/** Names the header: a backend may not know that it sends one, such as the cookie by which a balancer would know it again. */
function originRefused(exchange: HttpExchange): AuthError {
  const { headers } = exchange.request;
  const seen = SIGNS.filter((name) => headers[name.toLowerCase()] !== undefined).join(', ');
  const message = `This service is called by backends, and what browsers send was with the request: ${seen}.`;
  return new AuthError('ORIGIN_REFUSED', { message });
}

/**
 * The headers that a preflight asks for, all of which a listed origin may send: tracing adds its own to every call.
 * Null where none are named, or what is named is no list of names, or a longer one than any page has.
 */
function requestedHeaders(exchange: HttpExchange): string | null {
  const requested = headerOf(exchange, 'access-control-request-headers');
  return requested !== null && requested.length <= MAX_REQUESTED_CHARACTERS && HEADER_NAMES.test(requested)
    ? requested
    : null;
}

const MAX_REQUESTED_CHARACTERS = 1_024;
// Tokens, but for the asterisk, which would allow all.
const HEADER_NAMES = /^[!#$%&'+.^_`|~\w-]+(?:[\t ]*,[\t ]*[!#$%&'+.^_`|~\w-]+)*$/;

function keyInHeaders(exchange: HttpExchange): string {
  const bearer = /(?:^|,) *bearer +(af_[^ ,]+)/i.exec(headerOf(exchange, 'authorization') ?? '')?.[1];
  return bearer ?? headerOf(exchange, 'x-api-key') ?? '';
}
