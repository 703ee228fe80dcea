import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;

/**
 * Stops a process and its children where they are; connections stay open, and nothing answers. Gives their ids. Linux
 * alone, as the product is.
 */
export function freezeTree(parent: number): number[] {
  // First the one that makes the others.
  signal(parent, 'SIGSTOP');
  const children = childrenOf(parent);
  for (const pid of children) {
    signal(pid, 'SIGSTOP');
  }
  return [...children, parent];
}

/** Lets a process and its children go on. */
export function thawTree(parent: number): void {
  for (const pid of [...childrenOf(parent), parent]) {
    signal(pid, 'SIGCONT');
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statusOf(pid)?.parent === parent);
}

/** Sends a signal; a process that is gone already is no fault. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}

export function isRunning(pid: number): boolean {
  return statusOf(pid) !== null;
}

/** Settles when none of them runs any more. */
export async function gone(pids: readonly number[]): Promise<void> {
  await until(() => !pids.some(isRunning));
}

/** Asks again and again until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, everyMs = POLL_MS): Promise<void> {
  while (!(await holds())) {
    await sleep(everyMs);
  }
}

/** Null for one that is gone, or that ended and was not waited for. */
function statusOf(pid: number): { readonly parent: number } | null {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // "pid (name) state parent …", and a name may hold spaces and brackets.
    const [state, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? null : { parent: Number(parent) };
  } catch {
    return null;
  }
}
