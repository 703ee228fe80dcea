import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { PostgresDatabase } from '../../../src/storage/database.ts';
import { StoreError } from '../../../src/storage/store-error.ts';
import { runCli } from '../../cli/spawned-cli.ts';
import { CERTIFICATES } from '../../support/certificates.js';
import { freePort } from '../../support/postgres/free-port.ts';
import { DATABASE, ROLES } from '../../support/postgres/logins.ts';
import { startReplica } from '../../support/postgres/replica.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { databaseAt, engineAt, versionUnderTest } from './lab.ts';
import { dyingServer, olderServer } from './older-server.ts';

const IMPATIENT = { connectTimeoutMs: 500 };
/** A busy machine is no host that refuses. */
const PATIENT = { connectTimeoutMs: 10_000 };
const PASSWORD = 'the-wrong-password';
const TOKEN = `afadm_${'A'.repeat(43)}`;

/** Pauses of the product. Those that begin while they are held end when they are let go, however fast the machine is. */
const pauses = vi.hoisted(() => ({ areHeld: false, held: [] as (() => void)[] }));

vi.mock('node:timers/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:timers/promises')>();
  const pause = (...args: Parameters<typeof original.setTimeout>) =>
    pauses.areHeld ? new Promise<void>((letGo) => pauses.held.push(letGo)) : original.setTimeout(...args);
  return { ...original, setTimeout: pause };
});

let server: PostgresServer;
let secured: PostgresServer;

beforeAll(async () => {
  [server, secured] = await Promise.all([
    startPostgres({ version: versionUnderTest() }),
    startPostgres({ version: versionUnderTest(), tls: true }),
  ]);
  return async () => {
    await server[Symbol.asyncDispose]();
    await secured[Symbol.asyncDispose]();
  };
});

function at(url: string, changes: Partial<PostgresDatabase> = {}): PostgresDatabase {
  return databaseAt(url, 'authflow', { ...IMPATIENT, ...changes });
}

function atPort(port: number, host = '127.0.0.1'): PostgresDatabase {
  return at(server.url(), { hosts: [{ host, port }] });
}

async function listening(listener: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => listener.listen(0, host, resolve));
  onTestFinished(() => {
    listener.close();
  });
  return (listener.address() as AddressInfo).port;
}

