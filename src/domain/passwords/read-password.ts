import type { FieldViolation } from '../errors.ts';
import { isMissing } from '../parameters.ts';

/** The longest password that is looked at, in bytes of UTF-8 as given: hostile length must cost no hash. */
const MAX_BYTES = 1024;

/**
 * A password to be tried or set, normalized (NFC: equal-looking spellings are one password). One that is missing
 * or has more than 1,024 bytes is a fault of the parameter.
 */
export function readPassword(field: string, value: string, faults: FieldViolation[]): string {
  return isMissing(field, value, faults) ? '' : readOptionalPassword(field, value, faults);
}

/** Like {@link readPassword}, or '' when it is missing. */
export function readOptionalPassword(field: string, value: string, faults: FieldViolation[]): string {
  if (value.length > MAX_BYTES || new TextEncoder().encode(value).length > MAX_BYTES) {
    faults.push({ field, message: 'must have at most 1,024 bytes' });
    return '';
  }
  return value.normalize('NFC');
}
