import type { StoreIdentity } from '../../domain/storage.ts';
import type { Connection } from './driver.ts';

/** The one row that says which store this is. */
export function storeIdentityTable(connection: Connection) {
  const select = connection.prepare<[], StoreIdentity>(
    'SELECT store_id AS storeId, epoch, secret_check AS secretCheck FROM store',
  );
  const insert = connection.prepare<[string, string, Uint8Array]>(
    'INSERT INTO store (singleton, store_id, epoch, secret_check) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  return {
    read: (): StoreIdentity | null => select.get() ?? null,
    /** Whether it was the first. */
    insert: (identity: StoreIdentity): boolean =>
      insert.run(identity.storeId, identity.epoch, identity.secretCheck).changes === 1,
  };
}
