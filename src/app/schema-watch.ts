import { StoreError } from '../storage/store-error.ts';

/** How long a server may go on after another release has migrated its store; each look is one small read. */
const LOOK_EVERY_MS = 1_000;

/** What a watch works with. */
export interface SchemaWatchOptions {
  /** Rejected with StoreError where this release may not run on the store any more. */
  readonly checkSchema: () => Promise<void>;
  /** Told once; then the watch is over. */
  readonly onUnfit: (error: StoreError) => void;
}

/** Notices that a newer release has migrated the store beyond this one. It never holds the process open. */
export function startSchemaWatch({ checkSchema, onUnfit }: SchemaWatchOptions): { stop(): Promise<void> } {
  let round: Promise<void> | null = null;
  const look = async () => {
    try {
      await checkSchema();
    } catch (error) {
      // A store that does not answer is readiness's to tell.
      if (error instanceof StoreError) {
        clearInterval(timer);
        onUnfit(error);
      }
    }
    round = null;
  };
  const timer = setInterval(() => {
    round ??= look();
  }, LOOK_EVERY_MS).unref();
  return {
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}
