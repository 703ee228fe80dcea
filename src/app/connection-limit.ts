import { readFileSync } from 'node:fs';

/** What a server beside its connections has open: 25 from the start; hashing threads, the store's files, modules. */
const RESERVED_DESCRIPTORS = 128;

/** So few that a server whose limit is far too low still finds room for all that it loads after its start. */
const FEWEST = 8;

/** More would take memory rather than descriptors, of the machine and not of one process: an idle connection of HTTP/2 holds some 50 KiB. */
const MOST = 10_000;

/** Where the system does not tell: macOS allows a process 10,240. */
const ASSUMED_DESCRIPTORS = 8_192;

/**
 * The most connections that each of the two ports may hold, so that connections alone never take the last descriptor
 * of the process: what opens a file or starts a thread is not at the mercy of whoever connects (docs/security.md, R11).
 * Several server processes, of which each has its own descriptors, share what memory bounds.
 */
export function connectionLimit(descriptors: number | null, workers = 1): number {
  const forConnections = (descriptors ?? ASSUMED_DESCRIPTORS) - RESERVED_DESCRIPTORS;
  return Math.min(Math.floor(MOST / workers), Math.max(FEWEST, Math.floor(forConnections / 2)));
}

/** How many descriptors this process may have open; null where the system does not tell. Linux tells. */
export function descriptorLimit(): number | null {
  try {
    // Node raised the soft limit to the hard one when it began.
    const soft = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
