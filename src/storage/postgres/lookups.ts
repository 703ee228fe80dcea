import type { ApiKeyOwner } from '../../domain/organizations/storage.ts';
import type { SessionRecord } from '../../domain/sessions/storage.ts';
import type { ReadName } from '../operations.ts';
import { OWNER_COLUMNS } from './rows/api-keys.ts';
import { SESSION_COLUMNS } from './rows/sessions.ts';
import { type Queries, type Statement, statement } from './statement.ts';

/** A round trip asks for no more than this: its answer is some 100 KB. */
const MOST_TOGETHER = 500;

const API_KEYS = statement(
  `SELECT asked.n, ${OWNER_COLUMNS} FROM unnest($1::bytea[]) WITH ORDINALITY AS asked (api_key_hash, n)
   JOIN {schema}.api_keys k ON k.api_key_hash = asked.api_key_hash
   JOIN {schema}.organizations o ON o.org_id = k.org_id`,
);
const SESSIONS = statement(
  `SELECT asked.n, ${SESSION_COLUMNS} FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (org_id, session_id, n)
   JOIN {schema}.sessions s ON s.org_id = asked.org_id AND s.session_id = asked.session_id
   JOIN {schema}.users u ON u.org_id = s.org_id AND u.user_id = s.user_id`,
);

interface LookUp {
  readonly args: readonly unknown[];
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Numbered = { readonly n: number } & (ApiKeyOwner | SessionRecord);

/** Lends a connection for one statement. */
type Lend = <T>(work: (queries: Queries) => Promise<T>) => Promise<T>;

/**
 * Look-ups of one kind that share round trips: those of one turn of the event loop go together, and while they are on their way
 * the next ones gather. Each is asked after its call came, so that none is older than its call.
 */
class SharedLookUp {
  readonly #statement: Statement;
  readonly #lend: Lend;
  #gathered: LookUp[] = [];
  #isAsking = false;

  constructor(sql: Statement, lend: Lend) {
    this.#statement = sql;
    this.#lend = lend;
  }

  find(args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#gathered.push({ args, resolve, reject });
      if (!this.#isAsking) {
        this.#isAsking = true;
        setImmediate(() => void this.#ask());
      }
    });
  }

  async #ask(): Promise<void> {
    while (this.#gathered.length > 0) {
      const together = this.#gathered.splice(0, MOST_TOGETHER);
      const columns = together[0]?.args.map((_, column) => together.map(({ args }) => args[column])) ?? [];
      try {
        const found = await this.#lend((queries) => queries.all<Numbered>(this.#statement, columns));
        const byNumber = new Map(found.map(({ n, ...row }) => [n, row]));
        for (const [index, { resolve }] of together.entries()) {
          resolve(byNumber.get(index + 1) ?? null);
        }
      } catch (error) {
        for (const { reject } of together) {
          reject(error);
        }
      }
    }
    this.#isAsking = false;
  }
}

/** What every call looks up, by the name of its read. */
export function sharedLookUps(lend: Lend): Partial<Record<ReadName, SharedLookUp>> {
  return { findApiKey: new SharedLookUp(API_KEYS, lend), findSession: new SharedLookUp(SESSIONS, lend) };
}
