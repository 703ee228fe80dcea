import type { PostgresDatabase } from '../database.ts';
import { Session } from './session.ts';
import type { StatementTexts } from './statement.ts';

/** What a connection is asked before it is used. */
export interface ServerState {
  /** As 150018 for 15.18. */
  readonly version: number;
  readonly isReadOnly: boolean;
  readonly synchronousCommit: string;
  /** `off` where a power cut loses what was acknowledged. */
  readonly fsync: string;
}

/** The server takes no writes: a standby, or a primary that was told so. */
export class ReadOnlyServerError extends Error {
  override readonly name = 'ReadOnlyServerError';
}

/** A connection to the first host that takes writes; rejected with what the last one said. */
export async function connectWritable(database: PostgresDatabase, texts: StatementTexts): Promise<Session> {
  let failure: unknown;
  for (const host of database.hosts) {
    try {
      const session = await Session.connect(database, host, texts);
      try {
        await refuseReadOnly(session);
        return session;
      } catch (error) {
        session.destroy();
        throw error;
      }
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function refuseReadOnly(session: Session): Promise<void> {
  const { isReadOnly } = await readServerState(session);
  if (isReadOnly) {
    throw new ReadOnlyServerError('The server takes no writes: it is a standby, or read-only.');
  }
}

/** `SHOW` is answered by what only speaks PostgreSQL's protocol, too. */
export async function readServerState(session: Session): Promise<ServerState> {
  const show = async (name: string) => {
    const [row] = (await session.command(`SHOW ${name}`)).rows as readonly Record<string, string>[];
    return row?.[name] ?? '';
  };
  const [version, readOnly, synchronousCommit, fsync] = await Promise.all([
    show('server_version_num'),
    show('transaction_read_only'),
    show('synchronous_commit'),
    show('fsync'),
  ]);
  return { version: Number(version), isReadOnly: readOnly === 'on', synchronousCommit, fsync };
}
