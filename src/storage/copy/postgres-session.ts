import { type PostgresDatabase, placeOf } from '../database.ts';
import { connectWritable } from '../postgres/connecting.ts';
import { ConnectionLostError, sqlState } from '../postgres/errors.ts';
import { explainFailure } from '../postgres/explain-failure.ts';
import { refuseServer } from '../postgres/refuse-server.ts';
import type { Session } from '../postgres/session.ts';
import { StatementTexts } from '../postgres/statement.ts';
import { StoreError } from '../store-error.ts';

/** A copy counts and analyzes whole tables, and no caller waits for it. */
export const COPY_STATEMENT_TIMEOUT_MS = 600_000;

/** A connection to the primary. Throws StoreError where there is none, and for a server or a database that no store can be in. */
export async function connectForCopy(database: PostgresDatabase): Promise<Session> {
  try {
    const session = await connectWritable(
      { ...database, statementTimeoutMs: COPY_STATEMENT_TIMEOUT_MS },
      new StatementTexts(database.schema, database.namedStatements),
    );
    try {
      await refuseServer(session, placeOf(database));
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  } catch (error) {
    throw explainCopyFailure(error, database);
  }
}

/** What stands in the way of a copy, by SQLSTATE (PostgreSQL documentation, appendix A). */
const SENTENCES: readonly (readonly [state: RegExp, sentence: string])[] = [
  [/^(55P03|40P01|57014)$/, 'is in use. Stop every server and command that has it open, then try again.'],
  [
    /^42501$/,
    'may not be changed by this user. A source is moved by the user that owns its tables; in a target it needs USAGE of the schema ' +
      'and SELECT, INSERT, UPDATE and DELETE on its tables.',
  ],
  [/^23/, 'was written by somebody else meanwhile. Stop every server and copy that uses it, then try again.'],
];

/** An error as a StoreError with what to do; one that is none of the database's is given back as it is. No value is told. */
export function explainCopyFailure(error: unknown, database: PostgresDatabase): unknown {
  const state = sqlState(error);
  const [, sentence] = SENTENCES.find(([states]) => state !== null && states.test(state)) ?? [];
  if (sentence !== undefined) {
    return new StoreError(`${placeOf(database)} ${sentence}`, { cause: error });
  }
  const explained = explainFailure(error, database);
  return explained instanceof ConnectionLostError
    ? new StoreError(`The connection to ${placeOf(database)} was lost.`, { cause: error })
    : explained;
}
