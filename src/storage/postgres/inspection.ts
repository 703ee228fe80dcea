import { readServerState } from './connecting.ts';
import type { Session } from './session.ts';
import { statement } from './statement.ts';

/** Facts about a store on PostgreSQL, for an operator. */
export interface PostgresFacts {
  readonly place: string;
  /** As 150018 for 15.18. */
  readonly serverVersion: number;
  readonly synchronousCommit: string;
  /** The standbys that a commit waits for, as the server's setting names them; '' for none. */
  readonly synchronousStandbyNames: string;
  readonly fsync: string;
  /** Of all tables with their indexes. */
  readonly bytes: number;
}

const BYTES = statement(
  `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS bytes
   FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relkind = 'r'`,
);

/** Reads no table. */
export async function inspectServer(session: Session, place: string, schema: string): Promise<PostgresFacts> {
  const { version, ...state } = await readServerState(session);
  const { synchronousCommit, synchronousStandbyNames, fsync } = state;
  const [row] = await session.all<{ bytes: number }>(BYTES, [schema]);
  return {
    place,
    serverVersion: version,
    synchronousCommit,
    synchronousStandbyNames,
    fsync,
    bytes: row?.bytes ?? 0,
  };
}
