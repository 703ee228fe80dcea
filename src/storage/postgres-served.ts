import { setTimeout as pause } from 'node:timers/promises';
import { type PostgresDatabase, placeOf } from './database.ts';
import { connectWritable } from './postgres/connecting.ts';
import { explainFailure } from './postgres/explain-failure.ts';
import { type Queries, StatementTexts, statement } from './postgres/statement.ts';
import { StoreError } from './store-error.ts';

/** Every process that has a store on PostgreSQL open writes to it once a second (`postgres/runner.ts`): one such write, and a late one. */
const WATCHED_MS = 3_000;
const ASKED_EVERY_MS = 250;

const KEEPS_WRITES = statement(
  `SELECT 1 FROM information_schema.tables WHERE table_schema = $1 AND table_name = 'recent_writes'`,
);
const NEWEST_WRITE = statement(
  'SELECT write_id AS "writeId" FROM {schema}.recent_writes ORDER BY committed_at DESC LIMIT 1',
);

/**
 * Whether a server or a command has the store open: seen by its writes, within some seconds. One that cannot reach the database
 * meanwhile is not seen.
 */
export async function isServed(queries: Queries, schema: string): Promise<boolean> {
  if ((await queries.all(KEEPS_WRITES, [schema])).length === 0) {
    return false;
  }
  const newest = async () => (await queries.all<{ writeId: string }>(NEWEST_WRITE))[0]?.writeId;
  const first = await newest();
  const endsAt = performance.now() + WATCHED_MS;
  while (performance.now() < endsAt) {
    await pause(ASKED_EVERY_MS);
    if ((await newest()) !== first) {
      return true;
    }
  }
  return false;
}

/** Throws StoreError for a store that {@link isServed}, and where that cannot be looked at. */
export async function refuseServed(database: PostgresDatabase): Promise<void> {
  try {
    const session = await connectWritable(database, new StatementTexts(database.schema, database.namedStatements));
    try {
      if (await isServed(session, database.schema)) {
        throw servedError(placeOf(database));
      }
    } finally {
      await session.close();
    }
  } catch (error) {
    throw explainFailure(error, database);
  }
}

/** That a store has to be left alone first. */
export function servedError(place: string): StoreError {
  return new StoreError(
    `${place} is in use: something wrote to it in these seconds. Stop every server and command that has it open, then try again; ` +
      'nothing was changed.',
  );
}
