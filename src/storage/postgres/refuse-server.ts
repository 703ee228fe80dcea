import { StoreError } from '../store-error.ts';
import { readServerState } from './connecting.ts';
import type { Session } from './session.ts';

/** Where row locks, conflicts of unique keys and what else the rows lean on are as they are used here. */
const OLDEST_SERVER = 130_000;

/** Throws StoreError, with what to do, for a server or a database that no store can be in. */
export async function refuseServer(session: Session, place: string): Promise<void> {
  const { version, synchronousCommit, encoding } = await readServerState(session);
  if (version < OLDEST_SERVER) {
    throw new StoreError(
      `${place} is PostgreSQL ${Math.floor(version / 10_000)}: 13 or later is needed. Upgrade the server.`,
    );
  }
  if (synchronousCommit === 'off') {
    throw new StoreError(
      `${place} answers a commit before it is kept (synchronous_commit is off): a power cut would bring spent nonces and ended ` +
        'sessions back. Set it to on for this database: ALTER DATABASE … SET synchronous_commit = on.',
    );
  }
  if (encoding !== 'UTF8') {
    throw new StoreError(
      `${place} keeps text as ${encoding}, in which not all names can be written. Make a database with ENCODING 'UTF8'.`,
    );
  }
}