/** Its URL; made where it is missing. */
async function databaseKeepingTextAs(encoding: string): Promise<string> {
  const database = `text_${encoding.toLowerCase()}`;
  if ((await server.query(`SELECT 1 FROM pg_database WHERE datname = '${database}'`)).length === 0) {
    await server.query(
      `CREATE DATABASE ${database} OWNER authflow ENCODING '${encoding}' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
    );
  }
  return server.url({ database });
}

interface BadOpening {
  readonly what: string;
  readonly database: () => PostgresDatabase | Promise<PostgresDatabase>;
  /** What the sentence tells, and what it says to do. */
  readonly says: RegExp;
}

const OPENINGS: readonly BadOpening[] = [
  {
    what: 'nobody listens',
    database: async () => atPort(await freePort()),
    says: /cannot be reached \(ECONNREFUSED\)\. Start PostgreSQL there, or correct AUTHFLOW_DATABASE_URL/,
  },
  {
    what: 'the host is not known',
    database: () => at(server.url(), { hosts: [{ host: 'no-such-host.invalid', port: 5432 }] }),
    says: /cannot be reached \(E[A-Z_]+\)/,
  },
  {
    what: 'an HTTP server listens',
    database: async () => atPort(await listening(createHttpServer())),
    says: /closed the connection\. Where it is PostgreSQL, look at its log; otherwise correct AUTHFLOW_DATABASE_URL/,
  },
  {
    what: 'what listens says nothing',
    database: async () => atPort(await listening(createServer(() => undefined))),
    says: /does not answer in time/,
  },
  {
    what: 'the password is wrong',
    database: () => at(server.url({ password: PASSWORD })),
    says: /refuses the user "authflow" or its password\. Correct them in AUTHFLOW_DATABASE_URL/,
  },
  {
    what: 'the URL holds no password',
    database: () => at(server.url(), { password: null }),
    says: /asks for a password of the user "authflow": give it in AUTHFLOW_DATABASE_URL\./,
  },
  {
    what: 'the user may not log in',
    async database() {
      await server.query(`CREATE ROLE resting NOLOGIN PASSWORD '${PASSWORD}'`);
      return at(server.url({ user: 'resting', password: PASSWORD }));
    },
    says: /refuses the user "resting".*whether the user may log in at all: ALTER ROLE resting LOGIN\./,
  },
  {
    what: 'the user is not known',
    database: () => at(server.url({ user: 'nobody' })),
    says: /refuses the user "nobody" or its password/,
  },
  {
    what: 'the database is missing',
    database: () => at(server.url({ database: 'missing' })),
    says: /has no database "missing"\..*createdb --owner=authflow --encoding=UTF8 --template=template0 missing/,
  },
  {
    what: 'the user may not create a schema',
    database: () => at(server.url(ROLES.stranger), { schema: 'not_there' }),
    says: /The user "stranger" may not read or make all that belongs to .*\(schema not_there\): let a role that may create there run "authflow migrate" once/,
  },
  {
    what: 'the server has no TLS',
    database: () => at(server.url(), { tls: { ca: null } }),
    says: /speaks no TLS\. Turn it on there/,
  },
  {
    what: 'the certificate is of another authority',
    database: () => at(secured.url(), { tls: { ca: CERTIFICATES.otherCa } }),
    says: /shows a certificate that cannot be verified \([A-Z_]+\)\. Give its authority by AUTHFLOW_DATABASE_TLS_CA/,
  },
  {
    what: 'the certificate is for another name',
    async database() {
      const relay = createServer((client) => {
        const onward = connect(secured.port, secured.host);
        client.pipe(onward).pipe(client);
        for (const socket of [client, onward]) {
          socket.on('error', () => socket.destroy());
        }
      });
      const host = '127.0.0.2';
      return at(secured.url(), { tls: { ca: CERTIFICATES.ca }, hosts: [{ host, port: await listening(relay, host) }] });
    },
    says: /shows a certificate that cannot be verified \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
  },
  {
    what: 'the server demands TLS',
    database: () => at(secured.url()),
    says: /refuses the user "authflow" without TLS.*AUTHFLOW_DATABASE_TLS/,
  },
  {
    what: 'a replica is named as the primary',
    async database() {
      const replica = await startReplica(server);
      onTestFinished(() => replica[Symbol.asyncDispose]());
      return at(replica.url());
    },
    says: /takes no writes: it is a standby, or read-only\. Name the primary, or all hosts/,
  },
  {
    what: 'a primary lets a user write nothing',
    async database() {
      await server.query(`CREATE ROLE reader LOGIN PASSWORD 'x'`);
      await server.query('ALTER ROLE reader SET default_transaction_read_only = on');
      return at(server.url({ user: 'reader', password: 'x' }));
    },
    says: /is the primary, and default_transaction_read_only keeps this user from writing: set it to off/,
  },
  {
    what: 'commits are answered before they are kept',
    async database() {
      await server.query('CREATE DATABASE hasty OWNER authflow');
      await server.query('ALTER DATABASE hasty SET synchronous_commit = off');
      return at(server.url({ database: 'hasty' }));
    },
    says: /synchronous_commit is off.*Set it to on for this database/,
  },
  ...['LATIN1', 'EUC_JP', 'SQL_ASCII'].map((encoding) => ({
    what: `text is kept as ${encoding}`,
    database: async () => at(await databaseKeepingTextAs(encoding)),
    says: new RegExp(
      `keeps text as ${encoding}, in which not all names can be written\\. Make a database with ENCODING 'UTF8'`,
    ),
  })),
  {
    what: 'there is no connection left',
    async database() {
      await server.query(`CREATE ROLE crowded LOGIN PASSWORD 'x' CONNECTION LIMIT 0`);
      return at(server.url({ user: 'crowded', password: 'x' }));
    },
    says: /has no connection left\. Raise its max_connections \(or the CONNECTION LIMIT of the user "crowded" .*\), or lower AUTHFLOW_DATABASE_POOL/,
  },
  {
    what: 'tables of another program are in the schema',
    async database() {
      await server.query('CREATE SCHEMA others AUTHORIZATION authflow');
      await server.query(`CREATE TABLE others.users (id bigint); INSERT INTO others.users VALUES (1)`);
      return at(server.url(), { schema: 'others' });
    },
    says: /\(schema others\) holds tables of another program\. Name another schema in AUTHFLOW_DATABASE_SCHEMA/,
  },
  {
    what: 'migrations of another program are in the schema',
    async database() {
      await server.query('CREATE SCHEMA foreigners AUTHORIZATION authflow');
      await server.query(
        `CREATE TABLE foreigners.schema_migrations (id text); ALTER TABLE foreigners.schema_migrations OWNER TO authflow`,
      );
      return at(server.url(), { schema: 'foreigners' });
    },
    says: /\(schema foreigners\) holds tables of another program/,
  },
  {
    what: 'the server is older than 13',
    database: async () => atPort(await listening(olderServer('120022'))),
    says: /is PostgreSQL 12: 13 or later is needed\. Upgrade the server/,
  },
  {
    what: 'the connection is closed for a reason that is not known',
    database: async () => atPort(await listening(dyingServer())),
    says: /closed the connection\. Where it is PostgreSQL, look at its log/,
  },
];

describe('a store that cannot be opened says so in one sentence, and nothing is changed', () => {
  test.each(OPENINGS)('where $what', async ({ database, says }) => {
    const engine = await engineAt(await database());
    const before = await contents();
    for (const attempt of [
      () => engine.migrate(),
      () => engine.open(),
      () => engine.tryWriting(),
      () => engine.inspect(),
    ]) {
      const error: unknown = await attempt().then(
        () => null,
        (cause) => cause,
      );
      if (error === null) {
        // Who only looks may, where nothing has to be made.
        continue;
      }
      expect(error).toBeInstanceOf(StoreError);
      const { message } = error as StoreError;
      expect(message).not.toMatch(/password-|-password/);
      expect(message).not.toContain('\n');
    }
    await expect(engine.migrate()).rejects.toThrow(says);
    expect(await contents()).toEqual(before);
  });
});

test('of several hosts the first that takes writes is used, past one that refuses, one that says nothing and a standby', async () => {
  await (await engineAt(at(server.url(), PATIENT))).migrate();
  const silent = await listening(createServer(() => undefined));
  const replica = await startReplica(server);
  onTestFinished(() => replica[Symbol.asyncDispose]());
  const hosts = [await freePort(), silent, replica.port, server.port].map((port) => ({ host: '127.0.0.1', port }));
  await (await engineAt(at(server.url(), { ...PATIENT, hosts }))).tryWriting();
});

test('where the first host answers no other is asked', async () => {
  await (await engineAt(at(server.url(), PATIENT))).migrate();
  let asked = 0;
  const other = createServer((socket) => {
    asked += 1;
    socket.destroy();
  });
  const hosts = [server, { host: '127.0.0.1', port: await listening(other) }].map(({ host, port }) => ({ host, port }));
  const engine = await engineAt(at(server.url(), { ...PATIENT, hosts }));
  pauses.areHeld = true;
  onTestFinished(() => {
    pauses.areHeld = false;
  });
  for (let times = 0; times < 10; times += 1) {
    await engine.tryWriting();
  }
  // What was waited for beside each answer is over: whoever would be asked now is asked before the connection that follows is answered.
  const held = pauses.held.splice(0);
  expect(held.length).toBeGreaterThanOrEqual(10);
  for (const letGo of held) {
    letGo();
  }
  await engine.tryWriting();
  expect(asked).toBe(0);
});

test('a user who may not write the tables is told of what is missing', async () => {
  await (await engineAt(at(server.url()))).migrate();
  await server.query(
    'GRANT USAGE ON SCHEMA authflow TO stranger; GRANT SELECT ON ALL TABLES IN SCHEMA authflow TO stranger',
  );
  const engine = await engineAt(at(server.url(ROLES.stranger)));
  const says = /does not let the user "stranger" work in the schema "authflow"/;
  await expect(engine.tryWriting()).rejects.toThrow(says);
  await server.query('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA authflow TO stranger');
  await engine.tryWriting();
  await (await engine.open()).close();
  await server.query('REVOKE INSERT, UPDATE, DELETE ON authflow.sessions, authflow.users FROM stranger');
  for (const attempt of [() => engine.tryWriting(), () => engine.open()]) {
    await expect(attempt()).rejects.toThrow(says);
    await expect(attempt()).rejects.toThrow(
      /it lacks DELETE, INSERT, UPDATE on sessions, users\. .*: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "authflow" TO "stranger";/,
    );
  }
  // What only who migrates writes.
  await server.query(
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA authflow TO stranger;
     REVOKE INSERT, UPDATE, DELETE ON authflow.schema_migrations, authflow.schema_lock, authflow.moves FROM stranger`,
  );
  await (await engine.open()).close();
});

