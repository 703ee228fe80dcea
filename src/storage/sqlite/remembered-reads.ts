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
 * and an ended session are refused from the next call on, as without it.
 *
 * The version of the store is asked once for all reads that the event loop brought in one turn, after the last of them came: so
 * what is remembered is never older than any of them, and calls that come together are answered together.
 */
export class RememberedReads {
  readonly #version: StoreVersion;
  readonly #answers = new Map<string, unknown>();
  /** Whether nothing has come from outside since the version was asked. */
  #isCurrent = false;
  #asking: Promise<void> | null = null;

  constructor(version: StoreVersion) {
    this.#version = version;
  }

  /** Forgets all. */
  forget(): void {
    this.#answers.clear();
  }

  /** Where the answer to a read is kept; null where answers of its kind are not remembered. */
  keyOf(name: ReadName, args: readonly unknown[]): string | null {
    return KEYS[name]?.(...args) ?? null;
  }

  /** What {@link answer} must wait for; null where it need not. */
  currentVersion(): Promise<void> | null {
    if (this.#isCurrent) {
      return null;
    }
    this.#asking ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#askVersion();
        resolve();
      });
    });
    return this.#asking;
  }

  /**
   * The answer to a read, from memory where it still holds, or else of `query`. To be called right after
   * {@link currentVersion}. Nothing that is not there is remembered.
   */
  answer(key: string, query: () => unknown): unknown {
    const remembered = this.#answers.get(key);
    if (remembered !== undefined) {
      return remembered;
    }
    const answer = query();
    if (answer !== null) {
      this.#makeRoom();
      this.#answers.set(key, answer);
    }
    return answer;
  }

  #askVersion(): void {
    this.#asking = null;
    if (!this.#version.isUnchanged()) {
      this.#answers.clear();
    }
    this.#isCurrent = true;
    // After all that the answers set off at once, and before the event loop reads on.
    queueMicrotask(() => process.nextTick(this.#readOn));
  }

  #makeRoom(): void {
    if (this.#answers.size >= MOST_REMEMBERED) {
      this.#answers.clear();
    }
  }

  readonly #readOn = (): void => {
    this.#isCurrent = false;
  };
}
