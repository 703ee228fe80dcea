import type { FieldViolation } from '../errors.ts';
import { isMissing } from '../parameters.ts';
import { parseRecoveryCode } from './recovery-code.ts';

/** A code as it was given, of which nothing is proven; in its one spelling. */
export interface GivenCode {
  readonly kind: 'totp' | 'recovery';
  readonly code: string;
}

/** The code of an authenticator app or a mail: six digits, with spaces where somebody put them. '' after a fault. */
export function readDigits(field: string, value: string, faults: FieldViolation[]): string {
  if (isMissing(field, value, faults)) {
    return '';
  }
  const code = parseDigits(value);
  if (code === null) {
    faults.push({ field, message: 'must be six digits' });
  }
  return code ?? '';
}

/** A recovery code in its one spelling. '' after a fault. */
export function readRecoveryCode(field: string, value: string, faults: FieldViolation[]): string {
  if (isMissing(field, value, faults)) {
    return '';
  }
  const code = parseRecoveryCode(value);
  if (code === null) {
    faults.push({ field, message: 'must be a recovery code of 16 letters and digits' });
  }
  return code ?? '';
}

/** One of either kind; null where it is missing, and after a fault. */
export function readOptionalCode(field: string, value: string, faults: FieldViolation[]): GivenCode | null {
  if (value === '') {
    return null;
  }
  const digits = parseDigits(value);
  const recovery = digits === null ? parseRecoveryCode(value) : null;
  if (digits !== null || recovery !== null) {
    return digits === null ? { kind: 'recovery', code: recovery ?? '' } : { kind: 'totp', code: digits };
  }
  faults.push({ field, message: 'must be six digits, or a recovery code of 16 letters and digits' });
  return null;
}

/** The same, where one must be given. */
export function readCode(field: string, value: string, faults: FieldViolation[]): GivenCode | null {
  isMissing(field, value, faults);
  return readOptionalCode(field, value, faults);
}

function parseDigits(text: string): string | null {
  const digits = text.replaceAll(' ', '');
  return /^[0-9]{6}$/.test(digits) ? digits : null;
}
