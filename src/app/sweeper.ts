import type { Clock } from '../domain/ports.ts';
import type { Storage } from '../domain/storage.ts';

/** What a sweeper works with. */
export interface SweeperOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  /** Rows that one step removes at most: a step is one short write. Default 200. */
  readonly stepRows?: number;
  /** The pause between two steps while there is more to remove, in milliseconds. Default 20. */
  readonly stepPauseMs?: number;
  /** The pause once nothing is left, in milliseconds. Default 60,000. */
  readonly idlePauseMs?: number;
  /** Told of a step that failed; the next one is tried after the idle pause. */
  readonly onError: (error: unknown) => void;
}

/** Removes expired rows in the background, in steps so small that calls do not notice. */
export interface Sweeper {
  /** Ends the sweeping; fulfilled when a step under way has ended. */
  stop(): Promise<void>;
}

/** Starts sweeping. It never holds the process open. */
export function startSweeper(options: SweeperOptions): Sweeper {
  const { storage, clock, stepRows = 200, stepPauseMs = 20, idlePauseMs = 60_000, onError } = options;
  let stopped = false;
  let step = Promise.resolve();
  let timer = setTimeout(run, stepPauseMs).unref();

  function run(): void {
    step = sweepOnce().then((pauseMs) => {
      if (!stopped) {
        timer = setTimeout(run, pauseMs).unref();
      }
    });
  }

  async function sweepOnce(): Promise<number> {
    try {
      const { more } = await storage.sweep(clock.now(), stepRows);
      return more ? stepPauseMs : idlePauseMs;
    } catch (error) {
      onError(error);
      return idlePauseMs;
    }
  }

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await step;
    },
  };
}
