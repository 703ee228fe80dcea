import Database from 'better-sqlite3';
import pg from 'pg';

/** @typedef {import('./rows.js').Table} Table */
/** @typedef {import('../../src/storage/database.ts').Database} StoreDatabase */

/** Rows of a transaction, and of a statement of PostgreSQL. */
const ROWS_TOGETHER = 10_000;
/** In KiB, as SQLite wants it negative: the inner pages of every index of a million rows. */
const CACHE_SIZE = -512 * 1024;

/**
 * Writes tables to a migrated store that nobody uses yet.
 *
 * @param {StoreDatabase} database
 * @param {readonly Table[]} tables
 */
export async function writeTables(database, tables) {
  if (database.engine === 'sqlite') {
    writeToSqlite(database.file, tables);
  } else {
    await writeToPostgres(database, tables);
  }
}

/**
 * @param {string} file
 * @param {readonly Table[]} tables
 */
function writeToSqlite(file, tables) {
  const connection = new Database(file, { fileMustExist: true });
  // A store that is half made when the power goes is made anew.
  connection.pragma('journal_mode = OFF');
  connection.pragma('synchronous = OFF');
  connection.pragma(`cache_size = ${CACHE_SIZE}`);
  for (const { name, columns, rows } of tables) {
    const names = Object.keys(columns);
    const insert = connection.prepare(
      `INSERT INTO ${name} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    );
    for (const together of batches(rows)) {
      connection.transaction(() => {
        for (const row of together) {
          insert.run(...row);
        }
      })();
    }
  }
  connection.pragma('journal_mode = WAL');
  connection.close();
}

/**
 * @param {import('../../src/storage/database.ts').PostgresDatabase} database
 * @param {readonly Table[]} tables
 */
async function writeToPostgres({ hosts: [host], user, password, database, schema }, tables) {
  const client = new pg.Client({ ...host, user, ...(password === null ? {} : { password }), database });
  await client.connect();
  try {
    await client.query('SET synchronous_commit = off');
    for (const { name, columns, rows } of tables) {
      const names = Object.keys(columns);
      const arrays = Object.values(columns).map((type, column) => `$${column + 1}::${type}[]`);
      const text = `INSERT INTO ${schema}.${name} (${names.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`;
      let inserted = Promise.resolve();
      for (const together of batches(rows)) {
        const values = names.map((_, column) => together.map((row) => row[column]));
        await inserted;
        inserted = client.query({ name: `insert ${name}`, text, values }).then(() => undefined);
      }
      await inserted;
    }
    // As autovacuum does, a while later.
    await client.query('VACUUM (ANALYZE)');
  } finally {
    await client.end();
  }
}

/** @param {Iterable<readonly unknown[]>} rows */
function* batches(rows) {
  /** @type {(readonly unknown[])[]} */
  let together = [];
  for (const row of rows) {
    together.push(row);
    if (together.length === ROWS_TOGETHER) {
      yield together;
      together = [];
    }
  }
  if (together.length > 0) {
    yield together;
  }
}
