import type { FieldViolation } from '../domain/errors.ts';
import type { IncomingCall } from './call.ts';

/**
 * What callers show of themselves in headers (docs/contract.md, section 1, "Keys and sessions"). One header may hold several
 * values, joined by commas, and may be repeated, which the entrances join alike: each is then `Bearer X`, and at most
 * one is a key and one a session. Nothing that was sent is overlooked: what a proxy in front took for the credential
 * must not be another than what we take.
 */

/**
 * The API key of a call: the field `api_key`, the header `x-api-key` or `authorization: Bearer af_…`. '' when none
 * was sent. Headers that hold more than they may, and keys that disagree, are added to `faults`. A key for management
 * (`afm_…`, `afadm_…`) as bearer is returned as it is, whatever else was sent: it opens none of these calls.
 */
export function readApiKey(field: string, call: IncomingCall, faults: FieldViolation[]): string {
  const header = call.header('x-api-key');
  const authorization = call.header('authorization');
  if (header === null && authorization === null) {
    return field;
  }
  const bearer = authorization === null ? NO_CREDENTIALS : readAuthorization(authorization);
  if (bearer === null) {
    faults.push({ field: 'authorization', message: 'must be Bearer and one API key, one session token, or both' });
    // What was sent counts as given: it is not told as missing too.
    return field || (authorization ?? '');
  }
  if (bearer.apiKey !== '' && !isApiKey(bearer.apiKey)) {
    return bearer.apiKey;
  }
  const keys = (header ?? '').split(',').map((key) => key.trim());
  const fromHeader = theOne(keys);
  if (fromHeader === null) {
    faults.push({ field: 'x-api-key', message: DISAGREEMENT });
    return field || keys.join();
  }
  return agreed('api_key', field, [bearer.apiKey, fromHeader], faults);
}

/**
 * The session token of a call that takes one: the field `sessionToken` or `authorization: Bearer <JWT>`. '' when
 * none was sent. Tokens that disagree are added to `faults`; what else is wrong with the header {@link readApiKey} tells.
 */
export function readSessionToken(field: string, call: IncomingCall, faults: FieldViolation[]): string {
  const authorization = call.header('authorization');
  if (authorization === null) {
    return field;
  }
  const bearer = readAuthorization(authorization);
  return bearer === null ? field || authorization : agreed('sessionToken', field, [bearer.sessionToken], faults);
}

/** The admin token of `authorization: Bearer …`. '' when none, or anything beside it, was sent. */
export function readAdminToken(call: IncomingCall): string {
  const parts = (call.header('authorization') ?? '').split(',').map(bearerOf);
  const [token = null, ...others] = new Set(parts);
  return token === null || others.length > 0 ? '' : token;
}

/** The bearers of a call; '' for each that was not sent. */
interface Credentials {
  /** May be a key for management. */
  readonly apiKey: string;
  readonly sessionToken: string;
}

const NO_CREDENTIALS: Credentials = { apiKey: '', sessionToken: '' };
const DISAGREEMENT = 'was sent more than once, with different values';

/** Null where it holds more than it may, or a key without its scheme. Another scheme alone counts as nothing. */
function readAuthorization(authorization: string): Credentials | null {
  let apiKey = '';
  let sessionToken = '';
  for (const part of authorization.split(',')) {
    const bearer = bearerOf(part);
    if (bearer === null) {
      const isAlone = part.length === authorization.length;
      return isAlone && !isKey(part.trim()) ? NO_CREDENTIALS : null;
    }
    const present = isKey(bearer) ? apiKey : sessionToken;
    if (present !== '' && present !== bearer) {
      return null;
    }
    if (isKey(bearer)) {
      apiKey = bearer;
    } else {
      sessionToken = bearer;
    }
  }
  return { apiKey, sessionToken };
}

/** What follows the scheme, which is compared without case; null where it is another or nothing follows. */
function bearerOf(credentials: string): string | null {
  const text = credentials.trim();
  // A token is long, and this is the path of every call: no expression runs over it.
  if (text.slice(0, SCHEME.length).toLowerCase() !== SCHEME) {
    return null;
  }
  return text.slice(SCHEME.length).trimStart();
}

/** With the space that divides it from what follows, which there is then: the text is trimmed. */
const SCHEME = 'bearer ';

/** Of an organization or for management: no session token begins so. */
function isKey(bearer: string): boolean {
  return isApiKey(bearer) || bearer.startsWith('afm_') || bearer.startsWith('afadm_');
}

function isApiKey(bearer: string): boolean {
  return bearer.startsWith('af_');
}

/** A field and what the headers give for it, as one value. */
function agreed(name: string, field: string, fromHeaders: readonly string[], faults: FieldViolation[]): string {
  const value = theOne([field, ...fromHeaders]);
  if (value === null) {
    faults.push({ field: name, message: DISAGREEMENT });
  }
  return value ?? field;
}

/** The value that is given, once or more; '' where none is, null where several are. */
function theOne(values: readonly string[]): string | null {
  let one = '';
  for (const value of values) {
    if (value !== '' && one !== '' && value !== one) {
      return null;
    }
    one ||= value;
  }
  return one;
}
