import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ApiKeyOwner } from '../../domain/organizations/storage.ts';
import type { SessionRecord } from '../../domain/sessions/storage.ts';
import { rolesOf } from '../../domain/users/roles.ts';
import type { ReadName } from '../operations.ts';
import { SESSION_ENDED_AT } from './rows/sessions.ts';
import type { Session } from './session.ts';
import { statement } from './statement.ts';

/** A round trip asks for no more than this of each kind: its answer is some 100 KB. */
const MOST_TOGETHER = 500;

/**
 * Trips at once, each on a connection of its own: while the server looks up for some calls, this process answers others. One alone
 * would have all of them wait for each other.
 */
export const LOOK_UPS_AT_ONCE = 2;

/** A row for each that is there, by its number: those of keys first, then those of sessions. Columns are shared by place. */
const LOOK_UPS = statement(
  `SELECT asked.n, k.key_id, k.org_id, k.revoked_at, o.closed_at, k.was_sealed, NULL::bigint, NULL, NULL, NULL, NULL,
     NULL::bigint, NULL, NULL::bigint
   FROM unnest($1::bytea[]) WITH ORDINALITY AS asked (api_key_hash, n)
   JOIN {schema}.api_keys k ON k.api_key_hash = asked.api_key_hash AND k.kind = 'api'
   JOIN {schema}.organizations o ON o.org_id = k.org_id
   UNION ALL
   SELECT cardinality($1::bytea[]) + asked.n, s.session_id, s.org_id, ${SESSION_ENDED_AT}, s.created_at, NULL, s.expires_at,
     s.user_id, u.email, u.fullname, u.roles, u.email_verified_at, s.actor, s.last_used_at
   FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS asked (org_id, session_id, n)
   JOIN {schema}.sessions s ON s.org_id = asked.org_id AND s.session_id = asked.session_id
   JOIN {schema}.users u ON u.org_id = s.org_id AND u.user_id = s.user_id`,
);

type Row = OwnerRow | SessionRow;
type OwnerRow = readonly [number, string, string, number | null, number | null, boolean, ...null[]];
type SessionRow = readonly [
  n: number,
  sessionId: string,
  orgId: string,
  revokedAt: number | null,
  createdAt: number,
  none: null,
  expiresAt: number,
  userId: string,
  email: string,
  fullname: string,
  roles: string,
  emailVerifiedAt: number | null,
  actor: string | null,
  lastUsedAt: number | null,
];

interface LookUp {
  readonly args: readonly unknown[];
  readonly resolve: (answer: ApiKeyOwner | SessionRecord | null) => void;
  readonly reject: (error: unknown) => void;
}

/** Lends a connection for one statement. */
type Lend = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

/** Looks up what every call asks for, by the arguments of its read. */
type Find = (args: readonly unknown[]) => Promise<ApiKeyOwner | SessionRecord | null>;

/**
 * Look-ups that share round trips, whatever their kind: a trip costs ten times what a look-up in it does. Those of one turn of the
 * event loop go together, and while {@link LOOK_UPS_AT_ONCE} trips are on their way the next ones gather. Each is asked after its call came, so that none is
 * older than its call.
 */
class SharedLookUps {
  readonly #lend: Lend;
  readonly #keys: LookUp[] = [];
  readonly #sessions: LookUp[] = [];
  #asking = 0;

  constructor(lend: Lend) {
    this.#lend = lend;
  }

  readonly findApiKey: Find = (args) => this.#gather(this.#keys, args);

  readonly findSession: Find = (args) => this.#gather(this.#sessions, args);

  #gather(gathered: LookUp[], args: readonly unknown[]): ReturnType<Find> {
    return new Promise((resolve, reject) => {
      gathered.push({ args, resolve, reject });
      if (this.#asking < LOOK_UPS_AT_ONCE && this.#keys.length + this.#sessions.length === 1) {
        this.#asking += 1;
        void this.#askAll();
      }
    });
  }

  async #askAll(): Promise<void> {
    for (;;) {
      // Calls that were answered just now look up what they need next.
      await nextTurn();
      const keys = this.#keys.splice(0, MOST_TOGETHER);
      const sessions = this.#sessions.splice(0, MOST_TOGETHER);
      if (keys.length + sessions.length === 0) {
        this.#asking -= 1;
        return;
      }
      await this.#ask(keys, sessions);
    }
  }

  async #ask(keys: readonly LookUp[], sessions: readonly LookUp[]): Promise<void> {
    const together = [...keys, ...sessions];
    const values = [column(keys, 0), column(sessions, 0), column(sessions, 1)];
    try {
      const rows = await this.#lend((session) => session.arrays<Row>(LOOK_UPS, values));
      const byNumber = new Map(rows.map((row) => [row[0], row]));
      for (const [index, { resolve }] of together.entries()) {
        const row = byNumber.get(index + 1);
        resolve(row === undefined ? null : isOwner(row) ? ownerOf(row) : sessionOf(row));
      }
    } catch (error) {
      for (const { reject } of together) {
        reject(error);
      }
    }
  }
}

function column(lookUps: readonly LookUp[], index: number): readonly unknown[] {
  return lookUps.map(({ args }) => args[index]);
}

function isOwner(row: Row): row is OwnerRow {
  return row[5] !== null;
}

function ownerOf([, keyId, orgId, revokedAt, organizationClosedAt, wasSealed]: OwnerRow): ApiKeyOwner {
  return { keyId, orgId, wasSealed, revokedAt, organizationClosedAt };
}

function sessionOf(row: SessionRow): SessionRecord {
  const [, sessionId, orgId, revokedAt, createdAt, , expiresAt, userId, email, fullname, ...rest] = row;
  const [roles, emailVerifiedAt, actor, lastUsedAt] = rest;
  return {
    sessionId,
    orgId,
    userId,
    email,
    fullname,
    roles: rolesOf(roles),
    emailVerified: emailVerifiedAt !== null,
    actor,
    createdAt,
    expiresAt,
    revokedAt,
    lastUsedAt,
  };
}

/** What every call looks up, by the name of its read. */
export function sharedLookUps(lend: Lend): Partial<Record<ReadName, Find>> {
  const { findApiKey, findSession } = new SharedLookUps(lend);
  return { findApiKey, findSession };
}
