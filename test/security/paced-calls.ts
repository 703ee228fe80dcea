import { tally } from './backend.ts';

/** Calls that are sent at a rate, whether or not those before were answered. */
export interface PacedCalls {
  /** Fulfilled once all that were sent until now were answered. */
  answered(): Promise<void>;
  /** Sends no more, and tells how often each outcome came. */
  stop(): Promise<Record<string, number>>;
}

const TICK_MS = 10;

/** Calls `perSecond` times a second from now on; `call` gives what came of the calls that it made. */
export function pacedCalls(perSecond: number, call: (index: number) => Promise<readonly string[]>): PacedCalls {
  const startedAt = performance.now();
  const outcomes: string[] = [];
  const waiting = new Set<Promise<void>>();
  let sent = 0;
  const timer = setInterval(() => {
    for (const due = ((performance.now() - startedAt) * perSecond) / 1_000; sent < due; sent += 1) {
      const answer = call(sent)
        .catch((error: unknown) => [error instanceof Error ? `${error.name} ${error.message}` : 'unknown'])
        .then((told) => {
          outcomes.push(...told);
          waiting.delete(answer);
        });
      waiting.add(answer);
    }
  }, TICK_MS);
  const answered = async () => {
    await Promise.all(waiting);
  };
  return {
    answered,
    async stop() {
      clearInterval(timer);
      await answered();
      return tally(outcomes);
    },
  };
}
