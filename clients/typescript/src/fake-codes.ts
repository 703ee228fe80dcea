import type { AuthFlowError } from './errors.ts';
import { failure } from './fake-failure.ts';
import type { ShownCodes, TotpSecret } from './fake-totp.ts';
import type { FakeUser } from './fake-users.ts';

// docs/contract.md: wrong codes in a row, over every call that takes one; recovery codes have tries of their own.
const MOST_WRONG_CODES = 50;
const MOST_WRONG_RECOVERY_CODES = 20;
const RECOVERY_CODES = 10;
const RECOVERY_CODE_LENGTH = 16;
/** Crockford's base32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A user's second factor. */
export interface FakeFactor {
  readonly secret: TotpSecret;
  /** The step of the last code that was taken. */
  usedStep: number;
  /** Those that are left, without their groups. */
  recoveryCodes: Set<string>;
}

/** One that is to be confirmed. */
export interface FakePendingFactor {
  readonly secret: TotpSecret;
  readonly expiresAt: number;
}

/** Gives a factor new recovery codes and tells them, in groups of four. */
export function renewRecoveryCodes(factor: FakeFactor): readonly string[] {
  const codes = Array.from({ length: RECOVERY_CODES }, randomCode);
  factor.recoveryCodes = new Set(codes);
  return codes.map((code) => code.replace(/(?<=.)(?=(?:.{4})+$)/g, '-'));
}

/** Takes a code of the app, or a recovery code, in its one spelling. Throws CODE_INVALID and ACCOUNT_LOCKED. */
export function spendCode(user: FakeUser, factor: FakeFactor, code: string, shown: ShownCodes): void {
  if (code.length < RECOVERY_CODE_LENGTH) {
    spendTotp(user, factor, code, shown);
  } else {
    spendRecoveryCode(user, factor, code);
  }
}

/** Takes a code of the app. Throws as `spendCode` does. */
export function spendTotp(user: FakeUser, factor: FakeFactor, code: string, shown: ShownCodes): void {
  const step = compare(user, () => stepOf(code, factor.secret, shown, factor.usedStep));
  factor.usedStep = step;
  user.withholdsEmail = false;
}

/** Takes the first code of a new secret, and tells its step. Throws as `spendCode` does. */
export function confirmingStep(user: FakeUser, { secret }: FakePendingFactor, code: string, shown: ShownCodes): number {
  return compare(user, () => stepOf(code, secret, shown, Number.NEGATIVE_INFINITY));
}

/** Takes the code of a mail. Throws as `spendCode` does. */
export function spendEmailCode(user: FakeUser, isRight: () => boolean): void {
  compare(user, () => (isRight() ? true : null));
}

/** Takes a recovery code. Throws as `spendCode` does. */
export function spendRecoveryCode(user: FakeUser, { recoveryCodes }: FakeFactor, code: string): void {
  if (user.wrongRecoveryCodes >= MOST_WRONG_RECOVERY_CODES) {
    throw locked();
  }
  user.wrongRecoveryCodes += 1;
  if (!recoveryCodes.delete(code)) {
    throw codeInvalid();
  }
  forgetWrongCodes(user);
  user.withholdsEmail = false;
}

/** Forgets the wrong codes of a user. */
export function forgetWrongCodes(user: FakeUser): void {
  user.wrongCodes = 0;
  user.wrongRecoveryCodes = 0;
}

/** Counts a try before it compares. */
function compare<T>(user: FakeUser, found: () => T | null): T {
  if (user.wrongCodes >= MOST_WRONG_CODES) {
    throw locked();
  }
  user.wrongCodes += 1;
  const right = found();
  if (right === null) {
    throw codeInvalid();
  }
  user.wrongCodes = 0;
  return right;
}

function stepOf(code: string, secret: TotpSecret, shown: ShownCodes, usedStep: number): number | null {
  return shown.after(secret, usedStep).find(([, each]) => each === code)?.[0] ?? null;
}

function randomCode(): string {
  const random = crypto.getRandomValues(new Uint8Array(RECOVERY_CODE_LENGTH));
  return Array.from(random, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
}

/** What a wrong code is answered with. */
export function codeInvalid(): AuthFlowError {
  return failure('UNAUTHENTICATED', 'CODE_INVALID', 'The code is wrong.');
}

function locked(): AuthFlowError {
  return failure('RESOURCE_EXHAUSTED', 'ACCOUNT_LOCKED', 'Too many wrong codes.');
}
