import { AuthFlowError, type Violation } from './errors.ts';

// docs/contract.md, section 3.
const MAX_EMAIL_BYTES = 254;
const MAX_FULLNAME = 200;
const MAX_PASSWORD_BYTES = 1_024;
const SIX_DIGITS = /^\d{6}$/;
const RECOVERY_CODE = /^[0-9A-HJKMNP-TV-Z]{16}$/;
const LOCAL_PART = /^[\p{L}\p{M}\p{Nd}.!#$%&'*+/=?^_`{|}~-]+$/u;
const DOMAIN = /^[\p{L}\p{M}\p{Nd}.-]+$/u;
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const ASCII_DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const NUMBER_AT_END = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i;

const POLICY: ReadonlyArray<readonly [RegExp, string]> = [
  [/^.{8,32}$/su, 'The password must have 8 to 32 characters.'],
  [/^\P{Cc}*$/u, 'The password must not hold control characters.'],
  [/\p{Lu}/u, 'The password needs an upper-case letter.'],
  [/\p{Ll}/u, 'The password needs a lower-case letter.'],
  [/\p{Nd}/u, 'The password needs a digit.'],
  [/[^\p{L}\p{N}]/u, 'The password needs a special character.'],
];

/** The parameters of one call of the fake, read as a server reads them: every fault is told at once. */
export class Parameters {
  readonly #violations: Violation[] = [];

  /** Text that is not empty. */
  required(field: string, value: string | undefined): string {
    return value || this.#fault(field, 'is required');
  }

  /** An e-mail in its normalized form. */
  email(field: string, value: string | undefined): string {
    if (!value) {
      return this.required(field, value);
    }
    return normalizedEmail(value) ?? this.#fault(field, 'must be an e-mail address of at most 254 bytes');
  }

  /** A password to be tried or set, in its one spelling. */
  password(field: string, value: string | undefined): string {
    const password = this.required(field, value);
    return byteLength(password) <= MAX_PASSWORD_BYTES
      ? password.normalize('NFC')
      : this.#fault(field, 'must have at most 1,024 bytes');
  }

  /** A name for people, trimmed. */
  fullname(field: string, value: string | undefined): string {
    const line = this.required(field, value?.trim());
    if (/\p{Cc}/u.test(line)) {
      this.#fault(field, 'must not hold control characters');
    }
    return [...line].length <= MAX_FULLNAME ? line : this.#fault(field, `must have at most ${MAX_FULLNAME} characters`);
  }

  /** A code of an app or a mail in its one spelling. */
  digits(field: string, value: string | undefined): string {
    return this.required(field, value) && (sixDigits(value) ?? this.#fault(field, 'must be six digits'));
  }

  /** A recovery code in its one spelling. */
  recoveryCode(field: string, value: string | undefined): string {
    return this.required(field, value) && (plainRecoveryCode(value) ?? this.#fault(field, 'must be a recovery code'));
  }

  /** A code of an app, or a recovery code, in its one spelling; `''` where none was given. */
  code(field: string, value: string | undefined): string {
    const code = value ? (sixDigits(value) ?? plainRecoveryCode(value)) : '';
    return code ?? this.#fault(field, 'must be six digits, or a recovery code');
  }

  /** Throws INVALID_ARGUMENT with all that was found. */
  check(): void {
    if (this.#violations.length > 0) {
      const message = this.#violations.map((each) => `${each.field} ${each.message}.`).join(' ');
      const violations = this.#violations;
      throw new AuthFlowError({ code: 'INVALID_ARGUMENT', reason: 'INVALID_ARGUMENT', message, violations });
    }
  }

  #fault(field: string, message: string): string {
    this.#violations.push({ field, message });
    return '';
  }
}

/** Throws PASSWORD_POLICY, naming the rule, unless a new password keeps to it. */
export function requirePolicy(password: string): void {
  const broken = POLICY.find(([pattern]) => !pattern.test(password));
  if (broken !== undefined) {
    throw new AuthFlowError({ code: 'INVALID_ARGUMENT', reason: 'PASSWORD_POLICY', message: broken[1] });
  }
}

function sixDigits(text = ''): string | null {
  const digits = text.replaceAll(' ', '');
  return SIX_DIGITS.test(digits) ? digits : null;
}

/** What Crockford reads as digits is no letter. */
function plainRecoveryCode(text = ''): string | null {
  const code = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return RECOVERY_CODE.test(code) ? code : null;
}

function normalizedEmail(text: string): string | null {
  const address = text.trim();
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, Math.max(at, 0)), address.slice(at + 1)];
  if (!LOCAL_PART.test(local) || !DOMAIN.test(domain) || !URL.canParse(`http://${domain}/`)) {
    return null;
  }
  const { hostname } = new URL(`http://${domain}/`);
  const email = `${local.normalize('NFC').toLowerCase().normalize('NFC')}@${hostname}`;
  const isDomain = ASCII_DOMAIN.test(hostname) && !NUMBER_AT_END.test(hostname);
  return isDomain && byteLength(email) <= MAX_EMAIL_BYTES ? email : null;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
