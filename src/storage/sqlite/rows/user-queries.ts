import type { UserQuery } from '../../../domain/users/storage.ts';
import type { Rows } from '../../rows.ts';
import {
  countStatement,
  type QueryDialect,
  searchedSlice,
  searchStatement,
  type UserQueryValues,
  type UserRow,
  valuesOfQuery,
  type WalkedRow,
  walkedSlice,
  walkStatement,
} from '../../user-query.ts';
import type { Connection } from '../driver.ts';

const DIALECT: QueryDialect = {
  table: (name) => name,
  value: (name) => `@${name}`,
  fromFound: (orgId) => `FROM found CROSS JOIN users u ON u.org_id = ${orgId} AND u.user_id = found.user_id`,
  contains: (text, part) => `instr(${text}, ${part}) > 0`,
  record: `u.user_id AS userId, u.org_id AS orgId, u.email, u.fullname, u.created_at AS createdAt,
    u.disabled_at AS disabledAt, u.email_verified_at AS emailVerifiedAt, u.roles, u.public_metadata AS publicMetadata,
    u.private_metadata AS privateMetadata, u.password_hash IS NOT NULL AS hasPassword,
    u.has_second_factor AS hasSecondFactor`,
};

const ORDERS: readonly UserQuery['order'][] = ['created_at', 'email'];

/** Lists of users by what a query asks. */
export function userQueries(connection: Connection): Pick<Rows['users'], 'search' | 'walk'> {
  const prepare = <Row>(sql: string) => connection.prepare<[UserQueryValues], Row>(sql);
  const counts = prepare<{ readonly emails: number; readonly words: number }>(countStatement(DIALECT).sql);
  const [walkByAge, walkByEmail] = ORDERS.map((order) => prepare<WalkedRow>(walkStatement(order, DIALECT).sql));
  const [searchByAge, searchByEmail] = ORDERS.map((order) => prepare<UserRow>(searchStatement(order, DIALECT).sql));
  return {
    search(query, most) {
      const found = counts.get(valuesOfQuery(query, most + 1));
      if (found === undefined || found.emails > most || found.words > most) {
        return null;
      }
      const search = query.order === 'email' ? searchByEmail : searchByAge;
      return searchedSlice(search?.all(valuesOfQuery(query, most)) ?? [], query);
    },
    walk(query, lookedAt) {
      const walk = query.order === 'email' ? walkByEmail : walkByAge;
      return walkedSlice(walk?.all(valuesOfQuery(query, lookedAt)) ?? [], query, lookedAt);
    },
  };
}
