import type { UserCredentials } from '../../../domain/auth/storage.ts';
import { nameWords } from '../../../domain/users/name-words.ts';
import { rolesOf, rolesText } from '../../../domain/users/roles.ts';
import type { HashedUser, ImportedUser, UserRecord } from '../../../domain/users/storage.ts';
import type { Rows } from '../../rows.ts';
import type { Connection } from '../driver.ts';
import { pageParameters } from './paging.ts';
import { userQueries } from './user-queries.ts';

const RECORD = `user_id AS userId, org_id AS orgId, email, fullname, created_at AS createdAt,
  disabled_at AS disabledAt, email_verified_at AS emailVerifiedAt, roles, public_metadata AS publicMetadata,
  private_metadata AS privateMetadata, password_hash IS NOT NULL AS hasPassword, has_second_factor AS hasSecondFactor`;

const CREDENTIALS = `user_id AS userId, org_id AS orgId, email, fullname, password_hash AS passwordHash,
  credential_version AS credentialVersion, disabled_at AS disabledAt, email_verified_at AS emailVerifiedAt, roles,
  password_unproven_since AS passwordUnprovenSince, address_version AS addressVersion,
  has_second_factor AS hasSecondFactor, must_change_password AS mustChangePassword`;

/** As SQLite gives it: it has no boolean. */
type RecordRow = Omit<UserRecord, 'roles' | 'hasPassword' | 'hasSecondFactor'> & {
  readonly roles: string;
  readonly hasPassword: number;
  readonly hasSecondFactor: number;
};
type CredentialsRow = Omit<UserCredentials, 'roles' | 'hasSecondFactor' | 'mustChangePassword'> & {
  readonly roles: string;
  readonly hasSecondFactor: number;
  readonly mustChangePassword: number;
};

type NamedUser = Pick<UserRecord, 'orgId' | 'userId' | 'fullname'>;

type InsertedValues = [
  ...[orgId: string, userId: string, email: string, fullname: string, passwordHash: string | null, createdAt: number],
  ...[emailVerifiedAt: number | null, roles: string, publicMetadata: string, privateMetadata: string],
];

