import type { AuthFlow, SessionUser } from './calls.ts';
import { AuthFlowError, type ErrorBody } from './errors.ts';
import { tell } from './hooks.ts';
import { type PublicRequests, publicRequests } from './public-paths.ts';
import { RememberedSessions } from './remembered-sessions.ts';
import { claimedEmail } from './session-token.ts';

/** What a middleware asks: either client or the fake will do. */
export type SessionValidator = Pick<AuthFlow, 'validate'>;

/** How a middleware finds and checks sessions, of requests of a framework's kind. */
export interface RequireSessionOptions<Request> {
  /** The name of a cookie that holds the session token, in place of `Authorization: Bearer`, which is then not read. */
  readonly cookie?: string;
  /** Finds the session token, in place of header and cookie; null, undefined or `''` where there is none. */
  readonly extract?: (request: Request) => string | null | undefined | Promise<string | null | undefined>;
  /** Lets requests without a session, or with one that is refused, through without a user. */
  readonly optional?: boolean;
  /** Lets requests through unasked: `['/', '/login', '/assets/*']`, where `*` stands for any end, or a predicate. */
  readonly public?: PublicRequests<Request>;
  /**
   * For how long a session that was valid is not asked for again, in milliseconds: at most 1,000, by default 0. A logout
   * is seen that much later. At most 10,000 sessions are remembered.
   */
  readonly rememberMs?: number;
  /**
   * Hears of every error for which 503 is answered, for your log; by default one line goes to `console.error`. What it
   * throws is ignored.
   */
  readonly onError?: (error: unknown) => unknown;
}

/** What `authFlowErrors` can be told. */
export interface AuthFlowErrorsOptions {
  /**
   * Hears of every AuthFlowError that is answered with 500 or more, for your log; by default one line goes to
   * `console.error`. What it throws is ignored.
   */
  readonly onError?: (error: AuthFlowError) => unknown;
}

/** How a framework's requests are read. */
export interface RequestReader<Request> {
  header(request: Request, name: 'authorization' | 'cookie'): string | null | undefined;
  /** The whole path, as it was sent. */
  path(request: Request): string;
}

/** The session that a request came with. Neither consoles nor serializers show its token. */
export class RequestSession {
  /** What Validate answered. */
  readonly user: SessionUser;
  readonly #sessionToken: string;

  /** Joins a user and the token that proved them. */
  constructor(user: SessionUser, sessionToken: string) {
    this.user = user;
    this.#sessionToken = sessionToken;
  }

  /** The token, for `logout`. */
  get sessionToken(): string {
    return this.#sessionToken;
  }
}

/** What is to be answered in place of the application. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON of the server's own shape. */
  readonly body: string;
}

/** A request that goes through. */
export interface Passed {
  /** Null without a live session. */
  readonly session: RequestSession | null;
  /** What came as a session token, live or not, for `withPreviousSession`; null where none came. */
  readonly previousToken: string | null;
}

/** A request that goes through, or what to answer. */
export type Checked = Passed | { readonly refusal: Refusal };

const CHALLENGE = { 'www-authenticate': 'Bearer' };
/** JWTs, the fake's tokens and keys. */
const SECRETS = /\b(?:eyJ|fake\.|af(?:m|adm)?_)[\w.-]{16,}/g;

const NO_SESSION = new AuthFlowError({
  code: 'UNAUTHENTICATED',
  reason: 'SESSION_INVALID',
  message: 'A valid session is needed.',
});

const FORBIDDEN: ErrorBody = { statusCode: 403, error: 'ACCESS_DENIED', message: 'You may not do this.' };
/** As UserService takes them. */
const ROLE = /^[a-z][a-z0-9_.:-]{0,63}$/;

/**
 * Makes the check that all middleware shares; `isOpen` is a request that goes through unasked, as public ones do. It
 * never rejects. Throws RangeError or TypeError, with a sentence, for options that cannot work.
 */
