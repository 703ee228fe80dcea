/**
 * How long the same signal counts as one. A terminal's Ctrl-C reaches npm and the server, npm hands it on, and so does
 * an older Node that handed over: up to three of one keystroke.
 */
const SAME_SIGNAL_MS = 500;

/** What a signal asks for: the stop, nothing new, or the end at once because somebody lost patience. */
export type Wish = 'stop' | 'repeated' | 'force';

/** Tells the signals that ask a server to stop from their echoes. */
export class StopSignals {
  readonly #now: () => number;
  #first: { readonly signal: string; readonly at: number } | null = null;

  /** `now` gives milliseconds that never go back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The first asks for the stop. The same one within half a second of it is its echo; any other ends the patience. */
  receive(signal: string): Wish {
    const at = this.#now();
    if (this.#first === null) {
      this.#first = { signal, at };
      return 'stop';
    }
    return signal === this.#first.signal && at - this.#first.at < SAME_SIGNAL_MS ? 'repeated' : 'force';
  }
}
