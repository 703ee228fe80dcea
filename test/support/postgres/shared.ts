import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Client } from 'pg';
import { inject } from 'vitest';
import { EMBEDDED_18, POSTGRES_ENGINES } from './engines.ts';
import type { SharedPostgresAnswer } from './global-setup.ts';

/** The PostgreSQL of this run, which all its tests share. */
export interface SharedPostgres {
  /** A name for a schema that nobody uses, in the one database; nothing is created. The cheaper of the two. */
  freshSchema(): FreshSchema;
  /** A new database: empty, or a copy of one that nobody is connected to. */
  freshDatabase(template?: FreshDatabase): Promise<FreshDatabase>;
}

export interface FreshSchema {
  readonly url: string;
  readonly schema: string;
  /** Drops it with all that was made in it; one that was never made is no fault. */
  remove(): Promise<void>;
}

export interface FreshDatabase {
  readonly url: string;
  /** The superuser in it, or whom `TEST_POSTGRES_URL` names, past any pooler. */
  readonly adminUrl: string;
  /** Drops it, whoever is connected. */
  remove(): Promise<void>;
}

/**
 * Which PostgreSQL the tests of this project run on, for their titles and settings: npm's 18, Debian's 15 with and without
 * PgBouncer, any other by TEST_POSTGRES_URL.
 */
export function postgresUnderTest(): { readonly name: string; readonly namedStatements: boolean } {
  if (process.env.TEST_POSTGRES_URL) {
    return { name: 'PostgreSQL of TEST_POSTGRES_URL', namedStatements: process.env.TEST_POSTGRES_NAMED !== 'false' };
  }
  const { engine } = inject('postgres');
  return POSTGRES_ENGINES.find(({ name }) => name === engine) ?? EMBEDDED_18;
}

/** Starts it where no test has asked yet. With TEST_POSTGRES_URL it is that one, which must let its user create schemas and databases. */
export async function sharedPostgres(): Promise<SharedPostgres> {
  const { url, adminUrl } = await addresses();
  return {
    freshSchema() {
      const schema = `test_${randomBytes(8).toString('hex')}`;
      return { url, schema, remove: () => execute(adminUrl, `DROP SCHEMA IF EXISTS ${schema} CASCADE`) };
    },
    async freshDatabase(template) {
      const database = `test_${randomBytes(8).toString('hex')}`;
      const copied = template === undefined ? '' : ` TEMPLATE ${nameOf(template)}`;
      await execute(adminUrl, `CREATE DATABASE ${database} OWNER ${new URL(url).username}${copied}`);
      return {
        url: inDatabase(url, database),
        adminUrl: inDatabase(adminUrl, database),
        remove: () => execute(adminUrl, `DROP DATABASE ${database} WITH (FORCE)`),
      };
    },
  };
}

async function addresses(): Promise<{ readonly url: string; readonly adminUrl: string }> {
  const given = process.env.TEST_POSTGRES_URL;
  if (given) {
    return { url: given, adminUrl: given };
  }
  const answer = JSON.parse(await text(connect(inject('postgres').socket))) as SharedPostgresAnswer;
  if ('error' in answer) {
    throw new Error(answer.error);
  }
  return answer;
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function nameOf({ url }: FreshDatabase): string {
  return new URL(url).pathname.slice(1);
}

function inDatabase(url: string, database: string): string {
  const moved = new URL(url);
  moved.pathname = `/${database}`;
  return moved.href;
}
