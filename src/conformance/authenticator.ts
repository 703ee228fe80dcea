import { Secret, TOTP } from 'otpauth';

/** How long a new secret waits to be confirmed (the contract's section on second factors). */
const PENDING_MS = 600_000;
const STEP_MS = 30_000;
/** Steps before and after the present one whose codes a wrong one must not be. */
const NEAR = 4;

/**
 * The authenticator app of a user. It goes by the server's clock, as the end of a new secret's ten minutes shows it: a server takes the
 * codes of the present step of 30 s and of its two neighbours, each once, and the kit waits for none.
 */
export class Authenticator {
  readonly #totp: TOTP;
  readonly #aheadMs: number;
  #step = 0;

  /** Of what EnableTotp has just answered. */
  constructor({ secret, expires_at }: Readonly<Record<string, unknown>>) {
    this.#totp = new TOTP({ algorithm: 'SHA1', digits: 6, period: 30, secret: Secret.fromBase32(String(secret)) });
    this.#aheadMs = Date.parse(String(expires_at)) - PENDING_MS - Date.now();
  }

  /** A code of a later step than all before: of the present one, or of the next. */
  next(): string {
    this.#step = Math.max(this.#step + 1, this.#presentStep());
    return this.#codeOf(this.#step);
  }

  /** The code that {@link next} gave last. */
  last(): string {
    return this.#codeOf(this.#step);
  }

  /** Six digits that are no code. */
  wrong(): string {
    const present = this.#presentStep();
    const codes = new Set(Array.from({ length: 2 * NEAR + 1 }, (_, index) => this.#codeOf(present + index - NEAR)));
    return WRONG_CODES.find((code) => !codes.has(code)) ?? WRONG_CODES[0];
  }

  #presentStep(): number {
    return Math.floor((Date.now() + this.#aheadMs) / STEP_MS);
  }

  #codeOf(step: number): string {
    return this.#totp.generate({ timestamp: step * STEP_MS });
  }
}

/** One more than there are steps near. */
const WRONG_CODES = [
  '000000',
  ...Array.from({ length: 2 * NEAR + 1 }, (_, index) => String(index + 1).padStart(6, '0')),
] as const;