test('where there is no store, a user who may make none is told what it lacks', async () => {
  const lacking = await engineAt(at(server.url(ROLES.stranger), { schema: 'nowhere' }));
  expect(await lacking.makingFault()).toContain('lacks CREATE on the database "authflow": GRANT CREATE ON DATABASE');
  await server.query('CREATE SCHEMA bare; GRANT USAGE ON SCHEMA bare TO stranger');
  const inSchema = await engineAt(at(server.url(ROLES.stranger), { schema: 'bare' }));
  expect(await inSchema.makingFault()).toContain('lacks CREATE on the schema "bare": GRANT CREATE ON SCHEMA');
  expect(await (await engineAt(at(server.url(), { schema: 'nowhere' }))).makingFault()).toBeNull();
});

describe('the commands end with 3 and one sentence, without the password', () => {
  const urls = {
    unreachable: async () => `postgres://authflow:${PASSWORD}@127.0.0.1:${await freePort()}/authflow`,
    'a wrong password': async () => server.url({ password: PASSWORD }),
    'a replica': async () => {
      const replica = await startReplica(server);
      onTestFinished(() => replica[Symbol.asyncDispose]());
      return replica.url();
    },
    'text that is not UTF-8': () => databaseKeepingTextAs('LATIN1'),
  };
  test.each(Object.entries(urls))('%s', async (_, urlOf) => {
    const folder = mkdtempSync(join(tmpdir(), 'authflow-opening-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const env = {
      AUTHFLOW_DATABASE_URL: await urlOf(),
      AUTHFLOW_SECRET: 's'.repeat(32),
      AUTHFLOW_ADMIN_TOKEN: TOKEN,
      AUTHFLOW_HTTP_PORT: '0',
      AUTHFLOW_GRPC_PORT: '0',
    };
    for (const command of ['migrate', 'serve']) {
      const { code, stdout, stderr } = await runCli([command], { folder, env });
      expect({ command, code }).toEqual({ command, code: 3 });
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stdout + stderr).not.toMatch(new RegExp(`${PASSWORD}|${ROLES.owner.password}`));
    }
    const doctor = await runCli(['doctor'], { folder, env });
    expect(doctor.code).toBeGreaterThan(0);
    expect(doctor.stdout + doctor.stderr).not.toMatch(new RegExp(`${PASSWORD}|${ROLES.owner.password}`));
  });
});

test('the doctor says how a database keeps text that is not UTF-8', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'authflow-opening-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const env = { AUTHFLOW_DATABASE_URL: await databaseKeepingTextAs('LATIN1'), AUTHFLOW_SECRET: 's'.repeat(32) };
  const { code, stdout } = await runCli(['doctor', '--json'], { folder, env: { ...env, AUTHFLOW_ADMIN_TOKEN: TOKEN } });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toContainEqual({
    check: 'store',
    ok: false,
    detail: expect.stringContaining('keeps text as LATIN1'),
  });
});

/** Every table of every schema with its rows, of both servers, but for the ledger that a migration begins with. */
async function contents(): Promise<unknown> {
  const found: Record<string, unknown> = {};
  for (const place of [server, secured]) {
    const tables = await place.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
       WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_name NOT IN ('schema_migrations', 'schema_lock') ORDER BY 1`,
      DATABASE,
    );
    for (const { name } of tables) {
      found[`${place.port} ${name}`] = await place.query(`SELECT * FROM ${name} ORDER BY 1`);
    }
  }
  return found;
}
