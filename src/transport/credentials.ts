import type { FieldViolation } from '../domain/errors.ts';
import type { IncomingCall } from './call.ts';

/**
 * The API key of a call: the field `api_key`, the header `x-api-key` or `authorization: Bearer af_…`. '' when none
 * was sent. Keys that disagree are added to `faults`.
 */
export function readApiKey(field: string, call: IncomingCall, faults: FieldViolation[]): string {
  const header = call.header('x-api-key');
  const authorization = call.header('authorization');
  if (header === null && authorization === null) {
    return field;
  }
  const keys = new Set(bearers(authorization).filter(isApiKey));
  for (const key of (header ?? '').split(',')) {
    keys.add(key.trim());
  }
  keys.add(field);
  return theOne(keys, 'api_key', faults);
}

/**
 * The session token of a call that takes one: the field `sessionToken` or `authorization: Bearer <JWT>`. '' when
 * none was sent. Tokens that disagree are added to `faults`.
 */
export function readSessionToken(field: string, call: IncomingCall, faults: FieldViolation[]): string {
  const authorization = call.header('authorization');
  if (authorization === null) {
    return field;
  }
  const tokens = new Set(bearers(authorization).filter((bearer) => !isApiKey(bearer)));
  tokens.add(field);
  return theOne(tokens, 'sessionToken', faults);
}

/** The admin token of `authorization: Bearer …`. '' when none, or more than one, was sent. */
export function readAdminToken(call: IncomingCall): string {
  const [token, ...others] = new Set(bearers(call.header('authorization')));
  return token === undefined || others.length > 0 ? '' : token;
}

function isApiKey(bearer: string): boolean {
  return bearer.startsWith('af_');
}

/** Every bearer of an `authorization` header, which may hold several values. The scheme is compared without case. */
function bearers(authorization: string | null): string[] {
  return (authorization ?? '').split(',').flatMap((value) => {
    const bearer = /^bearer +(.*)$/is.exec(value.trim());
    return bearer?.[1] ? [bearer[1]] : [];
  });
}

function theOne(values: Set<string>, field: string, faults: FieldViolation[]): string {
  values.delete('');
  const [value, ...others] = values;
  if (others.length > 0) {
    faults.push({ field, message: 'was sent more than once, with different values' });
  }
  return value ?? '';
}
