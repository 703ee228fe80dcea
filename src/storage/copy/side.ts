import type { StoreIdentity } from '../../domain/storage.ts';
import type { MoveMark } from '../move-mark.ts';
import type { CopiedRow, Flaw, Key } from './rows.ts';
import type { CopiedTable } from './tables.ts';

/** Rows of a table that follow one another, and what is wrong with them. */
export interface Batch {
  readonly rows: readonly CopiedRow[];
  readonly flaws: readonly Flaw[];
}

/**
 * A store as `authflow copy` sees it, of the newest schema, on either side of the copy and whatever its mark says. Every method
 * throws StoreError with a sentence for the operator when the database refuses.
 */
export interface CopySide {
  /** How sentences name the store. */
  readonly place: string;
  /** Whether its text may hold U+0000. */
  readonly holdsNul: boolean;
  /** Null where there is no identity yet. */
  readIdentity(): Promise<StoreIdentity | null>;
  readMark(): Promise<MoveMark | null>;
  /** Whether it holds no more than a store that was just made: its identity and signing keys. */
  isEmpty(): Promise<boolean>;
  /** Throws where somebody has the store open who is not kept out. Takes some seconds where there is an identity. */
  refuseServed(): Promise<void>;

  /**
   * Marks the source. When it is fulfilled every write that anybody was told of can be read, and nobody else writes any more: whoever
   * still has the store open is refused by the database itself. Throws while that cannot be had; then nothing is changed. May be
   * done again for the same copy.
   */
  fence(mark: MoveMark): Promise<void>;
  /** Takes the mark of a source away and lets servers write again, also after the connection was lost. No snapshot is open. */
  unfence(): Promise<void>;
  /**
   * Marks the target, which must be empty and without a mark, or have that of the half of this copy: false where it is neither. What makes an
   * empty one a store is removed.
   */
  claim(mark: MoveMark): Promise<boolean>;
  /** Changes the mark of this copy, or takes it away; false where it is gone. */
  replaceMark(copyId: string, mark: MoveMark | null): Promise<boolean>;

  /** What is read until {@link endSnapshot} is the state of one instant. */
  beginSnapshot(): Promise<void>;
  endSnapshot(): Promise<void>;
  count(table: CopiedTable): Promise<number>;
  /** At most `limit` rows in the order of their keys, from after a key on, or from the first. */
  read(table: CopiedTable, after: Key | null, limit: number): Promise<Batch>;

  /** The key of the last row, which is how far a copy came; null where there is none. */
  lastKey(table: CopiedTable): Promise<Key | null>;
  /** All rows or none; to stay. */
  insert(table: CopiedTable, rows: readonly CopiedRow[]): Promise<void>;
  /** Lets the database look at what it was given, so that its first plans are good. */
  analyze(): Promise<void>;
  close(): Promise<void>;
}
