import type { Environment } from '../config/environment.ts';

/** The last that a server may outlive its npm. Asking costs one system call. */
const CHECK_EVERY_MS = 500;

/** `npm start` and `npx authflow`: there the parent is npm, or the shell that it made, for as long as the command runs. */
const RUN_BY_NPM = new Set(['start', 'npx']);

/**
 * Calls `onGone` once when npm, which started this process, has ended without a word. It hands SIGTERM and SIGINT on,
 * but not SIGHUP and SIGKILL: the server would keep its ports, with nobody to stop it. Does nothing for a process that
 * npm did not start, and never holds the process open.
 */
export function watchNpm(env: Environment, onGone: () => void): void {
  if (!RUN_BY_NPM.has(env.npm_lifecycle_event ?? '')) {
    return;
  }
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(timer);
      onGone();
    }
  }, CHECK_EVERY_MS).unref();
}
