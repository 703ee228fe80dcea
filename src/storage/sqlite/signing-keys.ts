import type { SigningKeyRecord } from '../../domain/signing-keys/storage.ts';
import type { Connection } from './driver.ts';

/** A signing key's end moves in these steps: one write an hour, and not one for every login. */
const END_STEP_MS = 3_600_000;

/** The statements of the table `signing_keys`. */
export function signingKeyTable(connection: Connection) {
  const list = connection.prepare<[], SigningKeyRecord>(
    `SELECT kid, public_jwk AS publicJwk, sealed_private_key AS sealedPrivateKey, created_at AS createdAt,
       activates_at AS activatesAt, verifies_until AS verifiesUntil, retired_at AS retiredAt
     FROM signing_keys ORDER BY made_number`,
  );
  const insert = connection.prepare<[string, string, Uint8Array, number, number, number, number | null]>(
    `INSERT INTO signing_keys
       (kid, public_jwk, sealed_private_key, created_at, activates_at, verifies_until, retired_at, made_number)
     VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(made_number), 0) + 1 FROM signing_keys))`,
  );
  const retire = connection.prepare<[number, string]>(
    'UPDATE signing_keys SET retired_at = ? WHERE kid <> ? AND retired_at IS NULL',
  );
  const extend = connection.prepare<[number, string, number]>(
    'UPDATE signing_keys SET verifies_until = ? WHERE kid = ? AND verifies_until < ?',
  );
  return {
    list: (): readonly SigningKeyRecord[] => list.all(),
    insert(key: SigningKeyRecord): void {
      insert.run(
        key.kid,
        key.publicJwk,
        key.sealedPrivateKey,
        key.createdAt,
        key.activatesAt,
        key.verifiesUntil,
        key.retiredAt,
      );
    },
    retireAllBut(kid: string, at: number): void {
      retire.run(at, kid);
    },
    /** Keeps a key verifying until a token that it signs has expired. */
    keepVerifying(kid: string, expiresAt: number): void {
      const end = Math.ceil(expiresAt / END_STEP_MS) * END_STEP_MS;
      extend.run(end, kid, end);
    },
  };
}
