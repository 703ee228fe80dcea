// Compares a store with a million users, ten thousand organizations and a million live sessions with a small one, on SQLite and
// PostgreSQL, and lists the users of an organization of a million: `npm run bench:scale`. Makes them first, which takes some minutes and 3 GB of disk; wants a quiet machine with two cores
// or more.
import { cpuPerCall, databasePerCall, throughput } from './bars.js';
import { SESSIONS_IN_USE } from './measure-calls.js';
import { validateOverHttp } from './measure-stores.js';
import { usersOf } from './measure-users.js';
import { postgresIfAny } from './postgres.js';
import { Product } from './product.js';
import { unquiet } from './quiet.js';
import { makeStore } from './store/make-store.js';
import { LARGE, SMALL } from './store/rows.js';
import { printMachine, printTable } from './table.js';

/**
 * With their keys twice as many as the answers that are remembered on SQLite, so that each is looked up anew; few enough for all
 * signatures to be remembered, which cost more than all else.
 */
const MANY_SESSIONS = 4_500;

/** @typedef {import('./table.js').Row} Row */

printMachine();
const server = await postgresIfAny();
const sqliteRows = await compare('SQLite', {}, null);
const postgresRows = server === null ? [] : await compare('PostgreSQL', { url: server.url }, server);
const sqliteLists = await usersOf('SQLite');
const postgresLists = server === null ? [] : await usersOf('PostgreSQL', server.url);
await server?.stop();
printTable([...sqliteRows, ...postgresRows, ...sqliteLists, ...postgresLists]);

/**
 * @param {string} engine
 * @param {{ url?: string }} where
 * @param {import('./measure-calls.js').Busy | null} database
 * @returns {Promise<readonly Row[]>}
 */
async function compare(engine, where, database) {
  const small = await makeStore(SMALL, { ...where, schema: 'small', sampled: SESSIONS_IN_USE });
  const startedAt = performance.now();
  const large = await makeStore(LARGE, { ...where, schema: 'large', sampled: MANY_SESSIONS });
  console.log(`${engine}: the large store was made in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  // One for each: what they remember is their own.
  const servers = {
    small: await Product.start(small.env),
    large: await Product.start(large.env),
    many: await Product.start(large.env),
  };
  const warnings = [await unquiet(`before ${engine}`)];
  const results = await validateOverHttp({
    small: { product: servers.small, sessions: small.sessions, database },
    large: { product: servers.large, sessions: large.sessions.slice(0, SESSIONS_IN_USE), database },
    many: { product: servers.many, sessions: large.sessions, database },
  });
  warnings.push(await unquiet(`after ${engine}`));
  for (const warning of warnings.filter((each) => each !== null)) {
    console.log(warning);
  }
  await Promise.all(Object.values(servers).map((each) => each.stop()));
  small.remove();
  large.remove();
  const what = `${engine}, 1,000,000 users | 1,000`;
  return [
    throughput(
      `B7  Validate with the key, ${what}, ${SESSIONS_IN_USE} sessions in use`,
      results.large,
      results.small,
      0.9,
    ),
    cpuPerCall('    … CPU time of the server', results.large, results.small, null),
    ...(database === null ? [] : [databasePerCall("    … CPU time of PostgreSQL's processes", results.large)]),
    throughput(`    ${MANY_SESSIONS} sessions in use, of as many organizations`, results.many, results.small, null),
    cpuPerCall('    … CPU time of the server', results.many, results.small, null),
    ...(database === null ? [] : [databasePerCall("    … CPU time of PostgreSQL's processes", results.many)]),
  ];
}
