import { rangeOf } from '../domain/users/name-words.ts';
import { rolesOf } from '../domain/users/roles.ts';
import type { UserPosition, UserQuery, UserRecord, UserSlice } from '../domain/users/storage.ts';

/** What differs between the engines in a query for users. */
export interface QueryDialect {
  /** A table as a statement names it. */
  table(name: string): string;
  /** A value as a statement names it; the n-th that is new is the n-th of {@link UserStatement.names}. */
  value(name: ValueName, index: number): string;
  /** FROM the ids of `found`, each with its user as `u`: looked up one by one, and never the other way round. */
  fromFound(orgId: string): string;
  /** Whether a text holds another. */
  contains(text: string, part: string): string;
  /** The columns of a {@link UserRecord} of `u`. */
  readonly record: string;
}

/** The values of a query, each of one type in every engine. */
export interface UserQueryValues {
  readonly orgId: string;
  readonly afterEmail: string;
  readonly afterCreatedAt: number;
  readonly afterId: string;
  readonly from: number;
  readonly until: number;
  readonly searches: number;
  readonly emailFrom: string;
  readonly emailUntil: string;
  readonly nameFrom: string;
  readonly nameUntil: string;
  readonly role: string;
  readonly verified: number;
  readonly disabled: number;
  readonly limit: number;
  /** How many rows are looked at. */
  readonly most: number;
}

export type ValueName = keyof UserQueryValues;

export interface UserStatement {
  readonly sql: string;
  /** In the order in which they are numbered. */
  readonly names: readonly ValueName[];
}

const KEYS = { created_at: 'created_at, user_id', email: 'email' } as const;

/** The users that match among the next `most` in an order, each with where the look ended. */
export function walkStatement(order: UserQuery['order'], dialect: QueryDialect): UserStatement {
  const names: ValueName[] = [];
  const v = valuesOf(dialect, names);
  const key = KEYS[order];
  const from =
    order === 'email'
      ? `email > ${v('afterEmail')}`
      : `(created_at, user_id) > (${v('afterCreatedAt')}, ${v('afterId')})`;
  const last = key.replaceAll(/\w+/g, (column) => `${column} DESC`);
  const sql = `WITH looked AS MATERIALIZED (
      SELECT user_id, email, created_at, roles, disabled_at, email_verified_at FROM ${dialect.table('users')}
      WHERE org_id = ${v('orgId')} AND ${from} ORDER BY ${key} LIMIT ${v('most')}),
    edge AS (
      SELECT user_id AS "edgeId", email AS "edgeEmail", created_at AS "edgeCreatedAt",
        (SELECT count(*) FROM looked) AS "edgeRows" FROM looked ORDER BY ${last} LIMIT 1),
    matched AS (SELECT user_id FROM looked u WHERE ${filter(dialect, v)} ORDER BY ${key} LIMIT ${v('limit')})
    SELECT edge.*, ${dialect.record} FROM edge LEFT JOIN matched ON TRUE
      LEFT JOIN ${dialect.table('users')} u ON u.org_id = ${v('orgId')} AND u.user_id = matched.user_id
    ORDER BY ${key.replaceAll(/\w+/g, (column) => `u.${column}`)}`;
  return { sql, names };
}

/** How many e-mails and how many names begin as a query asks, each up to `most`. */
export function countStatement(dialect: QueryDialect): UserStatement {
  const names: ValueName[] = [];
  const v = valuesOf(dialect, names);
  const sql = `SELECT (SELECT count(*) FROM (${emails(dialect, v)}) AS found) AS emails,
    (SELECT count(*) FROM (${words(dialect, v)}) AS found) AS words`;
  return { sql, names };
}

/** The users of these e-mails and names that match, in an order. */
export function searchStatement(order: UserQuery['order'], dialect: QueryDialect): UserStatement {
  const names: ValueName[] = [];
  const v = valuesOf(dialect, names);
  const after =
    order === 'email'
      ? `u.email > ${v('afterEmail')}`
      : `(u.created_at, u.user_id) > (${v('afterCreatedAt')}, ${v('afterId')})`;
  const sql = `WITH found AS MATERIALIZED (
      SELECT user_id FROM (${emails(dialect, v)}) AS by_email UNION SELECT user_id FROM (${words(dialect, v)}) AS by_name)
    SELECT ${dialect.record} ${dialect.fromFound(v('orgId'))}
    WHERE ${after} AND ${filter(dialect, v)}
    ORDER BY ${KEYS[order].replaceAll(/\w+/g, (column) => `u.${column}`)} LIMIT ${v('limit')}`;
  return { sql, names };
}

