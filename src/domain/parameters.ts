import { parseEmail } from './email.ts';
import { AuthError, type FieldViolation, toldViolations } from './errors.ts';
import { isUuid } from './uuid.ts';

/*
 * Readers of parameters. Each returns the parameter in its checked form, or an empty value after adding what is
 * wrong to `faults`; the reader of a call reads all its parameters, then ends with `checked`, so that every fault is
 * told at once. An empty string means that a parameter is missing.
 */

declare const CHECKED: unique symbol;

/** Parameters that a reader has found right. Use cases take no others. */
export type Checked<Parameters> = Parameters & { readonly [CHECKED]: true };

/** The parameters, as what they are now known to be. Throws INVALID_ARGUMENT with every fault, if there is one. */
export function checked<Parameters extends object>(
  parameters: Parameters,
  faults: readonly FieldViolation[],
): Checked<Parameters> {
  refuseFaults(faults);
  return parameters as Checked<Parameters>;
}

/** Throws INVALID_ARGUMENT with every fault, if there is one. */
export function refuseFaults(faults: readonly FieldViolation[]): void {
  if (faults.length > 0) {
    throw invalidArgument(faults);
  }
}

/** INVALID_ARGUMENT with these faults; for one that only the store could find. */
export function invalidArgument(faults: readonly FieldViolation[]): AuthError {
  const violations = toldViolations(faults);
  return new AuthError('INVALID_ARGUMENT', { message: violations.map(sentence).join(' '), violations });
}

/** An e-mail in its normalized form. */
export function readEmail(field: string, value: string, faults: FieldViolation[]): string {
  if (isMissing(field, value, faults)) {
    return '';
  }
  const email = parseEmail(value);
  if (email === null) {
    faults.push({ field, message: 'must be an e-mail address of at most 254 bytes' });
    return '';
  }
  return email;
}

/** Text that is not empty, as given. */
export function readRequired(field: string, value: string, faults: FieldViolation[]): string {
  isMissing(field, value, faults);
  return value;
}

/** A UUID in lower case. */
export function readId(field: string, value: string, faults: FieldViolation[]): string {
  return isMissing(field, value, faults) ? '' : readOptionalId(field, value, faults);
}

/** A UUID in lower case, or '' when it is missing. */
export function readOptionalId(field: string, value: string, faults: FieldViolation[]): string {
  const id = value.toLowerCase();
  if (id !== '' && !isUuid(id)) {
    faults.push({ field, message: 'must be a UUID' });
    return '';
  }
  return id;
}

/** A line of text for people: trimmed, 1 to `maxCodePoints` code points, no control characters. */
export function readLine(field: string, value: string, maxCodePoints: number, faults: FieldViolation[]): string {
  return isMissing(field, value.trim(), faults) ? '' : readOptionalLine(field, value, maxCodePoints, faults);
}

/** Like {@link readLine}, or '' when it is missing. */
export function readOptionalLine(
  field: string,
  value: string,
  maxCodePoints: number,
  faults: FieldViolation[],
): string {
  const line = value.trim();
  if (/\p{Cc}/u.test(line)) {
    faults.push({ field, message: 'must not hold control characters' });
  }
  // A code point takes at most two UTF-16 units, so that a huge text is never spread.
  if (line.length > 2 * maxCodePoints || [...line].length > maxCodePoints) {
    faults.push({ field, message: `must have at most ${maxCodePoints} characters` });
  }
  return line;
}

/** An API key, as it was sent: whose it is the store tells. */
export function requireApiKey(apiKey: string, faults: FieldViolation[]): void {
  isMissing('api_key', apiKey, faults);
}

/** An API key or an `org_id`: at least one of them names the tenant. One that was sent with a fault counts as given. */
export function requireTenant(apiKey: string, orgId: string, faults: FieldViolation[]): void {
  const isFaulty = faults.some(({ field }) => field === 'api_key' || field === 'org_id');
  if (apiKey === '' && orgId === '' && !isFaulty) {
    faults.push({ field: 'api_key', message: 'is required, or org_id' });
  }
}

/** Whether a parameter is missing: a fault, unless the entrance has found a worse one with it. */
export function isMissing(field: string, value: string, faults: FieldViolation[]): boolean {
  if (value === '' && !faults.some((fault) => fault.field === field)) {
    faults.push({ field, message: 'is required' });
  }
  return value === '';
}

function sentence({ field, message }: FieldViolation): string {
  return `${field} ${message}.`;
}
