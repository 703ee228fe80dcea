import { AuthError } from '../../domain/errors.ts';
import { HELD_REQUEST_BYTES, MAX_HELD_BYTES, MAX_MESSAGE_BYTES, STRANGERS_HELD_BYTES } from '../limits.ts';

/** A header of a request by its lower-case name, its values joined by ', '; null when it was not sent. */
export type HeaderReader = (name: string) => string | null;

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

/** A request whose bytes wait for their end. */
export interface Hold {
  /** Counts how many of its bytes the request holds by now. */
  set(bytes: number): void;
  /**
   * Whether there is no room for it: of a new one for all that it may hold, of one that was let in for what it holds. Then it
   * is refused unless {@link mayWait} says otherwise, or its end has come.
   */
  isCrowded(): boolean;
  /**
   * Whether the request may wait for its end all the same: there is room again, or its headers show a valid key, for whose
   * callers some is kept. The key is looked up here and only here. Never rejects.
   */
  mayWait(): Promise<boolean>;
  /** The request is whole or gone: it holds nothing any more. May be repeated. */
  release(): void;
}

/**
 * The bytes of requests that wait for their end, of all connections of both ports (docs/security.md, W10). A limit for each
 * connection alone lets a few dozen of them fill the memory without a credential.
 */
export class HeldBytes {
  readonly #options: HeldBytesOptions;
  readonly #most: number;
  readonly #strangersMost: number;
  /** What one request may need at most. */
  readonly #needed: number;
  readonly #requestBytes: number;
  #total = 0;

  constructor(options: HeldBytesOptions) {
    this.#options = options;
    this.#most = options.most ?? MAX_HELD_BYTES;
    this.#strangersMost = options.strangersMost ?? STRANGERS_HELD_BYTES;
    this.#requestBytes = options.requestBytes ?? HELD_REQUEST_BYTES;
    this.#needed = Math.min(MAX_MESSAGE_BYTES, this.#most / 4);
  }

  /** How many are held, with what the requests themselves cost. */
  get total(): number {
    return this.#total;
  }

  /** Begins to count a request that is not whole, of which nothing has come but its headers. */
  begin(header: HeaderReader): Hold {
    let held = 0;
    let isIn = false;
    let isKnown: boolean | null = null;
    let cost = this.#requestBytes;
    this.#total += cost;
    const count = (bytes: number, requestBytes: number): void => {
      this.#total += bytes + requestBytes - cost;
      cost = bytes + requestBytes;
      held = bytes;
    };
    const isOver = (most: number): boolean => this.#total > most - (isIn ? 0 : this.#needed - held);
    const isCrowded = (): boolean => isOver(isKnown === true ? this.#most : this.#strangersMost);
    return {
      set: (bytes) => count(bytes, this.#requestBytes),
      isCrowded: () => {
        const crowded = isCrowded();
        isIn ||= !crowded;
        return crowded;
      },
      mayWait: async () => {
        if (isCrowded() && isKnown === null && !isOver(this.#most)) {
          isKnown = await this.#isKnown(header);
        }
        const isAllowed = !isCrowded();
        isIn ||= isAllowed;
        return isAllowed;
      },
      release: () => count(0, 0),
    };
  }

  async #isKnown(header: HeaderReader): Promise<boolean> {
    const apiKey = header('x-api-key') ?? /^bearer +(af_\S+)$/i.exec(header('authorization') ?? '')?.[1];
    // A store that cannot be asked vouches for nobody.
    return apiKey !== undefined && (await this.#options.identifyApiKey(apiKey).catch(() => null)) !== null;
  }
}

/** What a request is told that may not wait for its end. */
export function crowdedError(): AuthError {
  return new AuthError('OVERLOADED', {
    message: 'Too many requests are on their way. Nothing was done. Try again soon.',
    retryAfterMs: 1_000,
  });
}
