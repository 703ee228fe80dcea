import type { WriteName } from '../operations.ts';

/** A write as it was asked for. */
export interface AskedWrite {
  readonly name: WriteName;
  readonly args: readonly unknown[];
}
