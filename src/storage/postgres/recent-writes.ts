import type { CurrentPasswordCount } from '../../domain/auth/storage.ts';
import type { SecretReplacement } from '../../domain/secret/storage.ts';
import type { OwnSessionsEndingOutcome } from '../../domain/sessions/storage.ts';
import type { ManagedOutcome } from '../../domain/users/storage.ts';
import type { AskedWrite } from '../asked-write.ts';
import type { WriteName } from '../operations.ts';
import { FACTOR_ENDINGS, isFactorEnding } from './factor-endings.ts';
import type { Written } from './kept-outcomes.ts';
import { type Queries, statement } from './statement.ts';
import type { Committed } from './transaction.ts';

/** How long the outcome of a write is kept: longer than any call lives, and than anything below asks for it. */
const KEPT_SECONDS = 600;
/** Half of that, by the clock of the database as by those of this machine: either may be set. */
const ASKED_FOR_MS = 300_000;
const REMOVED_AT_ONCE = 2_000;
/** What is applied again after writes were lost: the endings of the last minute (docs/security.md, R5). */
const REMEMBERED_MS = 60_000;
/** Of what was acknowledged last, so many are asked for: what is lost is always the last. More than a process writes between two looks. */
const ASKED_FOR = 512;
/** At a thousand endings a second. */
const MOST_ENDINGS = 60_000;

