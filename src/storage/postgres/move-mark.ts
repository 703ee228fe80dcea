import type { MoveMark } from '../move-mark.ts';
import type { Session } from './session.ts';
import { statement } from './statement.ts';

const HAS_MARKS = statement(`SELECT 1 FROM information_schema.tables WHERE table_schema = $1 AND table_name = 'moves'`);
const MARK = statement(
  'SELECT state, copy_id AS "copyId", other_place AS "otherPlace", marked_at AS "markedAt" FROM {schema}.moves',
);

/** The mark of a store; null where there is none, also in a store older than such marks. */
export async function readMoveMark(session: Session, schema: string): Promise<MoveMark | null> {
  const has = await session.all(HAS_MARKS, [schema]);
  return has.length === 0 ? null : ((await session.all<MoveMark>(MARK))[0] ?? null);
}
