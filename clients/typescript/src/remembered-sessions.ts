import type { SessionUser } from './calls.ts';

// docs/clients.md, "Middleware".
const LONGEST_MS = 1_000;
const MOST = 10_000;

/** Sessions that were valid a moment ago, by the SHA-256 of their tokens: a dump of the memory holds no token. */
export class RememberedSessions {
  readonly #rememberMs: number;
  /** In the order of their making, which is also that of their ending. */
  readonly #sessions = new Map<string, { readonly user: SessionUser; readonly endsAt: number }>();

  /** Remembers for so many milliseconds, 0 for not at all. Throws RangeError for more than a second. */
  constructor(rememberMs: number) {
    if (!(rememberMs >= 0 && rememberMs <= LONGEST_MS)) {
      throw new RangeError('rememberMs must be between 0 and 1000');
    }
    this.#rememberMs = rememberMs;
  }

  /** The user of a token: remembered, or asked for. A rejection is not remembered. */
  async get(sessionToken: string, validate: () => Promise<SessionUser>): Promise<SessionUser> {
    if (this.#rememberMs === 0) {
      return validate();
    }
    const key = await sha256(sessionToken);
    const known = this.#sessions.get(key);
    if (known !== undefined && performance.now() < known.endsAt && Date.now() < known.user.expiresAt.getTime()) {
      return known.user;
    }
    // From before the asking: a logout right after the answer must be seen in time too.
    const endsAt = performance.now() + this.#rememberMs;
    const user = await validate();
    this.#sessions.delete(key);
    this.#sessions.set(key, { user, endsAt });
    this.#forget();
    return user;
  }

  #forget(): void {
    for (const [key, { endsAt }] of this.#sessions) {
      if (this.#sessions.size <= MOST && performance.now() < endsAt) {
        return;
      }
      this.#sessions.delete(key);
    }
  }
}

/** By the web's means: the middleware of Hono and of web-standard handlers may run where there is no Node. */
async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return String.fromCharCode(...new Uint8Array(digest));
}
