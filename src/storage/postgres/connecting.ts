import { setTimeout as pause } from 'node:timers/promises';
import type { PostgresDatabase, PostgresHost } from '../database.ts';
import { Session } from './session.ts';
import type { StatementTexts } from './statement.ts';

/** What a connection is asked before it is used. */
export interface ServerState {
  /** As 150018 for 15.18. */
  readonly version: number;
  readonly isReadOnly: boolean;
  readonly synchronousCommit: string;
  /** The standbys that a commit waits for; '' for none. */
  readonly synchronousStandbyNames: string;
  /** `off` where a power cut loses what was acknowledged. */
  readonly fsync: string;
  /** As `UTF8`: how the database keeps text. */
  readonly encoding: string;
}

/** The server takes no writes: a standby, or a primary that was told so. */
export class ReadOnlyServerError extends Error {
  override readonly name = 'ReadOnlyServerError';
  /** Whether it is known to be no standby. */
  readonly isPrimary: boolean;

  constructor(isPrimary: boolean) {
    super('The server takes no writes: it is a standby, or read-only.');
    this.isPrimary = isPrimary;
  }
}

/** How long a host is waited for before the next is asked beside it: one that is frozen or cut off says nothing. */
const NEXT_HOST_MS = 200;

/**
 * A connection to the first host that takes writes: asked in their order, each when the one before refused or was silent for
 * {@link NEXT_HOST_MS}. Rejected with what the last one said.
 */
export async function connectWritable(database: PostgresDatabase, texts: StatementTexts): Promise<Session> {
  const isDone = new AbortController();
  let before: Promise<unknown> = Promise.resolve();
  const attempts = database.hosts.map((host) => {
    const attempt = before.then(() => connectTo(host, database, texts, isDone.signal));
    const refused = attempt.then(
      () => new Promise<never>(() => {}),
      () => {},
    );
    before = Promise.race([refused, before.then(() => pause(NEXT_HOST_MS))]);
    return attempt;
  });
  try {
    const session = await Promise.any(attempts);
    for (const attempt of attempts) {
      attempt.then((other) => other !== session && other.destroy()).catch(() => {});
    }
    return session;
  } catch (error) {
    throw error instanceof AggregateError ? error.errors.at(-1) : error;
  } finally {
    isDone.abort();
  }
}

async function connectTo(
  host: PostgresHost,
  database: PostgresDatabase,
  texts: StatementTexts,
  isDone: AbortSignal,
): Promise<Session> {
  isDone.throwIfAborted();
  const session = await Session.connect(database, host, texts);
  try {
    await refuseReadOnly(session);
    return session;
  } catch (error) {
    session.destroy();
    throw error;
  }
}

async function refuseReadOnly(session: Session): Promise<void> {
  const { isReadOnly } = await readServerState(session);
  if (isReadOnly) {
    throw new ReadOnlyServerError(await isPrimary(session));
  }
}

/** False where that cannot be asked. */
async function isPrimary(session: Session): Promise<boolean> {
  const { rows } = await session.command('SELECT pg_is_in_recovery() AS recovers').catch(() => ({ rows: [] }));
  return (rows as readonly { readonly recovers: boolean }[])[0]?.recovers === false;
}

/** `SHOW` is answered by what only speaks PostgreSQL's protocol, too. */
export async function readServerState(session: Session): Promise<ServerState> {
  const show = async (name: string) => {
    const [row] = (await session.command(`SHOW ${name}`)).rows as readonly Record<string, string>[];
    return row?.[name] ?? '';
  };
  const [version, readOnly, synchronousCommit, synchronousStandbyNames, fsync, encoding] = await Promise.all([
    show('server_version_num'),
    show('transaction_read_only'),
    show('synchronous_commit'),
    show('synchronous_standby_names'),
    show('fsync'),
    show('server_encoding'),
  ]);
  const isReadOnly = readOnly === 'on';
  return { version: Number(version), isReadOnly, synchronousCommit, synchronousStandbyNames, fsync, encoding };
}
