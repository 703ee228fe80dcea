/** Something that a start leaves out, to be loaded after it. */
export interface LateLoad {
  readonly name: string;
  /** Rejected when it cannot be loaded. Repeating it waits for the same end. */
  load(): Promise<unknown>;
}

export interface LateLoading {
  /** False once something could not be loaded: Node keeps a module that failed, so only a restart helps. */
  isSound(): boolean;
  /** Begins with nothing more; waits for what was begun. */
  stop(): Promise<void>;
}

/**
 * How long after the start the loading begins. It keeps the process busy for a tenth of a second, which the first
 * calls need not wait for; a call that needs one of them earlier loads it.
 */
const DELAY_MS = 250;

/**
 * Loads one after the other in the background. Not at their first use, which may find no descriptor left: that failure
 * would last (docs/security.md, R11).
 */
export function startLateLoading(
  loads: readonly LateLoad[],
  onError: (name: string, error: unknown) => void,
): LateLoading {
  let isSound = true;
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  const timer = setTimeout(() => {
    running = loadAll();
  }, DELAY_MS);

  async function loadAll(): Promise<void> {
    for (const { name, load } of loads) {
      if (isStopped) {
        return;
      }
      await load().catch((error: unknown) => {
        isSound = false;
        onError(name, error);
      });
    }
  }

  return {
    isSound: () => isSound,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
