import { expect } from 'vitest';

/** Numbers that are the same for the same seed, so that a failure can be repeated (mulberry32). */
export class Random {
  readonly seed: number;
  #state: number;

  /** The seed is `TEST_SEED` where that is set. */
  constructor(seed: number) {
    this.seed = Number(process.env.TEST_SEED ?? seed);
    this.#state = this.seed;
  }

  /** 0 up to, but not including, `below`; whole. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) {
      throw new Error('there is nothing to pick from');
    }
    return item;
  }
}

/** What happened in a run of random steps, the newest last; it is shown when the run fails, with its seed. */
export class Journal {
  readonly #random: Random;
  readonly #lines: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  add(line: string): void {
    this.#lines.push(line);
  }

  /** The seed and the last steps. */
  tell(): string {
    return [`TEST_SEED=${this.#random.seed}, step ${this.#lines.length}`, ...this.#lines.slice(-15)].join('\n');
  }

  /** Fails with the last steps unless `outcome` is one of those that the contract allows. */
  expect(outcome: string, allowed: readonly string[]): void {
    if (!allowed.includes(outcome)) {
      expect.fail(`${outcome}, where ${allowed.join(' or ')} was due.\n${this.tell()}`);
    }
  }
}
