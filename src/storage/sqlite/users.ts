import type { NewUser, UserCredentials } from '../../domain/auth/storage.ts';
import type { PageRequest } from '../../domain/page.ts';
import type { UserRecord } from '../../domain/users/storage.ts';
import type { Connection } from './driver.ts';
import { pageParameters } from './paging.ts';

const RECORD = `user_id AS userId, org_id AS orgId, email, fullname, created_at AS createdAt,
  disabled_at AS disabledAt, email_verified_at AS emailVerifiedAt`;

const CREDENTIALS = `user_id AS userId, org_id AS orgId, email, fullname, password_hash AS passwordHash,
  credential_version AS credentialVersion, disabled_at AS disabledAt`;

/** The statements of the table `users`. E-mails are compared as they were normalized, byte by byte. */
export function userTable(connection: Connection) {
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
  const upgradeHash = connection.prepare<[string, string, string, string]>(
    'UPDATE users SET password_hash = ? WHERE org_id = ? AND user_id = ? AND password_hash = ?',
  );
  const replaceHash = connection.prepare<[string, string, string]>(
    `UPDATE users SET password_hash = ?, credential_version = credential_version + 1
     WHERE org_id = ? AND user_id = ?`,
  );
  const disable = connection.prepare<[number, string, string], UserRecord>(
    `UPDATE users SET disabled_at = coalesce(disabled_at, ?) WHERE org_id = ? AND user_id = ? RETURNING ${RECORD}`,
  );
  const enable = connection.prepare<[string, string], UserRecord>(
    `UPDATE users SET disabled_at = NULL WHERE org_id = ? AND user_id = ? RETURNING ${RECORD}`,
  );
  const remove = connection.prepare<[string, string]>('DELETE FROM users WHERE org_id = ? AND user_id = ?');
  return {
    find: (orgId: string, userId: string): UserRecord | null => byId.get(orgId, userId) ?? null,
    findByEmail: (orgId: string, email: string): UserRecord | null => byEmail.get(orgId, email) ?? null,
    findCredentials: (orgId: string, userId: string): UserCredentials | null =>
      credentialsById.get(orgId, userId) ?? null,
    findCredentialsByEmail: (orgId: string, email: string): UserCredentials | null =>
      credentialsByEmail.get(orgId, email) ?? null,
    list: (orgId: string, page: PageRequest): readonly UserRecord[] => list.all(orgId, ...pageParameters(page)),
    /** Whether the e-mail was free. */
    insert: (user: NewUser): boolean =>
      insert.run(user.orgId, user.userId, user.email, user.fullname, user.passwordHash, user.createdAt).changes === 1,
    /** The same password under other parameters; nothing happens when the stored hash is no longer `from`. */
    upgradeHash(orgId: string, userId: string, hash: { readonly from: string; readonly to: string }): void {
      upgradeHash.run(hash.to, orgId, userId, hash.from);
    },
    /** Another password. */
    replaceHash(orgId: string, userId: string, passwordHash: string): void {
      replaceHash.run(passwordHash, orgId, userId);
    },
    disable: (orgId: string, userId: string, at: number): UserRecord | null => disable.get(at, orgId, userId) ?? null,
    enable: (orgId: string, userId: string): UserRecord | null => enable.get(orgId, userId) ?? null,
    /** Whether there was one. */
    remove: (orgId: string, userId: string): boolean => remove.run(orgId, userId).changes === 1,
  };
}
