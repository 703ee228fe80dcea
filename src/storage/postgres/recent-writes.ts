import { randomUUID } from 'node:crypto';
import type { PasswordChangeOutcome } from '../../domain/auth/storage.ts';
import type { WriteName } from '../operations.ts';
import { type Queries, statement } from './statement.ts';

/** How long the outcome of a write is kept: longer than any call lives, and than anything below asks for it. */
const KEPT_SECONDS = 600;
/** Half of that: the clocks of this machine and of the database may go at different speeds. */
const ASKED_FOR_MS = 300_000;
const REMOVED_AT_ONCE = 2_000;
/** What is applied again after writes were lost: the endings of the last minute (docs/security.md, R5). */
const REMEMBERED_MS = 60_000;
/** Of what was acknowledged last, so many are asked for: what is lost is always the last. */
const ASKED_FOR = 64;
/** At a thousand endings a second. */
const MOST_ENDINGS = 60_000;

const OUTCOME = statement('SELECT outcome FROM {schema}.recent_writes WHERE write_id = $1');
const KEPT = statement('SELECT write_id AS "writeId" FROM {schema}.recent_writes WHERE write_id = ANY ($1::text[])');
const BEAT = statement(`INSERT INTO {schema}.recent_writes (write_id, outcome) VALUES ($1, 'null')`);
const REMOVE = statement(
  `DELETE FROM {schema}.recent_writes WHERE write_id IN
     (SELECT write_id FROM {schema}.recent_writes WHERE committed_at < now() - make_interval(secs => $1)
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
  'endSession',
  'endUserSessions',
  'disableUser',
  'enableUser',
  'setUserPassword',
  'deleteUser',
  'addSigningKey',
]);

/** A write as it was asked for. */
export interface AskedWrite {
  readonly name: WriteName;
  readonly args: readonly unknown[];
}

/** An ending with the id under which its outcome was kept. */
export interface Ending extends AskedWrite {
  readonly writeId: string;
}

/**
 * The writes that this process has acknowledged lately. A primary whose standby did not have them all may have been replaced by
 * that standby: then the last of them are missing, which every new connection is asked for.
 */
export class RecentWrites {
  readonly #ids = new LastMinutes<string>(ASKED_FOR_MS, ASKED_FOR);
  readonly #endings = new LastMinutes<Ending>(REMEMBERED_MS, MOST_ENDINGS);

  acknowledged(writeId: string, { name, args }: AskedWrite, outcome: unknown): void {
    this.#ids.add(writeId);
    if (ENDINGS.has(name) && !isRefusedChange(name, outcome)) {
      this.#endings.add({ writeId, name, args });
    }
  }

  /** A write of no effect: a process that others do not call notices a loss, too. */
  async beat(queries: Queries): Promise<void> {
    const writeId = randomUUID();
    await queries.all(BEAT, [writeId]);
    this.#ids.add(writeId);
  }

  /** Whether all that was acknowledged last is there. To be asked of each new connection, before anything else. */
  async areKept(queries: Queries): Promise<boolean> {
    const ids = this.#ids.all();
    if (ids.length === 0) {
      return true;
    }
    return (await queries.all(KEPT, [ids])).length === ids.length;
  }

  /** The endings of the last minute that are missing, in their order. */
  async lostEndings(queries: Queries): Promise<readonly Ending[]> {
    const endings = this.#endings.all();
    const rows = await queries.all<{ writeId: string }>(KEPT, [endings.map(({ writeId }) => writeId)]);
    const kept = new Set(rows.map(({ writeId }) => writeId));
    return endings.filter(({ writeId }) => !kept.has(writeId));
  }

  /** What is missing is known from now on. Endings are remembered as before: they may be lost once more. */
  forgetLost(): void {
    this.#ids.clear();
  }
}

/** Done again it might be allowed, because what it met is lost. */
function isRefusedChange(name: WriteName, outcome: unknown): boolean {
  return name === 'changePassword' && (outcome as PasswordChangeOutcome).outcome !== 'changed';
}

/** The newest values, not older than a time and at most so many. */
class LastMinutes<Value> {
  readonly #keptMs: number;
  readonly #most: number;
  #values: { readonly value: Value; readonly at: number }[] = [];
  /** Where those begin that are kept: the others are cut off together, so that adding one costs the same whatever there is. */
  #start = 0;

  constructor(keptMs: number, most: number) {
    this.#keptMs = keptMs;
    this.#most = most;
  }

  add(value: Value): void {
    this.#values.push({ value, at: performance.now() });
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
    const oldest = performance.now() - this.#keptMs;
    this.#start = Math.max(this.#start, this.#values.length - this.#most);
    while ((this.#values[this.#start]?.at ?? oldest) < oldest) {
      this.#start += 1;
    }
    if (this.#start > this.#values.length / 2) {
      this.#values = this.#values.slice(this.#start);
      this.#start = 0;
    }
  }
}

/** What came of a write, as it was kept; null where it was not committed. */
export async function findOutcome(queries: Queries, writeId: string): Promise<string | null> {
  const [row] = await queries.all<{ outcome: string }>(OUTCOME, [writeId]);
  return row?.outcome ?? null;
}

/** Removes some outcomes that nobody can ask for any more; tells how many. */
export function removeOldOutcomes(queries: Queries): Promise<number> {
  return queries.count(REMOVE, [KEPT_SECONDS, REMOVED_AT_ONCE]);
}
