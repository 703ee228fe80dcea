import type { IncomingHttpHeaders } from 'node:http';
import { AuthError } from '../../domain/errors.ts';
import { HELD_REQUEST_BYTES, MAX_HELD_BYTES, MAX_MESSAGE_BYTES, STRANGERS_HELD_BYTES } from '../limits.ts';

export interface HeldBytesOptions {
  /** The public id of an API key, or null when there is no such key. */
  identifyApiKey(apiKey: string): Promise<string | null>;
  /** Replaces {@link MAX_HELD_BYTES}. */
  readonly most?: number;
  /** Replaces {@link STRANGERS_HELD_BYTES}. */
  readonly strangersMost?: number;
  /** Replaces {@link HELD_REQUEST_BYTES}. */
  readonly requestBytes?: number;
}

/**
 * The bytes of requests that wait for their end, of all connections of both ports (docs/security.md, W10). A limit for each
 * connection alone lets a few dozen of them fill the memory without a credential.
 */
export class HeldBytes {
  readonly most: number;
  readonly strangersMost: number;
  /** What one request may need at most. */
  readonly needed: number;
  readonly requestBytes: number;
  /** How many are held, with what the requests themselves cost. */
  total = 0;
  readonly #identifyApiKey: HeldBytesOptions['identifyApiKey'];

  constructor(options: HeldBytesOptions) {
    this.#identifyApiKey = options.identifyApiKey;
    this.most = options.most ?? MAX_HELD_BYTES;
    this.strangersMost = options.strangersMost ?? STRANGERS_HELD_BYTES;
    this.requestBytes = options.requestBytes ?? HELD_REQUEST_BYTES;
    this.needed = Math.min(MAX_MESSAGE_BYTES, this.most / 4);
  }

  /**
   * Begins to count a request that is not whole, with nothing but what its headers cost. `refuse` is called at most once,
   * in a later turn, where the request may not wait for its end: then it holds nothing any more.
   */
  begin(headers: IncomingHttpHeaders, refuse: () => void): Hold {
    return new Hold(this, headers, refuse);
  }

  /** Whether headers show a valid API key. A store that cannot be asked vouches for nobody. Never rejects. */
  async isKnown(headers: IncomingHttpHeaders): Promise<boolean> {
    const apiKey = headers['x-api-key'] ?? /^bearer +(af_\S+)$/i.exec(headers.authorization ?? '')?.[1];
    return apiKey !== undefined && (await this.#identifyApiKey(String(apiKey)).catch(() => null)) !== null;
  }
}

/**
 * A request whose bytes wait for their end. It is let in where there is room for all that it may hold; once it is in, it is
 * refused where there is none for what it holds. The headers of one that would be refused are looked at for a valid key, once:
 * for callers with one some room is kept.
 */
class Hold {
  readonly #all: HeldBytes;
  readonly #headers: IncomingHttpHeaders;
  readonly #refuse: () => void;
  #held = 0;
  #cost: number;
  #isIn = false;
  #isKnown: boolean | null = null;
  #isAsking = false;
  #isOver = false;

  constructor(all: HeldBytes, headers: IncomingHttpHeaders, refuse: () => void) {
    this.#all = all;
    this.#headers = headers;
    this.#refuse = refuse;
    this.#cost = all.requestBytes;
    all.total += this.#cost;
    this.#lookForRoom();
  }

  /** Counts how many of its bytes the request holds by now. */
  set(bytes: number): void {
    if (!this.#isOver) {
      this.#held = bytes;
      this.#count(bytes + this.#all.requestBytes);
      this.#lookForRoom();
    }
  }

  /** The request is whole or gone: it holds nothing any more. May be repeated. */
  release(): void {
    this.#isOver = true;
    this.#count(0);
  }

  #count(cost: number): void {
    this.#all.total += cost - this.#cost;
    this.#cost = cost;
  }

  #lookForRoom(): void {
    if (!this.#isAsking && this.#isCrowded()) {
      this.#isAsking = true;
      // A request whose end has come in the same packet waits for nothing.
      setImmediate(() => this.#ask());
    }
  }

  async #ask(): Promise<void> {
    if (!this.#isOver && this.#isCrowded() && this.#isKnown === null && !this.#isOverBound(this.#all.most)) {
      this.#isKnown = await this.#all.isKnown(this.#headers);
    }
    this.#isAsking = false;
    if (!this.#isOver && this.#isCrowded()) {
      this.release();
      this.#refuse();
    }
  }

  #isCrowded(): boolean {
    const isCrowded = this.#isOverBound(this.#isKnown === true ? this.#all.most : this.#all.strangersMost);
    this.#isIn ||= !isCrowded;
    return isCrowded;
  }

  #isOverBound(most: number): boolean {
    return this.#all.total > most - (this.#isIn ? 0 : this.#all.needed - this.#held);
  }
}

export type { Hold };

/** What a request is told that may not wait for its end. */
export function crowdedError(): AuthError {
  return new AuthError('OVERLOADED', {
    message: 'Too many requests are on their way. Nothing was done. Try again soon.',
    retryAfterMs: 1_000,
  });
}
