import { expect, test } from 'vitest';
import { connect } from '../../../src/storage/sqlite/driver.ts';
import { searchStatement, walkStatement } from '../../../src/storage/user-query.ts';
import { databaseFile, engineAt } from '../sqlite-files.ts';

/** As the rows of SQLite have it; the columns are of no account to a plan. */
const DIALECT = {
  table: (name: string) => name,
  value: () => 'NULL',
  contains: (text: string, part: string) => `instr(${text}, ${part}) > 0`,
  record: 'u.user_id',
};

test.each([
  [
    'walk by age',
    walkStatement('created_at', DIALECT).sql,
    'USING INDEX users_by_age (org_id=? AND (created_at,user_id)>',
  ],
  ['walk by e-mail', walkStatement('email', DIALECT).sql, '(org_id=? AND email>?)'],
  ['search', searchStatement('created_at', DIALECT).sql, 'user_words_in_order (org_id=? AND word>? AND word<?)'],
])('B14: a %s goes by an index, and sorts no more than it has looked at', async (_, sql, index) => {
  const file = databaseFile();
  await engineAt(file).migrate();
  const connection = connect(file, 1_000);
  try {
    const plan = connection.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all();
    const steps = plan.map(({ detail }) => detail);
    expect(steps.some((step) => step.includes(index))).toBe(true);
    // What is read whole is what was looked at or found before, and no table.
    expect(steps.filter((step) => /^SCAN (users|user_words|w)\b/.test(step))).toEqual([]);
  } finally {
    connection.close();
  }
});
