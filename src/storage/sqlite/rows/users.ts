import type { UserCredentials } from '../../../domain/auth/storage.ts';
import type { UserRecord } from '../../../domain/users/storage.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';
import { pageParameters } from './paging.ts';

const RECORD = `user_id AS userId, org_id AS orgId, email, fullname, created_at AS createdAt,
  disabled_at AS disabledAt, email_verified_at AS emailVerifiedAt`;

const CREDENTIALS = `user_id AS userId, org_id AS orgId, email, fullname, password_hash AS passwordHash,
  credential_version AS credentialVersion, disabled_at AS disabledAt`;

/** The table `users`. */
export function userRows(connection: Connection): Rows['users'] {
  const byId = connection.prepare<[string, string], UserRecord>(
    `SELECT ${RECORD} FROM users WHERE org_id = ? AND user_id = ?`,
  );
  const byEmail = connection.prepare<[string, string], UserRecord>(
    `SELECT ${RECORD} FROM users WHERE org_id = ? AND email = ?`,
  );
  const credentialsById = connection.prepare<[string, string], UserCredentials>(
    `SELECT ${CREDENTIALS} FROM users WHERE org_id = ? AND user_id = ?`,
  );
  const credentialsByEmail = connection.prepare<[string, string], UserCredentials>(
    `SELECT ${CREDENTIALS} FROM users WHERE org_id = ? AND email = ?`,
  );
  const list = connection.prepare<[string, number, string, number], UserRecord>(
    `SELECT ${RECORD} FROM users
     WHERE org_id = ? AND (created_at, user_id) > (?, ?) ORDER BY created_at, user_id LIMIT ?`,
  );
  const insert = connection.prepare<[string, string, string, string, string, number]>(
    `INSERT INTO users (org_id, user_id, email, fullname, password_hash, credential_version, created_at)
     VALUES (?, ?, ?, ?, ?, 1, ?) ON CONFLICT (org_id, email) DO NOTHING`,
  );
  const setPassword = connection.prepare<[string, number, string, string]>(
    'UPDATE users SET password_hash = ?, credential_version = ? WHERE org_id = ? AND user_id = ?',
  );
  const setDisabledAt = connection.prepare<[number | null, string, string]>(
    'UPDATE users SET disabled_at = ? WHERE org_id = ? AND user_id = ?',
  );
  const remove = connection.prepare<[string, string]>('DELETE FROM users WHERE org_id = ? AND user_id = ?');
  return {
    find: (orgId, userId) => byId.get(orgId, userId) ?? null,
    findByEmail: (orgId, email) => byEmail.get(orgId, email) ?? null,
    findCredentials: (orgId, userId) => credentialsById.get(orgId, userId) ?? null,
    findCredentialsByEmail: (orgId, email) => credentialsByEmail.get(orgId, email) ?? null,
    list: (orgId, page) => list.all(orgId, ...pageParameters(page)),
    insert: ({ orgId, userId, email, fullname, passwordHash, createdAt }) =>
      insert.run(orgId, userId, email, fullname, passwordHash, createdAt).changes === 1,
    setPassword({ orgId, userId }, { passwordHash, credentialVersion }) {
      setPassword.run(passwordHash, credentialVersion, orgId, userId);
    },
    setDisabledAt(orgId, userId, disabledAt) {
      setDisabledAt.run(disabledAt, orgId, userId);
    },
    remove(orgId, userId) {
      remove.run(orgId, userId);
    },
  };
}
