import { atLeast, cpuPerCall, databasePerCall, throughput } from './bars.js';
import { SESSIONS_IN_USE } from './measure-calls.js';
import { loginOn, validateOverGrpc, validateOverHttp } from './measure-stores.js';
import { postgresIfAny } from './postgres.js';
import { Product } from './product.js';
import { makeStore } from './store/make-store.js';
import { SMALL } from './store/rows.js';

/** @typedef {import('./table.js').Row} Row */

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
