import { SYSTEM_TIME, type TimeSources } from './clock.ts';

export interface TrustedWallClockOptions {
  /** Jumps ahead that are no more than this in sum are taken as they come. */
  readonly toleratedMs: number;
  /** How long it is not believed after more than that, by the monotonic clock. */
  readonly pauseMs: number;
  readonly time?: TimeSources;
}

/**
 * The machine's clock for whoever removes what is old by it: where it was set ahead it is not believed for a while, so that whoever
 * set it by mistake, or to that end, can set it right before anything is lost. Small steps count together. A clock that is ahead as the
 * process starts is not noticed; a machine that was suspended looks as one whose clock was set.
 */
export class TrustedWallClock {
  readonly #options: Required<TrustedWallClockOptions>;
  /** How far the wall clock is ahead of the monotonic one, as far as that is believed. */
  #offset: number;
  /** By the monotonic clock. */
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor({ time = SYSTEM_TIME, ...options }: TrustedWallClockOptions) {
    this.#options = { ...options, time };
    this.#offset = time.wall() - time.monotonic();
  }

  /** Milliseconds since 1970; null while it is not believed. To be called at least once a minute. */
  now(): number | null {
    const { toleratedMs, pauseMs, time } = this.#options;
    const [wall, monotonic] = [time.wall(), time.monotonic()];
    const offset = wall - monotonic;
    if (offset - this.#offset > toleratedMs) {
      this.#pausedUntil = monotonic + pauseMs;
      this.#offset = offset;
    }
    this.#offset = Math.min(this.#offset, offset);
    return monotonic < this.#pausedUntil ? null : wall;
  }
}
