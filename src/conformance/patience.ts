import { setTimeout as wait } from 'node:timers/promises';

/** How long a server may make the kit wait each time, and in all. */
const MAX_WAIT_MS = 10_000;
const MAX_WAITS_MS = 300_000;

/** The politeness of a run towards a server that is busy, and its end. */
export class Patience {
  #leftMs = MAX_WAITS_MS;

  /** Sends again as long as the answer names a wait (OVERLOADED, RATE_LIMITED …), after that wait. */
  async send<Answer>(send: () => Promise<Answer>, waitOf: (answer: Answer) => number | null): Promise<Answer> {
    for (;;) {
      const answer = await send();
      const waitMs = waitOf(answer);
      if (waitMs === null || this.#leftMs <= 0) {
        return answer;
      }
      const takenMs = Math.min(waitMs, MAX_WAIT_MS);
      // One that is too short counts as well, or a server that names none would be asked for ever.
      this.#leftMs -= Math.max(takenMs, 100);
      await wait(takenMs);
    }
  }
}
