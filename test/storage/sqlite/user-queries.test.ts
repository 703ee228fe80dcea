import { expect, test } from 'vitest';
import { type Connection, connect } from '../../../src/storage/sqlite/driver.ts';
import { userQueries } from '../../../src/storage/sqlite/rows/user-queries.ts';
import { NOW } from '../fixtures.ts';
import { databaseFile, engineAt } from '../sqlite-files.ts';
import { expectedUsers, LISTED_USERS, listAsAsked, ORG_IDS, USER_QUERIES } from '../user-lists.ts';

/** As SQLite tells of an index and of how much of it is read. */
const BY_INDEX = [
  /^SEARCH users USING INDEX users_by_age \(org_id=\? AND \(created_at,user_id\)>\(\?,\?\)\)/,
  /^SEARCH users USING (COVERING )?INDEX sqlite_autoindex_users_\d \(org_id=\? AND email>\?( AND email<\?)?\)/,
  /^SEARCH u USING (COVERING )?INDEX sqlite_autoindex_users_\d \(org_id=\? AND user_id=\?\)/,
  /^SEARCH u USING PRIMARY KEY \(org_id=\? AND user_id=\?\)/,
  /^SEARCH user_words USING (COVERING )?INDEX user_words_in_order \(org_id=\? AND word>\? AND word<\?\)/,
  /^SEARCH w USING (PRIMARY KEY \(org_id=\? AND user_id=\? AND word>\? AND word<\?\)|COVERING INDEX user_words_in_order)/,
];

function fill(connection: Connection): void {
  connection.transaction(() => {
    const addOrganization = connection.prepare(
      'INSERT INTO organizations (org_id, name, name_key, created_at) VALUES (?, ?, ?, ?)',
    );
    for (const orgId of ORG_IDS) {
      addOrganization.run(orgId, orgId, orgId, NOW);
    }
    const addUser = connection.prepare(
      `INSERT INTO users (org_id, user_id, email, fullname, password_hash, credential_version, created_at,
         email_verified_at, roles, has_words)
       VALUES (@orgId, @userId, @email, @fullname, 'hash', 1, @createdAt, @verifiedAt, @roles, 1)`,
    );
    const addWord = connection.prepare('INSERT INTO user_words (org_id, user_id, word) VALUES (?, ?, ?)');
    for (const { words, ...user } of LISTED_USERS) {
      addUser.run(user);
      for (const word of words) {
        addWord.run(user.orgId, user.userId, word);
      }
    }
  })();
}

/** A connection that keeps the plan of each statement that is prepared for a list. */
function explained(connection: Connection): { readonly connection: Connection; readonly steps: string[] } {
  const steps: string[] = [];
  const prepare = (sql: string) => {
    const statement = connection.prepare<[unknown], unknown>(sql);
    const plan = connection.prepare<[unknown], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    const explain = (values: unknown) => steps.push(...plan.all(values).map(({ detail }) => detail));
    return {
      get(values: unknown) {
        explain(values);
        return statement.get(values);
      },
      all(values: unknown) {
        explain(values);
        return statement.all(values);
      },
    };
  };
  return { connection: { prepare } as unknown as Connection, steps };
}

test.each(['no', 'fresh'])(
  'lists of users go by indexes, and sort no more than they have looked at, with %s statistics',
  async (statistics) => {
    const file = databaseFile();
    await engineAt(file).migrate();
    const connection = connect(file, 1_000);
    try {
      fill(connection);
      if (statistics === 'fresh') {
        connection.exec('ANALYZE');
      }
      const { connection: observed, steps } = explained(connection);
      const users = userQueries(observed);
      for (const [what, query] of USER_QUERIES) {
        steps.length = 0;
        const slice = await listAsAsked(users, query);
        const found = slice.users.map(({ userId }) => userId);
        expect(found, what).toEqual(expectedUsers(query).slice(0, found.length));
        // `u` is also what a walk calls those whom it looked at.
        const ofTables = steps.filter(
          (step, index) =>
            /^(SCAN|SEARCH) (users|user_words|u|w)\b/.test(step) &&
            !(step === 'SCAN u' && steps[index - 1] === 'MATERIALIZE matched'),
        );
        expect(ofTables, what).not.toEqual([]);
        const others = ofTables.filter((step) => !BY_INDEX.some((each) => each.test(step)));
        expect(others, `${what}: ${steps.join('\n')}`).toEqual([]);
      }
    } finally {
      connection.close();
    }
  },
);
