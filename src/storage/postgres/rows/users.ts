import type { UserCredentials } from '../../../domain/auth/storage.ts';
import { nameWords } from '../../../domain/users/name-words.ts';
import { rolesOf, rolesText } from '../../../domain/users/roles.ts';
import type { HashedUser, ImportedUser, UserRecord } from '../../../domain/users/storage.ts';
import type { Rows } from '../../rows.ts';
import { type Queries, statement } from '../statement.ts';
import { type Holds, selection } from './holds.ts';
import { first, pageParameters } from './paging.ts';
import { userQueries } from './user-queries.ts';

const RECORD = `user_id AS "userId", org_id AS "orgId", email, fullname, created_at AS "createdAt",
  disabled_at AS "disabledAt", email_verified_at AS "emailVerifiedAt", roles, public_metadata AS "publicMetadata",
  private_metadata AS "privateMetadata", password_hash IS NOT NULL AS "hasPassword", has_second_factor AS "hasSecondFactor"`;
const CREDENTIALS = `user_id AS "userId", org_id AS "orgId", email, fullname, password_hash AS "passwordHash",
  credential_version AS "credentialVersion", disabled_at AS "disabledAt", email_verified_at AS "emailVerifiedAt", roles,
  password_unproven_since AS "passwordUnprovenSince", address_version AS "addressVersion",
  has_second_factor AS "hasSecondFactor", must_change_password AS "mustChangePassword"`;

/** Roles as the column has them. */
type Kept<Row extends { readonly roles: readonly string[] }> = Omit<Row, 'roles'> & { readonly roles: string };

const BY_ID = selection(`SELECT ${RECORD} FROM {schema}.users WHERE org_id = $1 AND user_id = $2`);
const BY_EMAIL = statement(`SELECT ${RECORD} FROM {schema}.users WHERE org_id = $1 AND email = $2`);
const CREDENTIALS_BY_ID = selection(`SELECT ${CREDENTIALS} FROM {schema}.users WHERE org_id = $1 AND user_id = $2`);
const CREDENTIALS_BY_EMAIL = statement(`SELECT ${CREDENTIALS} FROM {schema}.users WHERE org_id = $1 AND email = $2`);
const LIST = statement(
  `SELECT ${RECORD} FROM {schema}.users
   WHERE org_id = $4 AND (created_at, user_id) > ($1, $2) ORDER BY created_at, user_id LIMIT $3`,
);
const COUNT = statement(
  'SELECT count(*) AS users FROM (SELECT 1 FROM {schema}.users WHERE org_id = $1 LIMIT $2) AS counted',
);
const INSERT = statement(
  `INSERT INTO {schema}.users (org_id, user_id, email, fullname, password_hash, created_at, email_verified_at, roles,
     public_metadata, private_metadata, credential_version, has_words)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, true) ON CONFLICT (org_id, email) DO NOTHING`,
);
const UPDATE = statement(
  `UPDATE {schema}.users SET address_version = address_version + (email <> $3)::int, email = $3, fullname = $4, email_verified_at = $5, roles = $6, public_metadata = $7,
     private_metadata = $8 WHERE org_id = $1 AND user_id = $2`,
);
const WITHOUT_WORDS = statement(
  `SELECT org_id AS "orgId", user_id AS "userId", fullname FROM {schema}.users WHERE NOT has_words LIMIT $1
   FOR UPDATE SKIP LOCKED`,
);
const SET_HAS_WORDS = statement('UPDATE {schema}.users SET has_words = true WHERE org_id = $1 AND user_id = $2');
const INSERT_WORDS = statement(
  `INSERT INTO {schema}.user_words (org_id, user_id, word) SELECT $1, $2, word FROM unnest($3::text[]) AS words (word)
   ON CONFLICT DO NOTHING`,
);
const REMOVE_WORDS = statement('DELETE FROM {schema}.user_words WHERE org_id = $1 AND user_id = $2');
const INSERT_IMPORTED = statement(
  `INSERT INTO {schema}.users (org_id, user_id, email, fullname, password_hash, credential_version, created_at, disabled_at,
     email_verified_at, roles, public_metadata, private_metadata, has_words)
   VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, $11, true) ON CONFLICT (org_id, email) DO NOTHING`,
);
const LIST_HASHED = statement(
  `SELECT ${RECORD}, password_hash AS "passwordHash" FROM {schema}.users
   WHERE org_id = $4 AND (created_at, user_id) > ($1, $2) ORDER BY created_at, user_id LIMIT $3`,
);
const SET_PASSWORD = statement(
  `UPDATE {schema}.users SET password_hash = $3, credential_version = $4, password_unproven_since = $5,
     must_change_password = $6 WHERE org_id = $1 AND user_id = $2`,
);
const SET_HAS_SECOND_FACTOR = statement(
  `UPDATE {schema}.users SET has_second_factor = $3, credential_version = credential_version + 1
   WHERE org_id = $1 AND user_id = $2`,
);
/** Of one that another takes at the same time the index tells, and the write is run again. */
const SET_EMAIL = statement(
  `UPDATE {schema}.users SET email = $3, email_verified_at = $4, credential_version = $5, address_version = $6
   WHERE org_id = $1 AND user_id = $2
     AND NOT EXISTS (SELECT 1 FROM {schema}.users other WHERE other.org_id = $1 AND other.email = $3 AND other.user_id <> $2)`,
);
const SET_EMAIL_VERIFIED = statement(
  'UPDATE {schema}.users SET email_verified_at = $3, address_version = $4 WHERE org_id = $1 AND user_id = $2',
);
const SET_FULLNAME = statement('UPDATE {schema}.users SET fullname = $3 WHERE org_id = $1 AND user_id = $2');
const SET_DISABLED_AT = statement('UPDATE {schema}.users SET disabled_at = $3 WHERE org_id = $1 AND user_id = $2');
const RAISE_CREDENTIAL_VERSION = statement(
  'UPDATE {schema}.users SET credential_version = credential_version + 1 WHERE org_id = $1 AND user_id = $2',
);
const REMOVE = statement('DELETE FROM {schema}.users WHERE org_id = $1 AND user_id = $2');

