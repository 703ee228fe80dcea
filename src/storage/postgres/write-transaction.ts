import type { NotMeReport } from '../../domain/accounts/storage.ts';
import type { ManagedUser } from '../../domain/users/storage.ts';
import type { AskedWrite } from '../asked-write.ts';
import type { PostgresDatabase } from '../database.ts';
import { stepsOf, type WriteName } from '../operations.ts';
import type { Rows } from '../rows.ts';
import { ask, type Steps } from '../steps/steps.ts';
import { keptOf, type Written } from './kept-outcomes.ts';
import { holdsOf, NO_HOLDS } from './rows/holds.ts';
import { postgresRows } from './rows/rows.ts';
import type { Session } from './session.ts';
import { type Queries, statement } from './statement.ts';
import { type Committed, LostCommitError, runTransaction } from './transaction.ts';

/** What changes that which others lean on in an organization and its keys: it holds them alone. */
const HELD_ALONE: ReadonlySet<WriteName> = new Set<WriteName>([
  'updateOrganization',
  'closeOrganization',
  'reopenOrganization',
  'createApiKey',
  'revokeApiKey',
  'beginEpoch',
]);

/** Lists signing keys to remove some that nobody uses any more: nobody needs to wait for that. */
const HOLDS_NOTHING: ReadonlySet<WriteName> = new Set<WriteName>(['sweep']);

/**
 * Those that meet no other write at the rows that they hold. The rest, which every call makes, and what shares their invariants
 * run at READ COMMITTED on unique keys, conditional writes and rows held in one order (`rows/holds.ts`).
 */
const SERIALIZABLE: ReadonlySet<WriteName> = new Set<WriteName>(['createOrganization']);

/**
 * Those that give a row a unique text that another may take at the same time: they are run again where that is told, and see it then.
 * Beside them, SERIALIZABLE tells so of what its older snapshot does not show.
 */
export const TAKES_UNIQUE: ReadonlySet<WriteName> = new Set<WriteName>([
  ...SERIALIZABLE,
  'updateOrganization',
  'manageUser',
  'changeEmail',
  'takeEmailBack',
]);

const INSERT_EMPTY_WRITE = statement(
  `INSERT INTO {schema}.recent_writes (write_id, outcome) VALUES ($1, 'null')
   RETURNING (extract(epoch FROM committed_at) * 1000)::bigint AS "committedAt"`,
);

/** A write to be run, and the id under which what comes of it is kept. */
export interface WriteToRun {
  readonly write: AskedWrite;
  readonly writeId: string;
  readonly database: PostgresDatabase;
  /** In the place of the write's own steps. */
  readonly steps?: (rows: Rows) => Steps<Written>;
}

/** Runs a write in one transaction. Throws as {@link runTransaction} does. */
export function runWrite(
  session: Session,
  { write, writeId, database, steps = (rows) => writtenBy(rows, write) }: WriteToRun,
): Promise<Committed<Written>> {
  const { name } = write;
  const { statementTimeoutMs, lockTimeoutMs } = database;
  const begin = (queries: Queries) => {
    const holds = HOLDS_NOTHING.has(name) ? NO_HOLDS : holdsOf(queries, HELD_ALONE.has(name));
    return steps(postgresRows(queries, holds));
  };
  const isolation = SERIALIZABLE.has(name) ? 'SERIALIZABLE' : 'READ COMMITTED';
  return runTransaction(session, begin, (written) => keptOf(name, written), {
    isolation,
    statementTimeoutMs,
    lockTimeoutMs,
    writeId,
  });
}

/**
 * Commits a write of no effect; gives when, by the clock of the database. Once it is answered, all that this server has shown before is
 * kept where its COMMITs have to be: they are acknowledged in their order. Throws LostCommitError where it warned.
 */
export async function runEmptyWrite(session: Session, writeId: string, database: PostgresDatabase): Promise<number> {
  const { warnings } = session;
  // One message is one transaction. A wait for a standby is cut by nobody.
  const { rows } = await session.commit(
    `SET LOCAL lock_timeout = ${database.lockTimeoutMs}; SET LOCAL statement_timeout = 0; ` +
      session.inSchema(INSERT_EMPTY_WRITE).replace('$1', `'${writeId}'`),
  );
  if (session.warnings !== warnings) {
    throw new LostCommitError('The server warned as it answered a COMMIT.');
  }
  const [row] = rows as readonly { readonly committedAt: number }[];
  return row?.committedAt ?? 0;
}

function* writtenBy(rows: Rows, write: AskedWrite): Steps<Written> {
  const met = yield* whatIsMet(rows, write.name, write.args);
  return { outcome: yield* stepsOf(write, rows), met };
}

/** What an ending finds that somebody may change back later; undefined for any other write. */
export function* whatIsMet(rows: Rows, name: WriteName, args: readonly unknown[]): Steps<unknown> {
  const [orgId, userId] = args;
  switch (name) {
    case 'closeOrganization':
      return (yield* ask(rows.organizations.find(String(orgId))))?.closedAt;
    case 'disableUser':
      return (yield* ask(rows.users.find(String(orgId), String(userId))))?.disabledAt;
    case 'manageUser': {
      const managed = orgId as ManagedUser;
      const user = yield* ask(rows.users.findCredentials(managed.orgId, managed.userId));
      return user === null ? null : `${user.credentialVersion} ${user.disabledAt}`;
    }
    case 'reportNotMe': {
      const report = orgId as NotMeReport;
      return (yield* ask(rows.users.findCredentials(report.orgId, report.userId)))?.credentialVersion;
    }
    case 'setUserPassword':
      return (yield* ask(rows.users.findCredentials(String(orgId), String(userId))))?.credentialVersion;
    default:
      return undefined;
  }
}
