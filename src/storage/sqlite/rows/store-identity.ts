import type { StoreIdentity } from '../../../domain/storage.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';

/** The one row that says which store this is. */
export function identityRows(connection: Connection): Rows['identity'] {
  const select = connection.prepare<[], StoreIdentity>(
    'SELECT store_id AS storeId, epoch, secret_check AS secretCheck FROM store',
  );
  const insert = connection.prepare<[string, string, Uint8Array]>(
    'INSERT INTO store (singleton, store_id, epoch, secret_check) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const setEpoch = connection.prepare<[string]>('UPDATE store SET epoch = ?');
  const replaceSecretCheck = connection.prepare<[Uint8Array, Uint8Array]>(
    'UPDATE store SET secret_check = ? WHERE secret_check = ?',
  );
  return {
    find: () => select.get() ?? null,
    insert: ({ storeId, epoch, secretCheck }) => insert.run(storeId, epoch, secretCheck).changes === 1,
    setEpoch(epoch) {
      setEpoch.run(epoch);
    },
    replaceSecretCheck: (from, to) => replaceSecretCheck.run(to, from).changes === 1,
  };
}
