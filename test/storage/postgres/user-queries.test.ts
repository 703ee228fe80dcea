import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { MOST_SEARCHED } from '../../../src/domain/users/storage.ts';
import { plannedByIndexes } from '../../../src/storage/postgres/index-plans.ts';
import { userQueries } from '../../../src/storage/postgres/rows/user-queries.ts';
import { inSchema, type Queries, type Statement } from '../../../src/storage/postgres/statement.ts';
import { NOW } from '../fixtures.ts';
import { expectedUsers, LISTED_USERS, listAsAsked, ORG_IDS, USER_QUERIES } from '../user-lists.ts';
import { engineAt, type Lab, openLab } from './lab.ts';

/** What a walk looks at most, by age. */
const MOST_WALKED = 2_000;
/** Words of a name that a look-up of one may read. */
const MOST_ROWS = Math.max(MOST_WALKED, 2 * (MOST_SEARCHED + 1));

type Lists = Parameters<typeof listAsAsked>[0];

/** A step of a plan that was run (PostgreSQL's EXPLAIN, FORMAT JSON). */
interface Step {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Step[];
}

/** A store with {@link LISTED_USERS}, which nothing analyzes by itself. */
async function labOfUsers(): Promise<Lab> {
  const lab = await openLab();
  for (const table of ['users', 'user_words']) {
    await lab.sql(`ALTER TABLE {schema}.${table} SET (autovacuum_enabled = false)`);
  }
  await lab.sql(
    `INSERT INTO {schema}.organizations (org_id, name, name_key, created_at)
     SELECT org_id, org_id, org_id, ${NOW} FROM unnest($1::text[]) AS org_id`,
    [ORG_IDS],
  );
  await lab.sql(
    `INSERT INTO {schema}.users (org_id, user_id, email, fullname, password_hash, credential_version, created_at,
       email_verified_at, roles, has_words)
     SELECT "orgId", "userId", email, fullname, repeat('h', 60), 1, "createdAt", "verifiedAt", roles, true
     FROM json_to_recordset($1) AS u ("orgId" text, "userId" text, email text, fullname text, "createdAt" bigint,
       "verifiedAt" bigint, roles text)`,
    [JSON.stringify(LISTED_USERS)],
  );
  await lab.sql(
    `INSERT INTO {schema}.user_words (org_id, user_id, word)
     SELECT u."orgId", u."userId", word FROM json_to_recordset($1) AS u ("orgId" text, "userId" text, words json)
       CROSS JOIN json_array_elements_text(u.words) AS word`,
    [JSON.stringify(LISTED_USERS)],
  );
  return lab;
}

/** A connection on which statements are explained. */
interface Explained {
  readonly queries: Queries;
  readonly commands: Parameters<typeof plannedByIndexes>[0];
  readonly plans: Step[];
}

/** Runs what the product's statements are, and keeps the plan of each as it went. */
async function explained(lab: Lab, planCacheMode: string): Promise<Explained> {
  const client = new pg.Client({ connectionString: lab.adminUrl });
  await client.connect();
  onTestFinished(() => client.end());
  client.setTypeParser(20, Number);
  await client.query(`SET plan_cache_mode = ${planCacheMode}`);
  const plans: Step[] = [];
  const names = new Map<Statement, string>();
  const queries: Queries = {
    async all<Row>(statement: Statement, values: readonly unknown[] = []) {
      const text = inSchema(statement.sql, 'authflow');
      const name = names.get(statement) ?? `s${names.size}`;
      if (!names.has(statement)) {
        names.set(statement, name);
        await client.query(`PREPARE ${name} AS ${text}`);
      }
      const literals = values.map((value) => pg.escapeLiteral(String(value))).join(', ');
      const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE ${name}(${literals})`);
      plans.push(rows[0]['QUERY PLAN'][0].Plan);
      return (await client.query(`EXECUTE ${name}(${literals})`)).rows as Row[];
    },
    count: () => expect.fail('a list writes nothing'),
    send: () => expect.fail('a list writes nothing'),
  };
  return { queries, commands: { command: (sql) => client.query(sql) }, plans };
}

function stepsOf(step: Step): readonly Step[] {
  return [step, ...(step.Plans ?? []).flatMap(stepsOf)];
}

/** A step as a failure tells of it. */
function lineOf(step: Step): string {
  return `${step['Node Type']} ${step['Relation Name'] ?? ''} ${step['Index Name'] ?? ''} ${step['Index Cond'] ?? ''}: ${rowsOf(step)} rows`;
}

/** How many rows a step read or was given, whatever became of them. */
function rowsOf(step: Step): number {
  const { 'Rows Removed by Filter': filtered = 0, 'Rows Removed by Index Recheck': rechecked = 0 } = step;
  return (step['Actual Rows'] + filtered + rechecked) * step['Actual Loops'];
}

test.each(['force_custom_plan', 'force_generic_plan'])(
  'lists of users go by indexes and read a bounded number of rows, with fresh statistics and with none (%s)',
  async (planCacheMode) => {
    const lab = await labOfUsers();
    for (const statistics of ['none', 'fresh']) {
      if (statistics === 'fresh') {
        await lab.sql('ANALYZE {schema}.users, {schema}.user_words');
      }
      const { queries, commands, plans } = await explained(lab, planCacheMode);
      const users = userQueries(queries);
      for (const [what, query] of USER_QUERIES) {
        plans.length = 0;
        const slice = await plannedByIndexes(commands, () => listAsAsked(users, query));
        const found = slice.users.map(({ userId }) => userId);
        expect(found, what).toEqual(expectedUsers(query).slice(0, found.length));
        const steps = plans.flatMap(stepsOf);
        const context = [`${what}, statistics: ${statistics}`, ...steps.map(lineOf)].join('\n');
        expect(
          steps.filter((step) => step['Node Type'] === 'Seq Scan'),
          context,
        ).toEqual([]);
        expect(Math.max(...steps.map(rowsOf)), context).toBeLessThanOrEqual(MOST_ROWS);
      }
    }
  },
);

test('a store without statistics reads no more for lists of users than they look at', async () => {
  const lab = await labOfUsers();
  const readUntilNow = async () => {
    const [row] = await lab.sql<{ rows: string }>(
      `SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('users', 'user_words'))
         + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname IN ('users', 'user_words')) AS rows`,
    );
    return Number(row?.rows);
  };
  const before = await readUntilNow();
  const store = await (await engineAt(lab.past)).open();
  const lists: Lists = { search: (query) => store.searchUsers(query), walk: (query) => store.walkUsers(query) };
  for (const [what, query] of USER_QUERIES) {
    const found = (await listAsAsked(lists, query)).users.map(({ userId }) => userId);
    expect(found, what).toEqual(expectedUsers(query).slice(0, found.length));
  }
  await store.close();
  // A connection tells what it read before it is gone.
  const connections = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'authflow'`;
  await expect.poll(() => lab.sql(connections)).toEqual([]);
  const read = (await readUntilNow()) - before;
  expect(read).toBeGreaterThan(MOST_WALKED);
  // Those who are looked at are looked up then, and some have words to look at.
  expect(read).toBeLessThan(2 * MOST_ROWS * USER_QUERIES.length);
});
