import { checkApiKey } from './api-key.ts';
import { httpWire } from './http-wire.ts';
import { RepeatingCalls } from './repeating-calls.ts';

export type * from './calls.ts';
// biome-ignore lint/performance/noBarrelFile: the entrance of the package; errors.ts is shared with the gRPC client
export {
  AuthFlowError,
  type AuthFlowErrorParts,
  ERROR_REASONS,
  type ErrorCode,
  type ErrorReason,
  type KnownErrorReason,
  type Violation,
} from './errors.ts';

/** What a client is made of. */
export interface AuthFlowFetchClientOptions {
  /** The server's HTTP address, such as `https://auth.example.com`; a path in front of `/auth` may follow. */
  readonly url: string;
  /** The API key of your organization, which goes with every call. */
  readonly apiKey: string;
  /** What a call may take in all, in milliseconds; 10,000 by default. */
  readonly deadlineMs?: number;
  /** Sends in place of the global fetch: for an agent with a client certificate, or a binding of an edge runtime. */
  readonly fetch?: typeof fetch;
}

/**
 * The client of AuthFlow over JSON by fetch, for runtimes that have nothing else; no browser, whose requests the server
 * refuses. One for the whole program; safe to call at the same time. Connections are the runtime's.
 */
export class AuthFlowFetchClient extends RepeatingCalls {
  /** Connects with the first call. Throws TypeError or RangeError for options that cannot be. */
  constructor({ url, apiKey, deadlineMs, fetch: send }: AuthFlowFetchClientOptions) {
    // Edge runtimes refuse a fetch that is called as another object's method.
    const fetchOnce: typeof fetch = (...args) => (send ?? globalThis.fetch)(...args);
    super(httpWire({ baseUrl: baseUrlOf(url), apiKey: checkApiKey(apiKey), fetch: fetchOnce }), deadlineMs);
  }
}

function baseUrlOf(url: string): string {
  if (!URL.canParse(url)) {
    throw new TypeError('url must be a whole URL, such as https://auth.example.com');
  }
  const { protocol, username, password, search, hash, href } = new URL(url);
  if (!/^https?:$/.test(protocol) || `${username}${password}${search}${hash}` !== '') {
    throw new TypeError('url must begin with http:// or https:// and hold no user, query or fragment');
  }
  return href.replace(/\/+$/, '');
}
