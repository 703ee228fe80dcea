import type { MoveMark } from '../move-mark.ts';
import type { Connection } from './driver.ts';

/** The mark of a store; null where there is none, also in a store older than such marks. */
export function readMoveMark(connection: Connection): MoveMark | null {
  const hasMarks = connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'moves'").get() !== undefined;
  return hasMarks ? (connection.prepare<[], MoveMark>(SELECT).get() ?? null) : null;
}

const SELECT =
  'SELECT state, copy_id AS copyId, other_place AS otherPlace, marked_at AS markedAt FROM moves WHERE singleton = 1';
