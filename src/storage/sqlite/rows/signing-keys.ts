import type { SigningKeyRecord } from '../../../domain/signing-keys/storage.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';

const COLUMNS = `kid, public_jwk AS publicJwk, sealed_private_key AS sealedPrivateKey, created_at AS createdAt,
  activates_at AS activatesAt, verifies_until AS verifiesUntil, retired_at AS retiredAt`;

/** The table `signing_keys`. */
export function signingKeyRows(connection: Connection): Rows['signingKeys'] {
  const byKid = connection.prepare<[string], SigningKeyRecord>(`SELECT ${COLUMNS} FROM signing_keys WHERE kid = ?`);
  const list = connection.prepare<[], SigningKeyRecord>(`SELECT ${COLUMNS} FROM signing_keys ORDER BY made_number`);
  const insert = connection.prepare<[string, string, Uint8Array, number, number, number, number | null]>(
    `INSERT INTO signing_keys
       (kid, public_jwk, sealed_private_key, created_at, activates_at, verifies_until, retired_at, made_number)
     VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(made_number), 0) + 1 FROM signing_keys))`,
  );
  const setRetiredAt = connection.prepare<[number, string]>('UPDATE signing_keys SET retired_at = ? WHERE kid = ?');
  const setVerifiesUntil = connection.prepare<[number, string]>(
    'UPDATE signing_keys SET verifies_until = ? WHERE kid = ?',
  );
  const replaceSealed = connection.prepare<[Uint8Array, string, Uint8Array]>(
    'UPDATE signing_keys SET sealed_private_key = ? WHERE kid = ? AND sealed_private_key = ?',
  );
  const remove = connection.prepare<[string]>('DELETE FROM signing_keys WHERE kid = ?');
  return {
    find: (kid) => byKid.get(kid) ?? null,
    list: () => list.all(),
    insert({ kid, publicJwk, sealedPrivateKey, createdAt, activatesAt, verifiesUntil, retiredAt }) {
      insert.run(kid, publicJwk, sealedPrivateKey, createdAt, activatesAt, verifiesUntil, retiredAt);
    },
    setRetiredAt(kid, retiredAt) {
      setRetiredAt.run(retiredAt, kid);
    },
    setVerifiesUntil(kid, verifiesUntil) {
      setVerifiesUntil.run(verifiesUntil, kid);
    },
    replaceSealed: ({ kid, from, to }) => replaceSealed.run(to, kid, from).changes === 1,
    remove(kid) {
      remove.run(kid);
    },
  };
}
