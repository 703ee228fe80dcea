import type { EntranceName } from '../../src/conformance/entrance.ts';
import type { Fault } from './faulty-proxy.ts';

/** A server that is wrong in one thing, and the checks that must find it. */
export interface FaultyServer {
  readonly fault: Fault;
  readonly entrances?: readonly EntranceName[];
  readonly found: readonly string[];
  /** Others lean on what is broken, and fail with them. */
  readonly withOthers?: true;
}
