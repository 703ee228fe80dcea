import { ROLES } from './logins.ts';
import { type PgBouncer, startPgBouncer } from './pgbouncer.ts';
import { type PostgresServer, startPostgres } from './server.ts';

/** A PostgreSQL that the suite runs on. */
export interface PostgresEngine {
  /** Also the name of its vitest project. */
  readonly name: string;
  /** Whether statements may be named: not where a pooler older than PgBouncer 1.21 hands each transaction to another connection. */
  readonly namedStatements: boolean;
  /** Whether a pooler stands before it. */
  readonly isPooled: boolean;
  start(): Promise<StartedEngine>;
}

export interface StartedEngine extends AsyncDisposable {
  /** How the product reaches it, as the owner of the database. */
  readonly url: string;
  /** The superuser at the server itself, past any pooler. */
  readonly adminUrl: string;
}

/** The tests' own, which needs no package of a system. */
export const EMBEDDED_18: PostgresEngine = {
  name: 'PostgreSQL 18',
  namedStatements: true,
  isPooled: false,
  start: async () => started(await startPostgres({ version: 'embedded' })),
};

/** What `npm run test:postgres` runs on besides, with Debian's packages. */
export const DEBIAN_ENGINES: readonly PostgresEngine[] = [
  {
    name: 'PostgreSQL 15',
    namedStatements: true,
    isPooled: false,
    start: async () => started(await startPostgres({ version: 'debian' })),
  },
  {
    name: 'PostgreSQL 15 through PgBouncer',
    namedStatements: false,
    isPooled: true,
    async start() {
      const server = await startPostgres({ version: 'debian' });
      return started(server, await startPgBouncer(server));
    },
  },
];

export const POSTGRES_ENGINES: readonly PostgresEngine[] = [EMBEDDED_18, ...DEBIAN_ENGINES];

function started(server: PostgresServer, bouncer?: PgBouncer): StartedEngine {
  return {
    url: (bouncer ?? server).url(),
    adminUrl: server.url(ROLES.admin),
    async [Symbol.asyncDispose]() {
      await bouncer?.[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
