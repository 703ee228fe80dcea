import type { Keyring } from '../crypto/keyring.ts';
import type { Core } from './core.ts';

/** Twice within the second in which a compromised key must be refused in every process (docs/security.md, K2). */
const REFRESH_EVERY_MS = 400;

/** What a refresh works with. */
export interface KeyringRefreshOptions {
  readonly core: Pick<Core, 'followStore'> & { readonly keyring: Pick<Keyring, 'refresh'> };
  /** Told once of each run of failures; the loaded keys stay in force. */
  readonly onError: (error: unknown) => void;
}

/**
 * Keeps the copies of the keyring, of the epoch and of which secret is in force up to date with what other processes do, one round
 * after the other. It never holds the process open.
 */
export function startKeyringRefresh({ core, onError }: KeyringRefreshOptions): { stop(): Promise<void> } {
  let isFailing = false;
  let round: Promise<void> | null = null;
  const timer = setInterval(() => {
    round ??= refresh(core)
      .then(
        () => {
          isFailing = false;
        },
        (error: unknown) => {
          if (!isFailing) {
            onError(error);
          }
          isFailing = true;
        },
      )
      .finally(() => {
        round = null;
      });
  }, REFRESH_EVERY_MS).unref();
  return {
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}

async function refresh({ followStore, keyring }: KeyringRefreshOptions['core']): Promise<void> {
  await followStore();
  await keyring.refresh();
}
