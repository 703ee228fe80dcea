import type { AuthFlow, SessionUser } from './calls.ts';
import { AuthFlowError } from './errors.ts';
import { RememberedSessions } from './remembered-sessions.ts';
import { claimedEmail } from './session-token.ts';

/** What a middleware asks: either client will do. */
export type SessionValidator = Pick<AuthFlow, 'validate'>;

/** How a middleware checks sessions. */
export interface RequireSessionOptions {
  /**
   * For how long a session that was valid is not asked for again, in milliseconds: at most 1,000, by default 0. A logout
   * is seen that much later. At most 10,000 sessions are remembered.
   */
  readonly rememberMs?: number;
  /** Hears of every error for which 503 is answered, for your log. What it throws is ignored. */
  readonly onError?: (error: unknown) => void;
}

/** What is to be answered in place of the application. */
export interface Refusal {
  readonly status: 401 | 503;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON of the server's own shape. */
  readonly body: string;
}

/** The user of a request's session, or why there is none. */
export type Checked = { readonly user: SessionUser } | { readonly refusal: Refusal };

const NO_SESSION = new AuthFlowError({
  code: 'UNAUTHENTICATED',
  reason: 'SESSION_INVALID',
  message: 'A session is needed: Authorization: Bearer <token>.',
});

/**
 * Makes the check that Express's and Fastify's middleware share: from the `Authorization` header to a user or a refusal.
 * It never rejects. Throws RangeError for options that cannot be.
 */
export function sessionCheck(
  client: SessionValidator,
  { rememberMs = 0, onError = () => {} }: RequireSessionOptions,
): (authorization: string | undefined) => Promise<Checked> {
  const remembered = new RememberedSessions(rememberMs);
  return async (authorization) => {
    const sessionToken = bearerToken(authorization);
    const email = claimedEmail(sessionToken);
    if (email === null) {
      return { refusal: unauthorized(NO_SESSION) };
    }
    try {
      const validate = () => client.validate({ sessionToken, email });
      return { user: await remembered.get(sessionToken, validate) };
    } catch (error) {
      if (isSessionRefused(error)) {
        return { refusal: unauthorized(error) };
      }
      if (isTokenMalformed(error)) {
        return { refusal: unauthorized(NO_SESSION) };
      }
      tell(onError, error);
      return { refusal: unavailable(error) };
    }
  };
}

/** The token of RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1). */
function bearerToken(authorization = ''): string {
  return /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1] ?? '';
}

/** A reason of a later server that speaks of the session counts too; a refused API key is not the user's fault. */
function isSessionRefused(error: unknown): error is AuthFlowError {
  return error instanceof AuthFlowError && error.code === 'UNAUTHENTICATED' && error.reason.startsWith('SESSION_');
}

/** Token and e-mail are all that was sent, and both are the visitor's: a made-up e-mail is no outage. */
function isTokenMalformed(error: unknown): boolean {
  return error instanceof AuthFlowError && error.reason === 'INVALID_ARGUMENT';
}

function unauthorized({ reason, message }: AuthFlowError): Refusal {
  return refusal(401, reason, message, { 'www-authenticate': 'Bearer' });
}

function unavailable(error: unknown): Refusal {
  const waitMs = error instanceof AuthFlowError ? error.retryAfterMs : null;
  const headers = waitMs === null ? {} : { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
  return refusal(503, 'UNAVAILABLE', 'Sessions cannot be checked at the moment.', headers);
}

function refusal(status: Refusal['status'], reason: string, message: string, more: Refusal['headers']): Refusal {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...more },
    body: JSON.stringify({ statusCode: status, error: reason, message }),
  };
}

function tell(onError: (error: unknown) => void, error: unknown): void {
  try {
    onError(error);
  } catch {
    // The request must be answered whatever the hook does.
  }
}
