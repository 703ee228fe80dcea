import { AuthError, type FieldViolation } from './errors.ts';
import { isMissing } from './parameters.ts';

/** The longest password that is looked at, in bytes of UTF-8 as given: hostile length must cost no hash. */
const MAX_BYTES = 1024;
const MIN_CODE_POINTS = 8;
const MAX_CODE_POINTS = 32;

const RULES: readonly { readonly pattern: RegExp; readonly sentence: string }[] = [
  { pattern: /^\P{Cc}*$/u, sentence: 'The password must not hold control characters.' },
  { pattern: /\p{Lu}/u, sentence: 'The password needs an upper-case letter.' },
  { pattern: /\p{Ll}/u, sentence: 'The password needs a lower-case letter.' },
  { pattern: /\p{Nd}/u, sentence: 'The password needs a digit.' },
  { pattern: /[^\p{L}\p{N}]/u, sentence: 'The password needs a special character.' },
];

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

/** Throws PASSWORD_POLICY, naming the rule, unless a normalized new password meets the policy. */
export function requirePolicy(password: string): void {
  const codePoints = [...password].length;
  if (codePoints < MIN_CODE_POINTS || codePoints > MAX_CODE_POINTS) {
    throw new AuthError('PASSWORD_POLICY', {
      message: `The password must have ${MIN_CODE_POINTS} to ${MAX_CODE_POINTS} characters.`,
    });
  }
  const broken = RULES.find((rule) => !rule.pattern.test(password));
  if (broken !== undefined) {
    throw new AuthError('PASSWORD_POLICY', { message: broken.sentence });
  }
}
