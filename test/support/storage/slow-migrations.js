/** What a migration of a large store is like: the second runs for a good part of a second. */
export const SLOW_MIGRATIONS = [
  {
    version: 1,
    name: 'first',
    oldestRelease: '0.1.0',
    sql: 'CREATE TABLE first (x INTEGER NOT NULL) STRICT; INSERT INTO first VALUES (1);',
  },
  {
    version: 2,
    name: 'second',
    oldestRelease: '0.1.0',
    sql: `CREATE TABLE second (x INTEGER NOT NULL) STRICT;
INSERT INTO second SELECT value FROM (WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 300000)
SELECT value FROM n);`,
  },
];

/**
 * The same, and the second goes on for so long that whoever kills it comes in time on the busiest machine. It ends by
 * itself within a minute or so.
 */
export const ENDLESS_MIGRATIONS = SLOW_MIGRATIONS.map((migration) =>
  migration.version === 1
    ? migration
    : {
        ...migration,
        sql: `${migration.sql}
INSERT INTO second SELECT count(*) FROM (WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 100000000)
SELECT value FROM n);`,
      },
);

/**
 * Those of a release, and one that never ends.
 * @param {readonly import('../../../src/storage/migrator.ts').Migration[]} migrations
 */
export function endlessAfter(migrations) {
  return [...migrations, ...ENDLESS_MIGRATIONS.slice(1).map((last) => ({ ...last, version: migrations.length + 1 }))];
}
