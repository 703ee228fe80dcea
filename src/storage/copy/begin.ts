import { removal } from '../move-commands.ts';
import { type MoveMark, markSentence, refuseMoved } from '../move-mark.ts';
import { CopyRefusedError } from './errors.ts';
import type { CopySide } from './side.ts';

export interface BeginRequest {
  readonly source: CopySide;
  readonly target: CopySide;
  readonly resume: boolean;
  readonly now: number;
  /** Random; of a copy that is begun anew. */
  readonly copyId: string;
}

/** The marks of a copy. */
export interface CopyMark {
  readonly onSource: MoveMark;
  readonly onTarget: MoveMark;
  /** Whether the source had none before. */
  readonly isNew: boolean;
}

/**
 * Sees whether the sides fit, and fences the source. The target is not touched yet. Throws CopyRefusedError, with nothing changed, for
 * a target that is the source itself, is not empty or, where a copy is to be gone on with, is not the half of this very one;
 * StoreError for an empty one that is served, and for a source that is served or was moved.
 */
export async function beginCopy({ source, target, resume, now, copyId }: BeginRequest): Promise<CopyMark> {
  const [present, onTarget] = [await source.readMark(), await target.readMark()];
  const onSource = resume
    ? resumed(source, target, { onSource: present, onTarget })
    : begun(source, target, { onSource: present, onTarget, now, copyId });
  if (onTarget === null) {
    await refuseSameStore(source, target);
    if (!(await target.isEmpty())) {
      throw new CopyRefusedError(
        `${target.place} is not empty${resume ? ', and is no copy that was begun' : ''}: a copy never overwrites a store. Name a ` +
          'file that does not exist, or an empty database or schema.',
      );
    }
    await target.refuseServed();
  }
  // Who has one open that was fenced before is refused by the database.
  if (present === null) {
    await source.refuseServed();
  }
  await source.fence(onSource);
  const { copyId: id, markedAt } = onSource;
  return {
    onSource,
    onTarget: onTarget ?? { state: 'half_copied', copyId: id, otherPlace: source.place, markedAt },
    isNew: present === null,
  };
}

interface Marks {
  readonly onSource: MoveMark | null;
  readonly onTarget: MoveMark | null;
}

function begun(
  source: CopySide,
  target: CopySide,
  { onSource, onTarget, now, copyId }: Marks & Pick<BeginRequest, 'now' | 'copyId'>,
): MoveMark {
  refuseMoved(source.place, onSource);
  if (onSource !== null) {
    throw new CopyRefusedError(markSentence(source.place, onSource));
  }
  if (onTarget !== null) {
    throw new CopyRefusedError(
      onTarget.state === 'moved' ? leftSentence(target.place, onTarget) : markSentence(target.place, onTarget),
    );
  }
  return { state: 'moving', copyId, otherPlace: target.place, markedAt: now };
}

/** One that has two names, such as those of two hosts, would be emptied by its own copy; a target that was made by itself has another id. */
async function refuseSameStore(source: CopySide, target: CopySide): Promise<void> {
  const [from, to] = [await source.readIdentity(), await target.readIdentity()];
  if (from !== null && from.storeId === to?.storeId) {
    throw new CopyRefusedError(
      `${target.place} is the same store as ${source.place}, under another name or as a copy of it. Name a file that does not ` +
        'exist, or an empty database or schema.',
    );
  }
}

/** A store that was moved away is in the way of one that comes back. */
function leftSentence(place: string, { otherPlace }: MoveMark): string {
  return (
    `${place} still holds what was moved to ${otherPlace}, and is no empty target. Where nobody needs that any more, ` +
    `${removal(place)}; or name a file that does not exist, or another database or schema (AUTHFLOW_DATABASE_SCHEMA).`
  );
}

/** A source that was opened in between may have been written: it has lost its mark, or has that of another copy. */
function resumed(source: CopySide, target: CopySide, { onSource, onTarget }: Marks): MoveMark {
  if (onSource === null || onSource.state === 'half_copied') {
    throw new CopyRefusedError(
      `No copy of ${source.place} was begun that could be gone on with. Copy without --resume; where a part of an older one is left ` +
        `in ${target.place}, ${removal(target.place)} before.`,
    );
  }
  if (onTarget === null) {
    refuseMoved(source.place, onSource);
  }
  const isItsHalf =
    onTarget === null
      ? target.place === onSource.otherPlace
      : onTarget.copyId === onSource.copyId && onTarget.state === 'half_copied';
  if (!isItsHalf) {
    throw new CopyRefusedError(
      `${target.place} is not the half-done copy of ${source.place}: that one is moved to ${onSource.otherPlace}. Name the sides ` +
        'of the copy that was begun.',
    );
  }
  return onSource;
}
