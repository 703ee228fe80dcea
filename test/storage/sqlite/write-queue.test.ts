import { expect, onTestFinished, test } from 'vitest';
import type { Connection } from '../../../src/storage/sqlite/driver.ts';
import { Database } from '../../../src/storage/sqlite/driver.ts';
import { WriteQueue } from '../../../src/storage/sqlite/write-queue.ts';
import { databaseFile } from '../sqlite-files.ts';

/** A queue over a table of numbers, with what it told SQLite and a second connection to the file. */
function queueOverFile(lockWaitMs = 10_000) {
  const file = databaseFile();
  const statements: string[] = [];
  const connect = (): Connection => {
    const connection = new Database(file, { timeout: 1, verbose: (sql) => statements.push(String(sql)) });
    onTestFinished(() => {
      connection.close();
    });
    return connection;
  };
  const [connection, other] = [connect(), connect()];
  connection.pragma('journal_mode = WAL');
  connection.exec('CREATE TABLE numbers (n INTEGER NOT NULL PRIMARY KEY) STRICT');
  const queue = new WriteQueue(connection, lockWaitMs);
  const insert = connection.prepare<[number]>('INSERT INTO numbers VALUES (?)');
  return {
    connection,
    other,
    queue,
    add: (n: number) => queue.run(() => insert.run(n).changes),
    numbers: (through = connection) => through.prepare('SELECT n FROM numbers ORDER BY n').pluck().all(),
    commits: () => statements.filter((sql) => sql === 'COMMIT').length,
  };
}

const UNAVAILABLE = { name: 'AuthError', reason: 'UNAVAILABLE' };

test('writes asked for in one turn share a commit, in groups of at most 64', async () => {
  const { add, commits, numbers } = queueOverFile();
  await Promise.all(Array.from({ length: 64 }, (_, n) => add(n)));
  expect(commits()).toBe(1);
  await Promise.all(Array.from({ length: 65 }, (_, n) => add(100 + n)));
  expect(commits()).toBe(3);
  expect(numbers()).toHaveLength(129);
});

test('writes run in the order in which they were asked for', async () => {
  const { queue } = queueOverFile();
  const order: number[] = [];
  await Promise.all(Array.from({ length: 200 }, (_, n) => queue.run(() => order.push(n))));
  expect(order).toEqual(Array.from({ length: 200 }, (_, n) => n));
});

test('a promise is fulfilled only when others can see the row', async () => {
  const { add, numbers, other } = queueOverFile();
  const seen = Array.from({ length: 30 }, async (_, n) => {
    await add(n);
    expect(numbers(other)).toContain(n);
  });
  expect(numbers(other)).toEqual([]);
  await Promise.all(seen);
});

