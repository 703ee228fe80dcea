import { atLeast, cpuPerCall, databasePerCall, throughput, twoProcesses } from './bars.js';
import { CALLERS } from './load/closed-loop.js';
import { SESSIONS_IN_USE } from './measure-calls.js';
import { loginOn, validateOverGrpc, validateOverHttp } from './measure-stores.js';
import { postgresIfAny } from './postgres.js';
import { Product } from './product.js';
import { makeStore } from './store/make-store.js';
import { SMALL } from './store/rows.js';

/** @typedef {import('./table.js').Row} Row */

/** Some third of what one process can answer: two, and the load beside them, keep two cores less than busy. */
const PER_SECOND_OF_A_PROCESS = 6_000;

/**
 * B12 and B13: Validate and Login on PostgreSQL, and on SQLite. No rows, with a line that says why, where there is no PostgreSQL.
 *
 * @returns {Promise<readonly Row[]>}
 */
export async function measureEngines() {
  const server = await postgresIfAny();
  if (server === null) {
    return [];
  }
  const inFile = await makeStore(SMALL, { sampled: SESSIONS_IN_USE });
  const inPostgres = await makeStore(SMALL, { url: server.url, sampled: SESSIONS_IN_USE });
  const sqlite = { ...inFile, product: await Product.start(inFile.env) };
  const postgres = { ...inPostgres, product: await Product.start(inPostgres.env), database: server };
  const http = await validateOverHttp({ sqlite, postgres });
  const grpc = await validateOverGrpc({ sqlite, postgres });
  const logins = await loginOn({ sqlite, postgres });
  for (const { product, remove } of [sqlite, postgres]) {
    await product.stop();
    remove();
  }
  await server.stop();
  return [
    throughput(
      `B12 Validate with the key, /auth, PostgreSQL ${server.version} | SQLite`,
      http.postgres,
      http.sqlite,
      0.4,
    ),
    cpuPerCall('    … CPU time of the server', http.postgres, http.sqlite, null),
    databasePerCall("    … CPU time of PostgreSQL's processes", http.postgres),
    throughput('B12 Validate with the key, gRPC, PostgreSQL | SQLite', grpc.postgres, grpc.sqlite, 0.4),
    cpuPerCall('    … CPU time of the server', grpc.postgres, grpc.sqlite, null),
    databasePerCall("    … CPU time of PostgreSQL's processes", grpc.postgres),
    atLeast('B13 Login, PostgreSQL | SQLite', logins.postgres, logins.sqlite, 0.95),
  ];
}

/**
 * B8: Validate of two server processes, and of one that is asked half as often. By CPU time and below their peak: the load takes its
 * share of two cores, and processes that take each other's pay for that.
 *
 * @returns {Promise<readonly Row[]>}
 */
export async function measureWorkers() {
  const store = await makeStore(SMALL, { sampled: SESSIONS_IN_USE });
  const start = async (/** @type {number} */ processes) => ({
    ...store,
    callers: CALLERS * processes,
    perSecond: PER_SECOND_OF_A_PROCESS * processes,
    product: await Product.start({ ...store.env, AUTHFLOW_WORKERS: String(processes) }),
  });
  const [one, two] = [await start(1), await start(2)];
  const http = await validateOverHttp({ one, two });
  const grpc = await validateOverGrpc({ one, two });
  await Promise.all([one.product.stop(), two.product.stop()]);
  store.remove();
  return [
    twoProcesses('B8  Validate with the key, /auth, two processes | one; twice by CPU time', http.two, http.one, 1.6),
    throughput('    … calls a second that were asked for and answered', http.two, http.one, null),
    twoProcesses('B8  Validate with the key, gRPC, two processes | one; twice by CPU time', grpc.two, grpc.one, 1.6),
    throughput('    … calls a second that were asked for and answered', grpc.two, grpc.one, null),
  ];
}
