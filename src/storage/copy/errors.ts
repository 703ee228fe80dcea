import { StoreError } from '../store-error.ts';
import type { Flaw } from './rows.ts';

/** A copy that must not be made, or not gone on with. Nothing was changed. */
export class CopyRefusedError extends StoreError {
  override readonly name = 'CopyRefusedError';
}

/** What a copy has made cannot be gone on with. */
export class CopySpoiledError extends StoreError {
  override readonly name = 'CopySpoiledError';
}

/** A copy was asked to stop, and did. */
export class CopyStoppedError extends Error {
  override readonly name = 'CopyStoppedError';
}

/** The source holds what the target cannot hold. Nothing was copied. */
export class NotCopyableError extends StoreError {
  override readonly name = 'NotCopyableError';
  /** The first of them, at most {@link MOST_FLAWS}. */
  readonly flaws: readonly Flaw[];

  constructor(source: string, flaws: readonly Flaw[]) {
    super(
      `Nothing was copied: ${source} holds what the target cannot hold, as listed. Change these values (or delete what they belong ` +
        'to), then copy again.',
    );
    this.flaws = flaws;
  }
}

/** How many flaws are listed; the rest shows when these are mended. */
export const MOST_FLAWS = 1000;