/** The values of a query in which `most` rows are looked at. */
export function valuesOfQuery(query: UserQuery, most: number): UserQueryValues {
  const { orgId, after, search, createdFrom } = query;
  const from = createdFrom ?? Number.MIN_SAFE_INTEGER;
  // One bound: of two an engine may begin at the other.
  const start = after !== null && after.createdAt >= from ? after : { createdAt: from, userId: '' };
  const [emailFrom, emailUntil] = rangeOf(search?.email ?? null);
  const [nameFrom, nameUntil] = rangeOf(search?.name ?? null);
  return {
    orgId,
    afterEmail: after?.email ?? '',
    afterCreatedAt: start.createdAt,
    afterId: start.userId,
    from,
    until: query.createdUntil ?? Number.MAX_SAFE_INTEGER,
    searches: Number(search !== null),
    emailFrom,
    emailUntil,
    nameFrom,
    nameUntil,
    role: query.role,
    verified: flagOf(query.emailVerified),
    disabled: flagOf(query.disabled),
    limit: query.limit,
    most,
  };
}

/** A user as a row gives it: roles as text; flags as the engine has them. */
export type UserRow = Omit<UserRecord, 'roles' | 'hasPassword' | 'hasSecondFactor'> & {
  readonly roles: string;
  readonly hasPassword: number | boolean;
  readonly hasSecondFactor: number | boolean;
};

/** A row of {@link walkStatement}; without a user where none matched. */
export type WalkedRow = (UserRow | { readonly userId: null }) & {
  readonly edgeId: string;
  readonly edgeEmail: string;
  readonly edgeCreatedAt: number;
  readonly edgeRows: number;
};

/** The slice of a walk that looked at `most` rows. */
export function walkedSlice(rows: readonly WalkedRow[], { limit }: UserQuery, most: number): UserSlice {
  const users = rows.flatMap((row) => (row.userId === null ? [] : [userOf(row)]));
  const last = users.at(-1);
  const edge = rows[0];
  if (users.length === limit && last !== undefined) {
    return { users, next: positionOf(last) };
  }
  const isEnd = edge === undefined || edge.edgeRows < most;
  return {
    users,
    next: isEnd ? null : { userId: edge.edgeId, email: edge.edgeEmail, createdAt: edge.edgeCreatedAt },
  };
}

/** The slice of a search. */
export function searchedSlice(rows: readonly UserRow[], { limit }: UserQuery): UserSlice {
  const users = rows.map(userOf);
  const last = users.at(-1);
  return { users, next: users.length === limit && last !== undefined ? positionOf(last) : null };
}

function userOf(row: UserRow): UserRecord {
  const { userId, orgId, email, fullname, createdAt, disabledAt, emailVerifiedAt } = row;
  const { publicMetadata, privateMetadata } = row;
  const texts = { publicMetadata, privateMetadata, roles: rolesOf(row.roles) };
  const flags = { hasPassword: Boolean(row.hasPassword), hasSecondFactor: Boolean(row.hasSecondFactor) };
  return { userId, orgId, email, fullname, createdAt, disabledAt, emailVerifiedAt, ...texts, ...flags };
}

function positionOf({ userId, email, createdAt }: UserRecord): UserPosition {
  return { userId, email, createdAt };
}

type Value = (name: ValueName) => string;

function valuesOf(dialect: QueryDialect, names: ValueName[]): Value {
  return (name) => {
    if (!names.includes(name)) {
      names.push(name);
    }
    return dialect.value(name, names.indexOf(name));
  };
}

/** Of `u`, a user. No EXISTS: PostgreSQL may read every word of a range for one, where a user has a few. */
function filter({ table, contains }: QueryDialect, v: Value): string {
  return `u.created_at >= ${v('from')} AND u.created_at < ${v('until')}
      AND (${v('role')} = '' OR ${contains(`' ' || u.roles || ' '`, `' ' || ${v('role')} || ' '`)})
      AND (${v('verified')} = -1 OR CASE WHEN u.email_verified_at IS NULL THEN 0 ELSE 1 END = ${v('verified')})
      AND (${v('disabled')} = -1 OR CASE WHEN u.disabled_at IS NULL THEN 0 ELSE 1 END = ${v('disabled')})
      AND (${v('searches')} = 0 OR (u.email >= ${v('emailFrom')} AND u.email < ${v('emailUntil')})
        OR (SELECT 1 FROM ${table('user_words')} w WHERE w.org_id = ${v('orgId')} AND w.user_id = u.user_id
          AND w.word >= ${v('nameFrom')} AND w.word < ${v('nameUntil')} LIMIT 1) IS NOT NULL)`;
}

/** In the order of the index, which an engine with statistics may leave for another where it thinks that many match. */
function emails({ table }: QueryDialect, v: Value): string {
  return `SELECT user_id FROM ${table('users')} WHERE org_id = ${v('orgId')} AND email >= ${v('emailFrom')}
    AND email < ${v('emailUntil')} ORDER BY email LIMIT ${v('most')}`;
}

function words({ table }: QueryDialect, v: Value): string {
  return `SELECT user_id FROM ${table('user_words')} WHERE org_id = ${v('orgId')} AND word >= ${v('nameFrom')}
    AND word < ${v('nameUntil')} ORDER BY word LIMIT ${v('most')}`;
}

function flagOf(flag: boolean | null): number {
  return flag === null ? -1 : Number(flag);
}