export function sessionCheck<Request>(
  client: SessionValidator,
  options: RequireSessionOptions<Request>,
  reader: RequestReader<Request>,
): (request: Request, isOpen?: boolean) => Promise<Checked> {
  const { optional = false, public: allowed = [], rememberMs = 0, onError = writeError } = options;
  const remembered = new RememberedSessions(rememberMs);
  const tokenOf = tokenReader(options, reader);
  const isPublic = publicRequests(allowed, reader.path);
  /** What cannot be a session token stays here: it may be a secret of another party. Whoever is public is not refused. */
  const unproved = async (request: Request) => {
    try {
      const sessionToken = (await tokenOf(request)) ?? '';
      return claimedEmail(sessionToken) === null ? null : sessionToken;
    } catch {
      return null;
    }
  };

  return async (request, isOpen = false) => {
    let previousToken: string | null = null;
    const refused = (error: AuthFlowError) =>
      optional ? { session: null, previousToken } : { refusal: unauthorized(error) };
    try {
      if (isOpen || isPublic(request)) {
        return { session: null, previousToken: await unproved(request) };
      }
      const sessionToken = (await tokenOf(request)) ?? '';
      const email = claimedEmail(sessionToken);
      if (email === null) {
        return refused(NO_SESSION);
      }
      previousToken = sessionToken;
      const user = await remembered.get(sessionToken, () => client.validate({ sessionToken, email }));
      return { session: new RequestSession(user, sessionToken), previousToken };
    } catch (error) {
      if (isSessionRefused(error)) {
        return refused(error);
      }
      if (isTokenMalformed(error)) {
        return refused(NO_SESSION);
      }
      tell(onError, error);
      return { refusal: unavailable(error) };
    }
  };
}

/**
 * Makes what all `authFlowErrors` share: it tells what to answer to an AuthFlowError, and null of every other error.
 */
export function errorReplies({ onError = writeError }: AuthFlowErrorsOptions): (error: unknown) => Refusal | null {
  return (error) => {
    if (!(error instanceof AuthFlowError)) {
      return null;
    }
    // A proxy's redirection, say, is no answer to whoever asked your backend.
    const statusCode = error.statusCode < 400 ? 500 : error.statusCode;
    if (statusCode >= 500) {
      tell(onError, error);
    }
    return refusal({ ...error.toJSON(), statusCode }, statusCode === 401 ? CHALLENGE : retryAfter(error));
  };
}

/**
 * Makes what all `requireRole` share: it tells what to answer to a user who has none of the roles, or is none, and null of
 * one who has. Throws TypeError where there is no role, or one that no user can have.
 */
export function roleCheck(roles: readonly string[]): (user: SessionUser | null | undefined) => Refusal | null {
  if (roles.length === 0) {
    throw new TypeError('requireRole needs a role');
  }
  const wrong = roles.find((role) => !ROLE.test(role));
  if (wrong !== undefined) {
    throw new TypeError(`requireRole: "${wrong}" is no role: a-z, then up to 63 of a-z, 0-9, _, ., : and -`);
  }
  return (user) => {
    if (user == null) {
      return unauthorized(NO_SESSION);
    }
    return roles.some((role) => user.roles.includes(role)) ? null : refusal(FORBIDDEN, {});
  };
}

function tokenReader<Request>(
  { cookie, extract }: RequireSessionOptions<Request>,
  reader: RequestReader<Request>,
): NonNullable<RequireSessionOptions<Request>['extract']> {
  if (extract !== undefined && cookie !== undefined) {
    throw new TypeError('cookie and extract contradict each other: give one of them');
  }
  // A token of RFC 9110, section 5.6.2, as RFC 6265 asks of a cookie's name.
  if (cookie !== undefined && !/^[\w!#$%&'*+.^`|~-]+$/.test(cookie)) {
    throw new TypeError(`cookie: "${cookie}" is no name of a cookie`);
  }
  if (extract !== undefined) {
    return extract;
  }
  if (cookie !== undefined) {
    return (request) => cookieValue(reader.header(request, 'cookie') ?? '', cookie);
  }
  return (request) => bearerToken(reader.header(request, 'authorization') ?? '');
}

/** The token of RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1). */
function bearerToken(authorization: string): string | undefined {
  return /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1];
}

/** Of several cookies of one name the first: browsers send the one of the longest path first (RFC 6265, section 5.4). */
function cookieValue(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const [key = '', ...value] = pair.split('=');
    if (key.trim() === name) {
      return value.join('=').trim();
    }
  }
  return null;
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
  return refusal({ statusCode: 401, error: reason, message }, CHALLENGE);
}

function unavailable(error: unknown): Refusal {
  const message = 'Sessions cannot be checked at the moment.';
  return refusal({ statusCode: 503, error: 'UNAVAILABLE', message }, retryAfter(error));
}

function retryAfter(error: unknown): Refusal['headers'] {
  const waitMs = error instanceof AuthFlowError ? error.retryAfterMs : null;
  return waitMs === null ? {} : { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
}

function refusal(body: ErrorBody, more: Refusal['headers']): Refusal {
  return {
    status: body.statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...more },
    body: JSON.stringify(body),
  };
}

/** One line of name, reason, code and message. Session tokens and keys that a stranger's error may quote are left out. */
function writeError(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const about = error instanceof AuthFlowError ? ` ${error.reason || 'without a reason'} (${error.code})` : '';
  console.error(`AuthFlow: ${name}${about}: ${message.replace(SECRETS, '…').replace(/\s+/g, ' ')}`);
}
