import type { ReadName } from '../operations.ts';
import type { StoreVersion } from './store-version.ts';

/** Answers that are kept at most. An API key and a session have a few hundred bytes. */
const MOST_REMEMBERED = 4_096;

type KeyOf = (...args: readonly unknown[]) => string;

/** What nearly every call looks up, by what tells one look-up from another. */
const KEYS: { readonly [Name in ReadName]?: KeyOf } = {
  findApiKey: (apiKeyHash) => `k${latin1(apiKeyHash as Uint8Array)}`,
  findOrganization: (orgId) => `o${orgId}`,
  findSession: (orgId, sessionId) => `s${orgId}${sessionId}`,
};

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

/**
 * Answers that still hold, because nothing was committed to the store since they were read, in whatever process: a revoked key
 * and an ended session are refused from the next call on, as without it. The version of the store is asked before a query, so
 * that what is remembered is never older than that version.
 */
export class RememberedReads {
  readonly #version: StoreVersion;
  readonly #answers = new Map<string, unknown>();
  /** Whether the version was asked since the event loop handed over what it is busy with now. */
  #isAsked = false;

  constructor(version: StoreVersion) {
    this.#version = version;
  }

  /** Forgets all. */
  forget(): void {
    this.#answers.clear();
  }

  /** The answer to a read, from memory where it still holds, or else of `query`. Nothing that is not there is remembered. */
  answer(name: ReadName, args: readonly unknown[], query: () => unknown): unknown {
    const key = KEYS[name]?.(...args);
    if (key === undefined) {
      return query();
    }
    this.#forgetWhatChanged();
    const remembered = this.#answers.get(key);
    if (remembered !== undefined) {
      return remembered;
    }
    const answer = query();
    if (answer !== null) {
      this.#answers.set(key, answer);
    }
    return answer;
  }

  /**
   * Once for all that the event loop handed over at once: who asks in it was there before the version was asked, and whoever is
   * told of a later change is told by a later turn.
   */
  #forgetWhatChanged(): void {
    if (this.#isAsked && this.#answers.size < MOST_REMEMBERED) {
      return;
    }
    if (!this.#version.isUnchanged() || this.#answers.size >= MOST_REMEMBERED) {
      this.#answers.clear();
    }
    if (!this.#isAsked) {
      this.#isAsked = true;
      // After the microtasks that are due, and before the event loop goes on.
      process.nextTick(this.#askAgain);
    }
  }

  readonly #askAgain = (): void => {
    this.#isAsked = false;
  };
}
