import { tally } from './backend.ts';

/** Calls that are sent at a rate, whether or not those before were answered, up to a bound. */
export interface PacedCalls {
  /** Fulfilled once all that were sent until now were answered. */
  answered(): Promise<void>;
  /** Sends no more, and tells how often each outcome came. */
  stop(): Promise<Record<string, number>>;
}

/** Each gives the outcomes of the calls that it made. */
export interface CallsToMake {
  validate(index: number): Promise<readonly string[]>;
  /** Every tenth time. */
  login(index: number): Promise<readonly string[]>;
}

const TICK_MS = 10;
/** Where others take the processors, calls come in bursts: more logins would find no place to be hashed for. */
const MOST_LOGINS = 4;
/** More than that leave out their turn: a machine that is too busy for the rate would never catch up, and calls have deadlines. */
const MOST_WAITING = 64;

/** Calls `perSecond` times a second from now on. */
export function pacedCalls(perSecond: number, { validate, login }: CallsToMake): PacedCalls {
  let logins = 0;
  const call = async (index: number) => {
    if (index % 10 > 0 || logins >= MOST_LOGINS) {
      return validate(index);
    }
    logins += 1;
    return login(index).finally(() => {
      logins -= 1;
    });
  };
  const startedAt = performance.now();
  const outcomes: string[] = [];
  const waiting = new Set<Promise<void>>();
  let sent = 0;
  const timer = setInterval(() => {
    for (const due = ((performance.now() - startedAt) * perSecond) / 1_000; sent < due; sent += 1) {
      if (waiting.size >= MOST_WAITING) {
        continue;
      }
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
