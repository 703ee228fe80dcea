import { removal, reopenCommand, resumeCommand } from './move-commands.ts';
import { StoreError } from './store-error.ts';

/** That a store must not be opened: `authflow copy` moves it, has moved it, or has not made it to its end. */
export interface MoveMark {
  /** `moving` and `moved` on the source of a copy; `half_copied` on its target until the copy is verified. */
  readonly state: 'moving' | 'moved' | 'half_copied';
  /** Random; the same on both sides of one copy. */
  readonly copyId: string;
  /** The other side, as sentences name it, without user and password. */
  readonly otherPlace: string;
  readonly markedAt: number;
}

/** Throws StoreError, with what to do, for a store that is marked: two live stores would take every nonce twice. */
export function refuseMarked(place: string, mark: MoveMark | null): void {
  if (mark !== null) {
    throw new StoreError(markSentence(place, mark));
  }
}

/** As {@link refuseMarked}, but for no other than a store that was moved: nothing is done with it, a copy of it neither. */
export function refuseMoved(place: string, mark: MoveMark | null): void {
  if (mark?.state === 'moved') {
    refuseMarked(place, mark);
  }
}

/** What a mark means for an operator. */
export function markSentence(place: string, { state, otherPlace, markedAt }: MoveMark): string {
  const since = `${new Date(markedAt).toISOString().slice(0, 19)}Z`;
  switch (state) {
    case 'moving':
      return (
        `${place} is being moved to ${otherPlace} since ${since}. To go on with that: ${resumeCommand(place, otherPlace)}. To give ` +
        `it up and serve this store again: ${removal(otherPlace)}, then: ${reopenCommand(place)}`
      );
    case 'moved':
      return (
        `${place} was moved to ${otherPlace} at ${since}: name that in AUTHFLOW_DATABASE_URL. Two live stores would take every ` +
        `nonce twice; to serve this one again in spite of that, stop every server of the other, then: ${reopenCommand(place)}`
      );
    case 'half_copied':
      return (
        `${place} is a copy of ${otherPlace} that was begun at ${since} and is not finished. To go on with it: ` +
        `${resumeCommand(otherPlace, place)}. To be rid of it: ${removal(place)}.`
      );
  }
}
