import type { UserQuery } from '../../../domain/users/storage.ts';
import type { Rows } from '../../rows.ts';
import {
  countStatement,
  type QueryDialect,
  searchedSlice,
  searchStatement,
  type UserRow,
  type UserStatement,
  valuesOfQuery,
  type WalkedRow,
  walkedSlice,
  walkStatement,
} from '../../user-query.ts';
import { type Queries, type Statement, statement } from '../statement.ts';
import { first } from './paging.ts';

const DIALECT: QueryDialect = {
  table: (name) => `{schema}.${name}`,
  value: (name, index) => `$${index + 1}${CASTS[name] ?? ''}`,
  // Of a LATERAL with a LIMIT the order stays.
  fromFound: (orgId) => `FROM found CROSS JOIN LATERAL (
      SELECT * FROM {schema}.users WHERE org_id = ${orgId} AND user_id = found.user_id LIMIT 1) u`,
  contains: (text, part) => `strpos(${text}, ${part}) > 0`,
  record: `u.user_id AS "userId", u.org_id AS "orgId", u.email, u.fullname, u.created_at AS "createdAt",
    u.disabled_at AS "disabledAt", u.email_verified_at AS "emailVerifiedAt", u.roles,
    u.public_metadata AS "publicMetadata", u.private_metadata AS "privateMetadata",
    u.password_hash IS NOT NULL AS "hasPassword",
    u.has_second_factor AS "hasSecondFactor"`,
};

/** Where nothing beside a value tells its type. */
const CASTS: Readonly<Record<string, string>> = {
  role: '::text',
  verified: '::int',
  disabled: '::int',
  searches: '::int',
};

interface Prepared {
  readonly sql: Statement;
  readonly names: UserStatement['names'];
}

const COUNT = prepared(countStatement(DIALECT));
const WALK = {
  created_at: prepared(walkStatement('created_at', DIALECT)),
  email: prepared(walkStatement('email', DIALECT)),
};
const SEARCH = {
  created_at: prepared(searchStatement('created_at', DIALECT)),
  email: prepared(searchStatement('email', DIALECT)),
};

/** Lists of users by what a query asks. */
export function userQueries(queries: Queries): Pick<Rows['users'], 'search' | 'walk'> {
  const ask = <Row>({ sql, names }: Prepared, query: UserQuery, most: number) => {
    const values = valuesOfQuery(query, most);
    return queries.all<Row>(
      sql,
      names.map((name) => values[name]),
    );
  };
  return {
    async search(query, most) {
      type Counts = { readonly emails: number; readonly words: number };
      const found = await first(ask<Counts>(COUNT, query, most + 1));
      if (found === null || found.emails > most || found.words > most) {
        return null;
      }
      return searchedSlice(await ask<UserRow>(SEARCH[query.order], query, most), query);
    },
    walk: async (query, lookedAt) =>
      walkedSlice(await ask<WalkedRow>(WALK[query.order], query, lookedAt), query, lookedAt),
  };
}

function prepared({ sql, names }: UserStatement): Prepared {
  return { sql: statement(sql), names };
}