/** The tables `users` and `user_words`. */
export function userRows(connection: Connection): Rows['users'] {
  const byId = connection.prepare<[string, string], RecordRow>(
    `SELECT ${RECORD} FROM users WHERE org_id = ? AND user_id = ?`,
  );
  const byEmail = connection.prepare<[string, string], RecordRow>(
    `SELECT ${RECORD} FROM users WHERE org_id = ? AND email = ?`,
  );
  const credentialsById = connection.prepare<[string, string], CredentialsRow>(
    `SELECT ${CREDENTIALS} FROM users WHERE org_id = ? AND user_id = ?`,
  );
  const credentialsByEmail = connection.prepare<[string, string], CredentialsRow>(
    `SELECT ${CREDENTIALS} FROM users WHERE org_id = ? AND email = ?`,
  );
  const list = connection.prepare<[string, number, string, number], RecordRow>(
    `SELECT ${RECORD} FROM users
     WHERE org_id = ? AND (created_at, user_id) > (?, ?) ORDER BY created_at, user_id LIMIT ?`,
  );
  const count = connection
    .prepare<[string, number], number>('SELECT count(*) FROM (SELECT 1 FROM users WHERE org_id = ? LIMIT ?)')
    .pluck();
  const insert = connection.prepare<InsertedValues>(
    `INSERT INTO users (org_id, user_id, email, fullname, password_hash, created_at, email_verified_at, roles,
       public_metadata, private_metadata, credential_version, has_words)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1) ON CONFLICT (org_id, email) DO NOTHING`,
  );
  const update = connection.prepare<[string, string, string, number | null, string, string, string, string, string]>(
    `UPDATE users SET address_version = address_version + (email <> ?), email = ?, fullname = ?, email_verified_at = ?, roles = ?, public_metadata = ?, private_metadata = ?
     WHERE org_id = ? AND user_id = ?`,
  );
  const withoutWords = connection.prepare<[number], NamedUser>(
    `SELECT org_id AS orgId, user_id AS userId, fullname FROM users INDEXED BY users_without_words
     WHERE has_words = 0 LIMIT ?`,
  );
  const setHasWords = connection.prepare<[string, string]>(
    'UPDATE users SET has_words = 1 WHERE org_id = ? AND user_id = ?',
  );
  const insertWord = connection.prepare<[string, string, string]>(
    'INSERT INTO user_words (org_id, user_id, word) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const removeWords = connection.prepare<[string, string]>('DELETE FROM user_words WHERE org_id = ? AND user_id = ?');
  const putWords = ({ orgId, userId, fullname }: NamedUser) => {
    for (const word of nameWords(fullname)) {
      insertWord.run(orgId, userId, word);
    }
  };
  const insertImported = connection.prepare<ImportedColumns>(
    `INSERT INTO users (org_id, user_id, email, fullname, password_hash, credential_version, created_at, disabled_at,
       email_verified_at, roles, public_metadata, private_metadata, has_words)
     VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (org_id, email) DO NOTHING`,
  );
  const listHashed = connection.prepare<[string, number, string, number], RecordRow & Pick<HashedUser, 'passwordHash'>>(
    `SELECT ${RECORD}, password_hash AS passwordHash FROM users
     WHERE org_id = ? AND (created_at, user_id) > (?, ?) ORDER BY created_at, user_id LIMIT ?`,
  );
  const setPassword = connection.prepare<[string | null, number, number | null, number, string, string]>(
    `UPDATE users SET password_hash = ?, credential_version = ?, password_unproven_since = ?, must_change_password = ?
     WHERE org_id = ? AND user_id = ?`,
  );
  const setHasSecondFactor = connection.prepare<[number, string, string]>(
    `UPDATE users SET has_second_factor = ?, credential_version = credential_version + 1
     WHERE org_id = ? AND user_id = ?`,
  );
  const setEmail = connection.prepare<[string, number | null, number, number, string, string]>(
    `UPDATE OR IGNORE users SET email = ?, email_verified_at = ?, credential_version = ?, address_version = ?
     WHERE org_id = ? AND user_id = ?`,
  );
  const setEmailVerified = connection.prepare<[number | null, number, string, string]>(
    'UPDATE users SET email_verified_at = ?, address_version = ? WHERE org_id = ? AND user_id = ?',
  );
  const setFullname = connection.prepare<[string, string, string]>(
    'UPDATE users SET fullname = ? WHERE org_id = ? AND user_id = ?',
  );
  const setDisabledAt = connection.prepare<[number | null, string, string]>(
    'UPDATE users SET disabled_at = ? WHERE org_id = ? AND user_id = ?',
  );
  const raiseCredentialVersion = connection.prepare<[string, string]>(
    'UPDATE users SET credential_version = credential_version + 1 WHERE org_id = ? AND user_id = ?',
  );
  const remove = connection.prepare<[string, string]>('DELETE FROM users WHERE org_id = ? AND user_id = ?');
  return {
    find: (orgId, userId) => toRecord(byId.get(orgId, userId)),
    findByEmail: (orgId, email) => toRecord(byEmail.get(orgId, email)),
    findCredentials: (orgId, userId) => toCredentials(credentialsById.get(orgId, userId)),
    findCredentialsByEmail: (orgId, email) => toCredentials(credentialsByEmail.get(orgId, email)),
    list: (orgId, page) => list.all(orgId, ...pageParameters(page)).map(recordOf),
    count: (orgId, most) => count.get(orgId, most) ?? 0,
    ...userQueries(connection),
    insert(user) {
      const { orgId, userId, email, fullname, passwordHash, createdAt } = user;
      const given = [user.emailVerifiedAt, rolesText(user.roles), user.publicMetadata, user.privateMetadata] as const;
      const isFree = insert.run(orgId, userId, email, fullname, passwordHash, createdAt, ...given).changes === 1;
      if (isFree) {
        putWords(user);
      }
      return isFree;
    },
    update(user) {
      const { orgId, userId, email, fullname, emailVerifiedAt, roles, publicMetadata, privateMetadata } = user;
      update.run(
        email,
        email,
        fullname,
        emailVerifiedAt,
        rolesText(roles),
        publicMetadata,
        privateMetadata,
        orgId,
        userId,
      );
      removeWords.run(orgId, userId);
      putWords(user);
    },
    indexNames(limit) {
      const users = withoutWords.all(limit);
      for (const user of users) {
        putWords(user);
        setHasWords.run(user.orgId, user.userId);
      }
      return users.length;
    },
    insertImported(orgId, user) {
      const isFree = insertImported.run(...importedColumns(orgId, user)).changes === 1;
      if (isFree) {
        putWords({ ...user, orgId });
      }
      return isFree;
    },
    listHashed: (orgId, page) =>
      listHashed
        .all(orgId, ...pageParameters(page))
        .map(({ passwordHash, ...row }) => ({ ...recordOf(row), passwordHash })),
    setPassword({ orgId, userId }, { passwordHash, credentialVersion, passwordUnprovenSince, mustChangePassword }) {
      const mustChange = Number(mustChangePassword);
      setPassword.run(passwordHash, credentialVersion, passwordUnprovenSince, mustChange, orgId, userId);
    },
    setHasSecondFactor({ orgId, userId }, hasSecondFactor) {
      setHasSecondFactor.run(Number(hasSecondFactor), orgId, userId);
    },
    setEmail: ({ orgId, userId }, { email, emailVerifiedAt, credentialVersion, addressVersion }) =>
      setEmail.run(email, emailVerifiedAt, credentialVersion, addressVersion, orgId, userId).changes === 1,
    setEmailVerified({ orgId, userId }, { emailVerifiedAt, addressVersion }) {
      setEmailVerified.run(emailVerifiedAt, addressVersion, orgId, userId);
    },
    setFullname({ orgId, userId }, fullname) {
      setFullname.run(fullname, orgId, userId);
      removeWords.run(orgId, userId);
      putWords({ orgId, userId, fullname });
    },
    setDisabledAt(orgId, userId, disabledAt) {
      setDisabledAt.run(disabledAt, orgId, userId);
    },
    raiseCredentialVersion({ orgId, userId }) {
      raiseCredentialVersion.run(orgId, userId);
    },
    remove(orgId, userId) {
      remove.run(orgId, userId);
      removeWords.run(orgId, userId);
    },
  };
}

type ImportedColumns = [
  ...names: [orgId: string, userId: string, email: string, fullname: string],
  passwordHash: string | null,
  ...instants: [createdAt: number, disabledAt: number | null, emailVerifiedAt: number | null],
  ...kept: [roles: string, publicMetadata: string, privateMetadata: string],
];

function importedColumns(orgId: string, user: ImportedUser): ImportedColumns {
  const { userId, email, fullname, passwordHash, createdAt, disabledAt, emailVerifiedAt } = user;
  const kept = [rolesText(user.roles), user.publicMetadata, user.privateMetadata] as const;
  return [orgId, userId, email, fullname, passwordHash, createdAt, disabledAt, emailVerifiedAt, ...kept];
}

function recordOf(row: RecordRow): UserRecord {
  const { roles, hasPassword, hasSecondFactor } = row;
  return { ...row, roles: rolesOf(roles), hasPassword: hasPassword === 1, hasSecondFactor: hasSecondFactor === 1 };
}

function toRecord(row: RecordRow | undefined): UserRecord | null {
  return row === undefined ? null : recordOf(row);
}

function toCredentials(row: CredentialsRow | undefined): UserCredentials | null {
  if (row === undefined) {
    return null;
  }
  const { roles, hasSecondFactor, mustChangePassword } = row;
  const flags = { hasSecondFactor: hasSecondFactor === 1, mustChangePassword: mustChangePassword === 1 };
  return { ...row, roles: rolesOf(roles), ...flags };
}
