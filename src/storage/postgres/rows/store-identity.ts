import type { StoreIdentity } from '../../../domain/storage.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import { first } from './paging.ts';

const SELECT = statement('SELECT store_id AS "storeId", epoch, secret_check AS "secretCheck" FROM {schema}.store');
const INSERT = statement(
  `INSERT INTO {schema}.store (singleton, store_id, epoch, secret_check) VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING`,
);
const SET_EPOCH = statement('UPDATE {schema}.store SET epoch = $1');
const REPLACE_SECRET_CHECK = statement('UPDATE {schema}.store SET secret_check = $2 WHERE secret_check = $1');

/** The one row that says which store this is. */
export function identityRows(queries: Queries): Rows['identity'] {
  return {
    find: () => first(queries.all<StoreIdentity>(SELECT)),
    insert: async ({ storeId, epoch, secretCheck }) =>
      (await queries.count(INSERT, [storeId, epoch, secretCheck])) === 1,
    setEpoch: (epoch) => queries.send(SET_EPOCH, [epoch]),
    replaceSecretCheck: async (from, to) => (await queries.count(REPLACE_SECRET_CHECK, [from, to])) === 1,
  };
}
