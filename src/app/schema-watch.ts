import { RotationLostError, StoreError } from '../storage/store-error.ts';

/** How long a server may go on after another release has migrated its store, or another took its place; each look is two small reads. */
const LOOK_EVERY_MS = 1_000;
/** After a failover the command that has rotated the secret does so again by itself, which takes it a second or two. */
const LOOKS_FOR_LOST_ROTATION = 10;

/** What a watch works with. */
export interface SchemaWatchOptions {
  /** Rejected with StoreError where this process may not run on the store any more. */
  readonly checkStore: () => Promise<void>;
  /** Told once; then the watch is over. */
  readonly onUnfit: (error: StoreError) => void;
}

/** Notices that a newer release has migrated the store beyond this one, or that it is another store. It never holds the process open. */
export function startSchemaWatch({ checkStore, onUnfit }: SchemaWatchOptions): { stop(): Promise<void> } {
  let round: Promise<void> | null = null;
  let lostLooks = 0;
  const isLostForNow = (error: unknown) => {
    lostLooks = error instanceof RotationLostError ? lostLooks + 1 : 0;
    return lostLooks > 0 && lostLooks < LOOKS_FOR_LOST_ROTATION;
  };
  const look = async () => {
    try {
      await checkStore();
      lostLooks = 0;
    } catch (error) {
      // A store that does not answer is readiness's to tell.
      if (error instanceof StoreError && !isLostForNow(error)) {
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
