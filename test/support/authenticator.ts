import { totp } from '../../clients/typescript/test/support/totp.ts';

const STEP_MS = 30_000;

/** An authenticator app, of another make than the service's: it knows one secret, and shows the codes that the service may take now. */
export class Authenticator {
  readonly #secret: string;
  #last = 0;

  /** `secret`: in base32, as EnableTotp shows it. */
  constructor(secret: string) {
    this.#secret = secret;
  }

  /**
   * A right code of a step after those whose codes were given before: the service takes each step once, and one that is ahead by one. The
   * first two are right at once; for one more a step has to pass.
   */
  next(): string {
    const now = Math.floor(Date.now() / STEP_MS);
    this.#last = Math.max(this.#last + 1, now);
    if (this.#last > now + 1) {
      throw new Error('The codes of two steps were taken: the next one comes in half a minute.');
    }
    return this.#codeOf(this.#last);
  }

  /** The code that was given last. */
  again(): string {
    return this.#codeOf(this.#last);
  }

  /** Six digits that are no code of these minutes. */
  wrong(): string {
    const now = Math.floor(Date.now() / STEP_MS);
    const right = new Set(Array.from({ length: 21 }, (_, step) => this.#codeOf(now - 10 + step)));
    return (
      ['000000', ...Array.from({ length: 21 }, (_, guess) => String(111_111 + guess))].find(
        (code) => !right.has(code),
      ) ?? ''
    );
  }

  #codeOf(step: number): string {
    return totp(this.#secret, step * STEP_MS);
  }
}
