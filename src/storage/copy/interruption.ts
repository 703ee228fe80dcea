import { reopenCommand, resumeCommand } from '../move-commands.ts';
import { StoreError } from '../store-error.ts';
import { CopyRefusedError, CopySpoiledError, NotCopyableError } from './errors.ts';
import type { CopySide } from './side.ts';

interface Sides {
  readonly source: CopySide;
  readonly target: CopySide;
}

/** Adds to what a database refuses, such as by a connection that was lost, how the copy is gone on with. */
export async function tellingHowToGoOn<T>({ source, target }: Sides, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isOfDatabase(error)
      ? new StoreError(`${error.message} To go on with the copy then: ${resumeCommand(source.place, target.place)}`, {
          cause: error,
        })
      : error;
  }
}

/** What the copy itself finds wrong says by itself what to do. */
function isOfDatabase(error: unknown): error is StoreError {
  return error instanceof StoreError && !OWN_ERRORS.some((own) => error instanceof own);
}

const OWN_ERRORS = [CopyRefusedError, CopySpoiledError, NotCopyableError];

/** Lets servers of the source write again after `reason`. Throws StoreError with both where that fails, and what to do then. */
export async function letGo({ source, target }: Sides, reason: unknown): Promise<void> {
  try {
    // A connection that was lost has taken its snapshot along.
    await source.endSnapshot().catch(() => undefined);
    await source.unfence();
  } catch (error) {
    const sentences = [reason, error].filter((each) => each instanceof StoreError).map(({ message }) => message);
    throw new StoreError(
      `${[...new Set(sentences)].join(' ')} ${source.place} is still marked as being moved. To serve it again: ` +
        `${reopenCommand(source.place)}. To go on with the copy instead: ${resumeCommand(source.place, target.place)}`,
      { cause: reason },
    );
  }
}
