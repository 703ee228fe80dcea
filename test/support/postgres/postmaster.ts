import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a server says of itself in `postmaster.pid`, which is left behind where it was killed. */
export interface Postmaster {
  readonly pid: number;
  /** `ready` when it takes connections: what pg_ctl waits for. */
  readonly status: string;
}

/** Null where there is none. */
export function readPostmaster(data: string): Postmaster | null {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), status: lines[7]?.trim() ?? '' };
  } catch {
    return null;
  }
}
