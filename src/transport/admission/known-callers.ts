import type { IdentifiedTenant } from '../../domain/tenant.ts';

/** Keys that are remembered at most: of those that are in use where calls are refused. */
const MOST_KNOWN = 4_096;

/**
 * Whom API keys speak for, as it was once found: a revoked one's calls are refused for want of room in the place of another reason,
 * which the contract allows, and open nothing. Only who was asked for is looked up, one at a time and after the answer.
 */
export class KnownCallers {
  readonly #identify: (apiKey: string) => Promise<IdentifiedTenant>;
  readonly #callers = new Map<string, IdentifiedTenant>();
  #isAsking = false;

  /** `identify` is rejected for what is no key. */
  constructor(identify: (apiKey: string) => Promise<IdentifiedTenant>) {
    this.#identify = identify;
  }

  /** Null where it is not known yet: then it is looked up. */
  find(apiKey: string): IdentifiedTenant | null {
    const known = this.#callers.get(apiKey);
    if (known === undefined) {
      this.#ask(apiKey);
      return null;
    }
    return known;
  }

  async #ask(apiKey: string): Promise<void> {
    if (this.#isAsking) {
      return;
    }
    this.#isAsking = true;
    // What is no key, or cannot be asked, is not known: its call says so itself.
    const caller = await this.#identify(apiKey).catch(() => null);
    this.#isAsking = false;
    if (caller !== null) {
      if (this.#callers.size >= MOST_KNOWN) {
        this.#callers.clear();
      }
      this.#callers.set(apiKey, caller);
    }
  }
}
