import type { SigningKeyRecord } from '../../../domain/signing-keys/storage.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import { type Holds, selection } from './holds.ts';
import { first } from './paging.ts';

const COLUMNS = `kid, public_jwk AS "publicJwk", sealed_private_key AS "sealedPrivateKey", created_at AS "createdAt",
  activates_at AS "activatesAt", verifies_until AS "verifiesUntil", retired_at AS "retiredAt"`;
const BY_KID = selection(`SELECT ${COLUMNS} FROM {schema}.signing_keys WHERE kid = $1`);
const LIST = selection(`SELECT ${COLUMNS} FROM {schema}.signing_keys ORDER BY made_number`);
const INSERT = statement(
  `INSERT INTO {schema}.signing_keys
     (kid, public_jwk, sealed_private_key, created_at, activates_at, verifies_until, retired_at, made_number)
   VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT coalesce(max(made_number), 0) + 1 FROM {schema}.signing_keys))`,
);
const SET_RETIRED_AT = statement('UPDATE {schema}.signing_keys SET retired_at = $2 WHERE kid = $1');
/** Of several logins each raises it, and none lowers it. */
const SET_VERIFIES_UNTIL = statement(
  'UPDATE {schema}.signing_keys SET verifies_until = $2 WHERE kid = $1 AND verifies_until < $2',
);
const REPLACE_SEALED = statement(
  'UPDATE {schema}.signing_keys SET sealed_private_key = $3 WHERE kid = $1 AND sealed_private_key = $2',
);
const REMOVE = statement('DELETE FROM {schema}.signing_keys WHERE kid = $1');

/** The table `signing_keys`. */
export function signingKeyRows(queries: Queries, holds: Holds): Rows['signingKeys'] {
  return {
    find: (kid) => first(queries.all<SigningKeyRecord>(BY_KID[holds.reading.signingKey()], [kid])),
    list: () => queries.all<SigningKeyRecord>(LIST[holds.reading.everySigningKey()]),
    insert: ({ kid, publicJwk, sealedPrivateKey, createdAt, activatesAt, verifiesUntil, retiredAt }) =>
      queries.send(INSERT, [kid, publicJwk, sealedPrivateKey, createdAt, activatesAt, verifiesUntil, retiredAt]),
    setRetiredAt: (kid, retiredAt) => queries.send(SET_RETIRED_AT, [kid, retiredAt]),
    setVerifiesUntil: (kid, verifiesUntil) => queries.send(SET_VERIFIES_UNTIL, [kid, verifiesUntil]),
    replaceSealed: async ({ kid, from, to }) => (await queries.count(REPLACE_SEALED, [kid, from, to])) === 1,
    remove: (kid) => queries.send(REMOVE, [kid]),
  };
}
