import type { Keyring } from '../crypto/keyring.ts';

/** How often a process looks whether a new key is due, on average: one more read beside the keyring's own two a second. */
const LOOK_EVERY_MS = 10 * 60_000;
/** After a rotation of its own, whatever the clock says: one that jumps ahead again and again adds a key a day. */
const PAUSE_AFTER_ROTATION_MS = 24 * 60 * 60_000;

/** What a rotation by time works with. */
export interface SigningKeyRotationOptions {
  readonly keyring: Pick<Keyring, 'rotateWhenDue'>;
  /** How old the newest key becomes, in milliseconds; null for no rotation. */
  readonly everyMs: number | null;
  /** From 0 to below 1: processes that started together do not look together. */
  readonly random: () => number;
  /** Told by the process whose key the store took. */
  readonly onRotated: (kid: string) => void;
  /** Told of a look that failed; the next one is ten minutes later. */
  readonly onError: (error: unknown) => void;
}

/**
 * Adds a signing key where the newest is too old (docs/security.md, K2). Every process of every node may run this: the store decides
 * whose key it takes. The first look comes up to ten minutes after the start, so that no process that dies young adds keys. It never
 * holds the process open.
 */
export function startSigningKeyRotation(options: SigningKeyRotationOptions): { stop(): Promise<void> } {
  const { keyring, everyMs, random, onRotated, onError } = options;
  if (everyMs === null) {
    return { stop: async () => undefined };
  }
  let stopped = false;
  let look = Promise.resolve();

  const lookOnce = async () => {
    const pauseMs = LOOK_EVERY_MS * (0.5 + random());
    try {
      const kid = await keyring.rotateWhenDue(everyMs);
      if (kid === null) {
        return pauseMs;
      }
      onRotated(kid);
      return PAUSE_AFTER_ROTATION_MS;
    } catch (error) {
      onError(error);
      return pauseMs;
    }
  };
  const run = () => {
    look = lookOnce().then((pauseMs) => {
      if (!stopped) {
        timer = setTimeout(run, pauseMs).unref();
      }
    });
  };
  let timer = setTimeout(run, LOOK_EVERY_MS * random()).unref();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await look;
    },
  };
}