test('a write that throws is undone alone; its neighbours are committed', async () => {
  const { add, numbers, queue } = queueOverFile();
  const fault = new Error('a fault of the write');
  const broken = queue.run(() => {
    throw fault;
  });
  const settled = await Promise.allSettled([add(1), add(2), broken, add(1), add(3)]);
  expect(settled.map((each) => each.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(settled[2]).toMatchObject({ reason: fault });
  expect(numbers()).toEqual([1, 2, 3]);
});

test('a write that throws leaves nothing of itself', async () => {
  const { connection, numbers, queue } = queueOverFile();
  const insert = connection.prepare<[number]>('INSERT INTO numbers VALUES (?)');
  const half = queue.run(() => {
    insert.run(1);
    throw new Error('halfway');
  });
  await expect(half).rejects.toThrow('halfway');
  expect(numbers()).toEqual([]);
});

test('a lock of another connection is waited for without holding up the event loop', async () => {
  const { add, numbers, other } = queueOverFile();
  other.exec('BEGIN IMMEDIATE');
  let settled = false;
  const writes = Promise.all([add(1), add(2)]).finally(() => {
    settled = true;
  });
  // Turns of the event loop go by while the write waits.
  let turns = 0;
  await expect.poll(() => (turns += 1), { interval: 1 }).toBeGreaterThan(20);
  expect(settled).toBe(false);
  other.exec('COMMIT');
  await writes;
  expect(numbers()).toEqual([1, 2]);
});

test('a lock that stays is UNAVAILABLE, with the cause, and nothing is done; later writes go on', async () => {
  const { add, numbers, other } = queueOverFile(50);
  other.exec('BEGIN IMMEDIATE');
  const settled = await Promise.allSettled([add(1), add(2)]);
  for (const each of settled) {
    expect(each).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
    expect(each.status === 'rejected' && each.reason.cause).toMatchObject({ code: 'SQLITE_BUSY' });
  }
  other.exec('COMMIT');
  expect(await add(3)).toBe(1);
  expect(numbers()).toEqual([3]);
});

test('a full file is UNAVAILABLE for writes while reads answer, and writes go on when there is room (R3)', async () => {
  const { add, connection, numbers, queue } = queueOverFile();
  connection.exec('CREATE TABLE filler (x TEXT NOT NULL) STRICT');
  await add(1);
  const pages = Number(connection.pragma('page_count', { simple: true }));
  connection.pragma(`max_page_count = ${pages}`);
  const fill = () => queue.run(() => connection.prepare('INSERT INTO filler VALUES (?)').run('x'.repeat(20_000)));
  const settled = await Promise.allSettled([fill(), fill(), add(2)]);
  expect(settled[0]).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
  expect(settled[1]).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
  // What still fits is not refused for what stood beside it.
  expect(settled[2]).toMatchObject({ status: 'fulfilled' });
  expect(numbers()).toEqual([1, 2]);
  connection.pragma(`max_page_count = ${pages + 100}`);
  await fill();
});

test('a file that cannot be written is UNAVAILABLE for writes while reads answer (R3)', async () => {
  const { add, connection, numbers } = queueOverFile();
  await add(1);
  connection.pragma('query_only = ON');
  await expect(add(2)).rejects.toMatchObject(UNAVAILABLE);
  expect(numbers()).toEqual([1]);
  connection.pragma('query_only = OFF');
  await add(3);
  expect(numbers()).toEqual([1, 3]);
});

test('being drained means that every write has its answer', async () => {
  const { add, numbers, queue } = queueOverFile();
  const writes = Promise.all(Array.from({ length: 150 }, (_, n) => add(n)));
  await queue.drained();
  expect(numbers()).toHaveLength(150);
  await writes;
});

test('a rollback that fails makes its group UNAVAILABLE; nothing of it is ever committed, and later writes go on', async () => {
  const { add, failures, isSound, numbers, other, queue, readable } = queueOverFailingRollback();
  const broken = () =>
    queue.run(() => {
      throw new Error('a fault of the write');
    });
  failures.left = 3;
  const settled = await Promise.allSettled([add(1), broken()]);
  for (const each of settled) {
    expect(each).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
  }
  await queue.drained();
  expect(isSound()).toBe(false);
  expect(numbers(other)).toEqual([]);

  // The transaction stays open, and its end is tried again before the next read and write: in vain, then not.
  expect(readable).toThrow(expect.objectContaining(UNAVAILABLE));
  await expect(add(2)).rejects.toMatchObject({ ...UNAVAILABLE, cause: { message: 'disk I/O error' } });
  expect(await add(3)).toBe(1);
  expect(isSound()).toBe(true);
  expect(numbers(other)).toEqual([3]);
});

test('a rollback that fails after a commit that fails, too, lets nothing hang', async () => {
  const { add, failures, numbers, other } = queueOverFailingRollback();
  failures.left = 1;
  failures.commits = 1;
  await expect(add(1)).rejects.toMatchObject(UNAVAILABLE);
  await Promise.all([add(2), add(3)]);
  expect(numbers(other)).toEqual([2, 3]);
});

/** A queue whose connection fails to commit and to roll back, `commits` and `left` times. */
function queueOverFailingRollback() {
  const { connection, other, numbers } = queueOverFile();
  const failures = { left: 0, commits: 0 };
  const failing = (sql: string, name: 'left' | 'commits') => {
    const statement = connection.prepare(sql);
    return {
      run: () => {
        if (failures[name] > 0) {
          failures[name] -= 1;
          throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR');
        }
        return statement.run();
      },
    };
  };
  const standIn = {
    get inTransaction() {
      return connection.inTransaction;
    },
    prepare: (sql: string) => {
      switch (sql) {
        case 'ROLLBACK':
          return failing(sql, 'left');
        case 'COMMIT':
          return failing(sql, 'commits');
        default:
          return connection.prepare(sql);
      }
    },
  };
  const queue = new WriteQueue(standIn as unknown as Connection, 10_000);
  const insert = connection.prepare<[number]>('INSERT INTO numbers VALUES (?)');
  return {
    failures,
    isSound: () => !connection.inTransaction,
    readable: () => queue.endOpenTransaction(),
    add: (n: number) => queue.run(() => insert.run(n).changes),
    other,
    numbers,
    queue,
  };
}
