import type BetterSqlite3 from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { storageOver } from '../../../src/storage/operations.ts';
import { openConnection } from '../../../src/storage/sqlite/connection.ts';
import type { Connection } from '../../../src/storage/sqlite/driver.ts';
import { Database } from '../../../src/storage/sqlite/driver.ts';
import { SqliteRunner } from '../../../src/storage/sqlite/runner.ts';
import { newUser, page, populate } from '../fixtures.ts';
import { databaseFile, engineAt } from '../sqlite-files.ts';

test('no read sees what could not be rolled back: UNAVAILABLE, then the store as it was', async () => {
  const file = databaseFile();
  await engineAt(file).migrate();
  const connection = await openConnection(file, 10_000);
  const failures = { left: 0 };
  const storage = storageOver(new SqliteRunner(failingToRollBack(connection, failures), 10_000));
  onTestFinished(() => storage.close());
  const { org, user } = await populate(storage);

  const beside = newUser(org);
  failures.left = Number.POSITIVE_INFINITY;
  // An id that is taken is no foreseen outcome: the write fails, and with it its whole group.
  const group = [beside, newUser(org, { userId: user.userId })].map((each) => storage.createUser(each));
  for (const outcome of await Promise.allSettled(group)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'UNAVAILABLE' } });
  }
  await expect(storage.findUserByEmail(org.orgId, beside.email)).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  await expect(storage.ping()).rejects.toMatchObject({ reason: 'UNAVAILABLE' });

  failures.left = 0;
  expect(await storage.findUserByEmail(org.orgId, beside.email)).toBeNull();
  expect(await storage.createUser(beside)).toBe('created');
  expect(await storage.listUsers(org.orgId, page())).toHaveLength(2);
});

/** The connection, but for as many of its ROLLBACKs. */
function failingToRollBack(connection: Connection, failures: { left: number }): Connection {
  return new Proxy(connection, {
    get(target, name) {
      if (name === 'prepare') {
        return (sql: string) => (sql === 'ROLLBACK' ? failing(target.prepare(sql)) : target.prepare(sql));
      }
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });

  function failing(statement: BetterSqlite3.Statement): Pick<BetterSqlite3.Statement, 'run'> {
    return {
      run: () => {
        if (failures.left > 0) {
          failures.left -= 1;
          throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR');
        }
        return statement.run();
      },
    };
  }
}
