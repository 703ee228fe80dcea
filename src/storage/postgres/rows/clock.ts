import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import { first } from './paging.ts';

const NOT_AFTER = statement(
  'SELECT least($1::bigint, (extract(epoch FROM statement_timestamp()) * 1000)::bigint) AS at',
);

/** The clock of the database, which all nodes share. */
export function databaseClock(queries: Queries): Rows['clock'] {
  return {
    notAfter: async (at) => (await first(queries.all<{ readonly at: number }>(NOT_AFTER, [at])))?.at ?? at,
  };
}