type NamedUser = Pick<UserRecord, 'orgId' | 'userId' | 'fullname'>;

/** The tables `users` and `user_words`. By e-mail it is looked up alone: what is done with a user holds it by its id. */
export function userRows(queries: Queries, holds: Holds): Rows['users'] {
  const putWords = ({ orgId, userId, fullname }: NamedUser) =>
    queries.send(INSERT_WORDS, [orgId, userId, nameWords(fullname)]);
  return {
    find: (orgId, userId) => one<UserRecord>(queries.all(BY_ID[holds.reading.user(orgId, userId)], [orgId, userId])),
    findByEmail: (orgId, email) => one<UserRecord>(queries.all(BY_EMAIL, [orgId, email])),
    findCredentials: (orgId, userId) =>
      one<UserCredentials>(queries.all(CREDENTIALS_BY_ID[holds.reading.user(orgId, userId)], [orgId, userId])),
    findCredentialsByEmail: (orgId, email) => one<UserCredentials>(queries.all(CREDENTIALS_BY_EMAIL, [orgId, email])),
    list: async (orgId, page) =>
      (await queries.all<Kept<UserRecord>>(LIST, [...pageParameters(page), orgId])).map(withRoles<UserRecord>),
    count: async (orgId, most) =>
      (await first(queries.all<{ readonly users: number }>(COUNT, [orgId, most])))?.users ?? 0,
    async insertImported(orgId, user) {
      const isFree = (await queries.count(INSERT_IMPORTED, importedColumns(orgId, user))) === 1;
      if (isFree) {
        putWords({ ...user, orgId });
      }
      return isFree;
    },
    listHashed: async (orgId, page) =>
      (await queries.all<Kept<HashedUser>>(LIST_HASHED, [...pageParameters(page), orgId])).map(withRoles<HashedUser>),
    setPassword({ orgId, userId }, { passwordHash, credentialVersion, passwordUnprovenSince, mustChangePassword }) {
      const values = [passwordHash, credentialVersion, passwordUnprovenSince, mustChangePassword];
      queries.send(SET_PASSWORD, [orgId, userId, ...values]);
    },
    setHasSecondFactor: ({ orgId, userId }, hasSecondFactor) =>
      queries.send(SET_HAS_SECOND_FACTOR, [orgId, userId, hasSecondFactor]),
    setEmail: async ({ orgId, userId }, { email, emailVerifiedAt, credentialVersion, addressVersion }) =>
      (await queries.count(SET_EMAIL, [orgId, userId, email, emailVerifiedAt, credentialVersion, addressVersion])) ===
      1,
    setEmailVerified: ({ orgId, userId }, { emailVerifiedAt, addressVersion }) =>
      queries.send(SET_EMAIL_VERIFIED, [orgId, userId, emailVerifiedAt, addressVersion]),
    setFullname({ orgId, userId }, fullname) {
      queries.send(SET_FULLNAME, [orgId, userId, fullname]);
      queries.send(REMOVE_WORDS, [orgId, userId]);
      putWords({ orgId, userId, fullname });
    },
    setDisabledAt: (orgId, userId, disabledAt) => queries.send(SET_DISABLED_AT, [orgId, userId, disabledAt]),
    raiseCredentialVersion: ({ orgId, userId }) => queries.send(RAISE_CREDENTIAL_VERSION, [orgId, userId]),
    ...userQueries(queries),
    async insert(user) {
      const { orgId, userId, email, fullname, passwordHash, createdAt } = user;
      const given = [user.emailVerifiedAt, rolesText(user.roles), user.publicMetadata, user.privateMetadata];
      const values = [orgId, userId, email, fullname, passwordHash, createdAt, ...given];
      const isFree = (await queries.count(INSERT, values)) === 1;
      if (isFree) {
        putWords(user);
      }
      return isFree;
    },
    update(user) {
      const { orgId, userId, email, fullname, emailVerifiedAt, roles, publicMetadata, privateMetadata } = user;
      const texts = [rolesText(roles), publicMetadata, privateMetadata];
      queries.send(UPDATE, [orgId, userId, email, fullname, emailVerifiedAt, ...texts]);
      queries.send(REMOVE_WORDS, [orgId, userId]);
      putWords(user);
    },
    async indexNames(limit) {
      const users = await queries.all<NamedUser>(WITHOUT_WORDS, [limit]);
      for (const user of users) {
        putWords(user);
        queries.send(SET_HAS_WORDS, [user.orgId, user.userId]);
      }
      return users.length;
    },
    remove(orgId, userId) {
      queries.send(REMOVE, [orgId, userId]);
      queries.send(REMOVE_WORDS, [orgId, userId]);
    },
  };
}

async function one<Row extends { readonly roles: readonly string[] }>(
  rows: Promise<readonly Kept<Row>[]>,
): Promise<Row | null> {
  const row = await first(rows);
  return row === null ? null : withRoles<Row>(row);
}

function withRoles<Row extends { readonly roles: readonly string[] }>(row: Kept<Row>): Row {
  return { ...row, roles: rolesOf(row.roles) } as unknown as Row;
}

function importedColumns(orgId: string, user: ImportedUser): readonly (string | number | null)[] {
  const { userId, email, fullname, passwordHash, createdAt, disabledAt, emailVerifiedAt, roles } = user;
  const account = [orgId, userId, email, fullname, passwordHash, createdAt, disabledAt, emailVerifiedAt];
  return [...account, rolesText(roles), user.publicMetadata, user.privateMetadata];
}
