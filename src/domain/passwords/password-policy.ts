import { AuthError } from '../errors.ts';

/** What a new password must be, whatever it spells. Lengths count Unicode code points after NFC. */
export interface PasswordPolicy {
  readonly minCodePoints: number;
  readonly maxCodePoints: number;
  /** Whether it needs an upper-case and a lower-case letter, a digit and a special character. */
  readonly needsEveryKind: boolean;
}

/** That of the hosted product. */
export const HOSTED: PasswordPolicy = { minCodePoints: 8, maxCodePoints: 32, needsEveryKind: true };

/**
 * Length alone (NIST SP 800-63B-4, section 3.1.1.2: at least 15 characters where a password is the only factor, at least 64 to
 * be allowed, and no rules of composition).
 */
export const NIST: PasswordPolicy = { minCodePoints: 15, maxCodePoints: 128, needsEveryKind: false };

interface Rule {
  readonly pattern: RegExp;
  readonly sentence: string;
}

const OF_ALL: readonly Rule[] = [{ pattern: /^\P{Cc}*$/u, sentence: 'The password must not hold control characters.' }];

const OF_KINDS: readonly Rule[] = [
  { pattern: /\p{Lu}/u, sentence: 'The password needs an upper-case letter.' },
  { pattern: /\p{Ll}/u, sentence: 'The password needs a lower-case letter.' },
  { pattern: /\p{Nd}/u, sentence: 'The password needs a digit.' },
  { pattern: /[^\p{L}\p{N}]/u, sentence: 'The password needs a special character.' },
];

/** Throws PASSWORD_POLICY, naming the rule, unless a normalized new password meets the policy. */
export function requirePolicy(
  password: string,
  { minCodePoints, maxCodePoints, needsEveryKind }: PasswordPolicy,
): void {
  const codePoints = [...password].length;
  if (codePoints < minCodePoints || codePoints > maxCodePoints) {
    throw new AuthError('PASSWORD_POLICY', {
      message: `The password must have ${minCodePoints} to ${maxCodePoints} characters.`,
    });
  }
  const rules = needsEveryKind ? [...OF_ALL, ...OF_KINDS] : OF_ALL;
  const broken = rules.find(({ pattern }) => !pattern.test(password));
  if (broken !== undefined) {
    throw new AuthError('PASSWORD_POLICY', { message: broken.sentence });
  }
}
