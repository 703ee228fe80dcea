import type { Section } from './check.ts';
import type { EntranceName } from './entrance.ts';
import type { NotChecked } from './not-checked.ts';

/** A column of the table: an entrance, or a port beyond the calls. */
export type Column = EntranceName | 'http-port' | 'grpc-port';

/** One check through one column. */
export interface Result {
  readonly section: Section;
  readonly check: string;
  readonly entrance: Column;
  /** Null when the rule is kept. */
  readonly failure: Failure | null;
}

/** What the contract says, and what the server did. Both without secrets. */
export interface Failure {
  readonly expected: string;
  readonly got: string;
}

/** What a run found. */
export interface Report {
  readonly baseUrl: string;
  readonly grpcAddress: string | null;
  readonly isConforming: boolean;
  /** By section, then check, then entrance. */
  readonly results: readonly Result[];
  readonly notChecked: readonly NotChecked[];
  readonly durationMs: number;
}
