import { createHmac } from 'node:crypto';

/** How long a new secret waits to be confirmed (the contract's section on second factors). */
const PENDING_MS = 600_000;
const STEP_MS = 30_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Steps before and after the present one whose codes a wrong one must not be. */
const NEAR = 4;

/**
 * The authenticator app of a user. It goes by the server's clock, as the end of a new secret's ten minutes shows it: a server takes the
 * codes of the present step of 30 s and of its two neighbours, each once, and the kit waits for none.
 */
export class Authenticator {
  readonly #key: Buffer;
  readonly #aheadMs: number;
  #step = 0;

  /** Of what EnableTotp has just answered. */
  constructor({ secret, expires_at }: Readonly<Record<string, unknown>>) {
    this.#key = fromBase32(String(secret));
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
    return codeOf(this.#key, step);
  }
}

/** RFC 6238 with SHA-1 and six digits. */
function codeOf(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', key).update(counter).digest();
  const truncated = mac.readUInt32BE((mac.at(-1) ?? 0) & 0x0f) & 0x7fff_ffff;
  return String(truncated % 1_000_000).padStart(6, '0');
}

function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** One more than there are steps near. */
const WRONG_CODES = [
  '000000',
  ...Array.from({ length: 2 * NEAR + 1 }, (_, index) => String(index + 1).padStart(6, '0')),
] as const;
