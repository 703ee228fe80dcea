import { httpWire } from './http-wire.ts';
import { RepeatingCalls, type RepeatingCallsOptions } from './repeating-calls.ts';
import { apiKeySetting, setting } from './settings.ts';

export type * from './calls.ts';
// biome-ignore lint/performance/noBarrelFile: the entrance of the package; errors.ts is shared with the gRPC client
export {
  AuthFlowError,
  type AuthFlowErrorParts,
  ERROR_REASONS,
  type ErrorBody,
  type ErrorCode,
  type ErrorReason,
  type KnownErrorReason,
  type Violation,
} from './errors.ts';
export type { OnRetry, Retry } from './repeats.ts';
export type * from './second-factor-calls.ts';

/** What a client is made of. */
export interface AuthFlowFetchClientOptions extends RepeatingCallsOptions {
  /**
   * The server's HTTP port, such as `https://auth.example.com`; a path in front of `/auth` may follow. By default
   * `AUTHFLOW_URL`.
   */
  readonly url?: string;
  /** The API key of your organization, which goes with every call. By default `AUTHFLOW_API_KEY`. */
  readonly apiKey?: string;
  /** Sends in place of the global fetch: for an agent with a client certificate, or a binding of an edge runtime. */
  readonly fetch?: typeof fetch;
}

/**
 * The client of AuthFlow over JSON by fetch, for runtimes that have nothing else; no browser, whose requests the server
 * refuses. One for the whole program; safe to call at the same time. Connections are the runtime's.
 */
export class AuthFlowFetchClient extends RepeatingCalls {
  /** Connects with the first call. Throws TypeError or RangeError, with a sentence, for options that cannot work. */
  constructor(options: AuthFlowFetchClientOptions = {}) {
    const { fetch: send } = options;
    // Edge runtimes refuse a fetch that is called as another object's method.
    const fetchOnce: typeof fetch = (...args) => (send ?? globalThis.fetch)(...args);
    const baseUrl = baseUrlOf(setting(options, 'url', 'AUTHFLOW_URL'));
    super(httpWire({ baseUrl, apiKey: apiKeySetting(options), fetch: fetchOnce }), options);
  }
}

function baseUrlOf(url: string): string {
  if (!URL.canParse(url)) {
    throw new TypeError('url must be a whole URL, such as https://auth.example.com (AUTHFLOW_URL)');
  }
  const { protocol, username, password, search, hash, href } = new URL(url);
  if (!/^https?:$/.test(protocol) || `${username}${password}${search}${hash}` !== '') {
    throw new TypeError('url must begin with http:// or https:// and hold no user, query or fragment (AUTHFLOW_URL)');
  }
  return href.replace(/\/+$/, '');
}
