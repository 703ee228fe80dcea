import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { send, tally } from '../backend.ts';
import { leakSearch } from '../leak-search.ts';
import { markedBackend, sendFactors, sendMarkedPasswords } from '../leak-traffic.ts';
import { startServerProcess } from '../server-process.ts';
import { ownPostgres } from './own-postgres.ts';

const ROUNDS = 60;
/** Users with a second factor, beside those with passwords. */
const FACTORS = 10;

/** A server that tells everything of every statement, and of those that fail. */
const TALKATIVE = {
  log_statement: 'all',
  log_min_error_statement: 'debug5',
  log_error_verbosity: 'verbose',
  log_parameter_max_length: '-1',
  log_parameter_max_length_on_error: '-1',
};

test.each([1, 2])(
  "W5: of %i processes no secret is in PostgreSQL's own log, though it tells all, in what it shows of connections, or in a row",
  async (workers) => {
    const { postgres, store } = await ownPostgres({ settings: TALKATIVE });
    const server = await startServerProcess(store, { workers });
    const shown: string[] = [];
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        const rows = await postgres.query<{ query: string }>('SELECT query FROM pg_stat_activity');
        shown.push(...rows.map(({ query }) => query));
      }
    })();
    const backend = await markedBackend(server.httpAddress);
    const sent = await sendMarkedPasswords(backend, { rounds: ROUNDS, name: 'user' });
    expect(Object.keys(tally(sent.outcomes))).toEqual(expect.arrayContaining(['OK', 'CREDENTIALS_INVALID']));
    const factors = await sendFactors(backend, { rounds: FACTORS, name: 'factor' });
    expect(Object.keys(tally(factors.outcomes)).toSorted()).toEqual(['CODE_INVALID', 'OK']);
    // Statements that fail, with their parameters.
    await postgres.query('REVOKE INSERT, UPDATE ON ALL TABLES IN SCHEMA authflow FROM authflow');
    const failed = await sendMarkedPasswords(backend, { rounds: 5, name: 'failed' });
    expect(Object.keys(tally(failed.outcomes))).toContain('UNAVAILABLE');
    await postgres.query('GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA authflow TO authflow');
    isOver = true;
    await watching;

    const log = readFileSync(join(postgres.folder, 'log'));
    expect(log.toString()).toMatch(/permission denied for table/);
    expect(log.toString()).toMatch(/parameters: \$1 = /i);
    expect(new Set(shown).size).toBeGreaterThan(5);
    const tables = await postgres.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'authflow'",
    );
    expect(tables.map(({ name }) => name)).toContain('recent_writes');
    const rows = await Promise.all(
      tables.map(({ name }) => postgres.query<{ row: string }>(`SELECT t::text AS row FROM authflow."${name}" t`)),
    );
    const texts = rows.flat().map(({ row }) => row);
    expect(texts.length).toBeGreaterThan(ROUNDS);

    const search = leakSearch([...sent.made, ...factors.made, ...failed.made]);
    const metrics = (await send(server.httpAddress, '/metrics', { method: 'GET' })).text;
    const places = { log, shown: shown.join('\n'), rows: texts.join('\n'), metrics };
    const found = Object.entries(places).flatMap(([name, text]) => search.in(text).map((one) => `${one} in ${name}`));
    expect(found).toEqual([]);
  },
);
