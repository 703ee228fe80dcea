import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readPostmaster } from '../test/support/postgres/postmaster.ts';
import { DEBIAN_15, startPostgres } from '../test/support/postgres/server.ts';
import { cpuMicrosOfTree } from './processes.js';

/** What PostgreSQL has by default and the tests do not. */
const DEFAULTS = { max_connections: '100', shared_buffers: '128MB' };

/** A PostgreSQL of the benchmark's own: Debian's 15, else npm's 18; durable, with its default settings. */
export class Postgres {
  #server;

  /**
   * @param {import('../test/support/postgres/server.ts').PostgresServer} server
   * @param {string} version
   */
  constructor(server, version) {
    this.#server = server;
    this.version = version;
  }

  /** Throws where there is none to start. */
  static async start() {
    const version = existsSync(join(DEBIAN_15, 'postgres')) ? 'debian' : 'embedded';
    const server = await startPostgres({ version, durable: true, settings: DEFAULTS });
    const [row] = await server.query('SHOW server_version');
    return new Postgres(server, String(row?.server_version));
  }

  get url() {
    return this.#server.url();
  }

  /** CPU time of all its processes, in microseconds; null where the system has no /proc. */
  cpuMicros() {
    return cpuMicrosOfTree(Number(readPostmaster(this.#server.data)?.pid));
  }

  stop() {
    return this.#server[Symbol.asyncDispose]();
  }
}

/** One that is started, or null with a line that says what is missing. */
export async function postgresIfAny() {
  try {
    return await Postgres.start();
  } catch (error) {
    console.log(
      `LEFT OUT: what is measured on PostgreSQL (apt-get install postgresql-15, or let npm fetch its own): ${error}`,
    );
    return null;
  }
}
