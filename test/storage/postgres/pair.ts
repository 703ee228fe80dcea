import { onTestFinished } from 'vitest';
import type { Storage } from '../../../src/domain/storage.ts';
import type { PostgresDatabase } from '../../../src/storage/database.ts';
import type { StoreObserver } from '../../../src/storage/engine.ts';
import { until } from '../../support/postgres/processes.ts';
import { startReplica } from '../../support/postgres/replica.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres/server.ts';
import { databaseAt, engineAt, openNode, versionUnderTest } from './lab.ts';

export const SCHEMA = 'authflow';

/** A primary and an asynchronous standby, with a store on it. */
export async function pair(): Promise<{ readonly primary: PostgresServer; readonly standby: PostgresServer }> {
  const primary = await startPostgres({ version: versionUnderTest() });
  onTestFinished(() => primary[Symbol.asyncDispose]());
  await (await engineAt(databaseAt(primary.url(), SCHEMA))).migrate();
  const standby = await startReplica(primary);
  onTestFinished(() => standby[Symbol.asyncDispose]());
  return { primary, standby };
}

/** The standby has all that was written until now. */
export async function catchUp(primary: PostgresServer, standby: PostgresServer): Promise<void> {
  const [end] = await primary.query<{ lsn: string }>('SELECT pg_current_wal_lsn() AS lsn');
  await until(async () => {
    const [row] = await standby.query<{ has: boolean }>(`SELECT pg_last_wal_replay_lsn() >= '${end?.lsn}' AS has`);
    return row?.has === true;
  });
}

/** Each node has written since, if only its beat. */
export async function beats(primary: PostgresServer, nodes: number): Promise<void> {
  const writes = async () => {
    const [row] = await primary.query<{ n: string }>(`SELECT count(*) AS n FROM ${SCHEMA}.recent_writes`);
    return Number(row?.n);
  };
  const before = await writes();
  await until(async () => (await writes()) >= before + 2 * nodes, 50);
}

/** What a node told its observer. */
export interface Told {
  lost: number[];
  notRepeated: unknown[];
}

export interface Node {
  readonly storage: Storage;
  readonly told: Told;
}

export async function nodeAt(database: PostgresDatabase): Promise<Node> {
  const told: Told = { lost: [], notRepeated: [] };
  const observer: StoreObserver = {
    watchConnections() {},
    connectionFailed() {},
    storeGone() {},
    writesLost: (endings) => told.lost.push(endings),
    endingNotRepeated: (error) => told.notRepeated.push(error),
  };
  return { storage: await openNode(database, { observer }), told };
}

/** The standby has all that was written until now, and gets no more of it. */
export async function fallBehind(primary: PostgresServer, standby: PostgresServer): Promise<void> {
  await catchUp(primary, standby);
  await standby.query(`ALTER SYSTEM SET primary_conninfo = ''`, 'postgres');
  await standby.query('SELECT pg_reload_conf()', 'postgres');
  await until(async () => (await standby.query('SELECT 1 FROM pg_stat_wal_receiver')).length === 0);
}

/** The standby serves from now on. */
export async function failOver(primary: PostgresServer, standby: PostgresServer): Promise<void> {
  await primary.kill();
  await standby.query('SELECT pg_promote()', 'postgres');
}
