/** @typedef {{ calls: number, p50: number, p90: number, p99: number, max: number }} Latencies */

/**
 * How times are distributed, in milliseconds; zeros where there are none.
 *
 * @param {ArrayLike<number>} tookMs
 * @returns {Latencies}
 */
export function latencies(tookMs) {
  const sorted = Float64Array.from(tookMs).sort();
  const at = (/** @type {number} */ share) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { calls: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

/** Times in milliseconds, of which it is known how many there may be: adding one makes nothing to be collected. */
export class Times {
  #times;
  #count = 0;

  /** @param {number} most */
  constructor(most) {
    this.#times = new Float64Array(most);
  }

  /** @param {number} tookMs */
  add(tookMs) {
    this.#times[this.#count] = tookMs;
    this.#count += 1;
  }

  summary() {
    return latencies(this.#times.subarray(0, this.#count));
  }
}

/**
 * Answers by what they were: refused for want of room with the wait that is owed, refused without it, and others; none in the place
 * of an answer where the connection ended.
 */
export class Answers {
  /** @type {number[]} */
  refusedMs = [];
  withoutWait = 0;
  others = 0;
  ended = 0;

  /**
   * @param {import('./http-caller.js').Answer | null} answer
   * @param {number} tookMs
   */
  add(answer, tookMs) {
    if (answer === null) {
      this.ended += 1;
    } else if (answer.status === 429) {
      this.refusedMs.push(tookMs);
      this.withoutWait += Number(!/\r\nretry-after: *\d/i.test(answer.head));
    } else {
      this.others += 1;
    }
  }

  summary() {
    const { others, ended, withoutWait } = this;
    return { others, ended, withoutWait, refused: latencies(this.refusedMs) };
  }
}