const OUTCOME = statement(
  `SELECT outcome, (extract(epoch FROM committed_at) * 1000)::bigint AS "committedAt"
   FROM {schema}.recent_writes WHERE write_id = $1`,
);
/** Of those that this database cannot have removed yet. */
const MISSING = statement(
  `SELECT asked.write_id AS "writeId" FROM unnest($1::text[], $2::bigint[]) AS asked (write_id, committed_at)
   WHERE asked.committed_at > extract(epoch FROM clock_timestamp()) * 1000 - $3::bigint
     AND NOT EXISTS (SELECT 1 FROM {schema}.recent_writes kept WHERE kept.write_id = asked.write_id)`,
);
const REMOVE = statement(
  `DELETE FROM {schema}.recent_writes WHERE write_id IN
     (SELECT write_id FROM {schema}.recent_writes WHERE committed_at < clock_timestamp() - make_interval(secs => $1)
      ORDER BY committed_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
);

/**
 * Writes that end what was handed out: none of them may be forgotten. Nor may those that take one back, or the user whom an
 * administrator enabled again would be disabled.
 */
const ENDINGS: ReadonlySet<WriteName> = new Set<WriteName>([
  'closeOrganization',
  'reopenOrganization',
  'revokeApiKey',
  'changePassword',
  'countCurrentPassword',
  'endSession',
  'endUserSessions',
  'endMySessions',
  'disableUser',
  'enableUser',
  'setUserPassword',
  'manageUser',
  'deleteUser',
  'resetPassword',
  'changeEmail',
  'takeEmailBack',
  'reportNotMe',
  'deleteAccount',
  ...FACTOR_ENDINGS,
  'addSigningKey',
  'replaceSecretCheck',
]);

interface Acknowledged {
  readonly writeId: string;
  /** By the clock of the database. */
  readonly committedAt: number;
}

/** An ending with the id under which its outcome was kept, and what it met. */
export interface Ending extends AskedWrite, Acknowledged {
  readonly met: unknown;
}

/**
 * The writes that this process has acknowledged lately. A primary whose standby did not have them all may have been replaced by
 * that standby: then the last of them are missing, which every new connection is asked for.
 */
export class RecentWrites {
  readonly #last = new LastMinutes<Acknowledged>(ASKED_FOR_MS, ASKED_FOR);
  readonly #endings = new LastMinutes<Ending>(REMEMBERED_MS, MOST_ENDINGS);

  acknowledged(writeId: string, write: AskedWrite, { outcome: written, committedAt }: Committed<Written>): void {
    this.acknowledgedEmpty(writeId, committedAt);
    if (ENDINGS.has(write.name) && isToBeRepeated(write, written.outcome)) {
      this.#endings.add({ ...write, writeId, committedAt, met: written.met });
    }
  }

  /** One of no effect: a process that others do not call notices a loss, too. */
  acknowledgedEmpty(writeId: string, committedAt: number): void {
    this.#last.add({ writeId, committedAt });
  }

  get isEmpty(): boolean {
    return this.#last.all().length === 0;
  }

  /** Whether all that was acknowledged last is there. To be asked of each new connection, before anything else. */
  async areKept(queries: Queries): Promise<boolean> {
    return (await findMissing(queries, this.#last.all())).size === 0;
  }

  /** The endings of the last minute that are missing, in their order. */
  async lostEndings(queries: Queries): Promise<readonly Ending[]> {
    const endings = this.#endings.all();
    const missing = await findMissing(queries, endings);
    return endings.filter(({ writeId }) => missing.has(writeId));
  }

  /** What is missing is known from now on. Endings are remembered as before: they may be lost once more. */
  forgetLost(): void {
    this.#last.clear();
  }
}

async function findMissing(queries: Queries, writes: readonly Acknowledged[]): Promise<ReadonlySet<string>> {
  const ids = writes.map(({ writeId }) => writeId);
  const instants = writes.map(({ committedAt }) => committedAt);
  const rows = await queries.all<{ writeId: string }>(MISSING, [ids, instants, ASKED_FOR_MS]);
  return new Set(rows.map(({ writeId }) => writeId));
}

interface Told {
  readonly outcome: string;
}

/** One that was refused might be allowed when it is done again, because what it met is lost; one that found nothing ended nothing. */
function isToBeRepeated(write: AskedWrite, outcome: unknown): boolean {
  const { name, args } = write;
  if (FACTOR_ENDINGS.has(name)) {
    return isFactorEnding(write, outcome);
  }
  switch (name) {
    case 'manageUser':
      return (outcome as ManagedOutcome).outcome === 'changed';
    case 'changePassword':
    case 'changeEmail':
    case 'takeEmailBack':
      return (outcome as Told).outcome === 'changed';
    case 'resetPassword':
      return (outcome as Told).outcome === 'reset';
    case 'deleteAccount':
      return (outcome as Told).outcome === 'deleted';
    case 'endMySessions':
      return (outcome as OwnSessionsEndingOutcome).outcome === 'ended';
    case 'countCurrentPassword':
      return (outcome as CurrentPasswordCount).outcome === 'session_ended';
    case 'replaceSecretCheck':
      return outcome === true && (args[0] as SecretReplacement).compromised !== null;
    case 'reportNotMe':
      return outcome === 'reported';
    case 'addSigningKey':
      return true;
    default:
      return !(outcome === null || outcome === 'not_found' || outcome === 'other_subject');
  }
}

/** The newest values, not older than a time and at most so many. */
class LastMinutes<Value> {
  readonly #keptMs: number;
  readonly #most: number;
  #values: { readonly value: Value; readonly at: Instant }[] = [];
  /** Where those begin that are kept: the others are cut off together, so that adding one costs the same whatever there is. */
  #start = 0;

  constructor(keptMs: number, most: number) {
    this.#keptMs = keptMs;
    this.#most = most;
  }

  add(value: Value): void {
    this.#values.push({ value, at: instant() });
    this.#forgetOld();
  }

  all(): readonly Value[] {
    this.#forgetOld();
    return this.#values.slice(this.#start).map(({ value }) => value);
  }

  clear(): void {
    this.#values = [];
    this.#start = 0;
  }

  #forgetOld(): void {
    const now = instant();
    this.#start = Math.max(this.#start, this.#values.length - this.#most);
    for (
      let oldest = this.#values[this.#start];
      oldest !== undefined && ageMs(oldest.at, now) > this.#keptMs;
      oldest = this.#values[this.#start]
    ) {
      this.#start += 1;
    }
    if (this.#start > this.#values.length / 2) {
      this.#values = this.#values.slice(this.#start);
      this.#start = 0;
    }
  }
}

/** By two clocks: one stands still while the machine is suspended, and the other may be set. */
interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

function instant(): Instant {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

function ageMs(then: Instant, now: Instant): number {
  return Math.max(now.monotonicMs - then.monotonicMs, now.wallMs - then.wallMs);
}

/** What came of a write, as it was kept; null where it was not committed. */
export async function findOutcome(queries: Queries, writeId: string): Promise<Committed<string> | null> {
  const [row] = await queries.all<Committed<string>>(OUTCOME, [writeId]);
  return row ?? null;
}

/** Removes the outcomes that nobody can ask for any more. */
export async function removeOldOutcomes(queries: Queries): Promise<void> {
  while ((await queries.count(REMOVE, [KEPT_SECONDS, REMOVED_AT_ONCE])) === REMOVED_AT_ONCE) {
    // There are more.
  }
}
