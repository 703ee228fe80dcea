import { type Queries, type Statement, statement } from '../statement.ts';

/**
 * Rows that a transaction keeps from others until its end, each held as it is read, or before: at READ COMMITTED a statement that waited
 * for a lock sees the row as it is then, but what it reads beside it as it was before. Always in this order, so that no two
 * transactions wait for each other: organization, API key, user, signing key, the
 * counters of failed tries by their names, budgets of mails by theirs: whoever holds one of these asks for nothing before it. A session is held by its user's row: so none is
 * counted by two that end it, of which one ends it alone and the other with all of the user.
 *
 * Where many may hold a row at once (FOR KEY SHARE), who changes what they lean on holds it alone (FOR UPDATE); what changes a
 * row by the way, such as the end of a signing key, waits for neither.
 */
export interface Holds {
  organization(orgId: string): void;
  /** Alone: of two that change a user, or end sessions of one, one goes first. */
  user(orgId: string, userId: string): void;
  /** Its user, alone. */
  session(orgId: string, sessionId: string): void;
  /** How to read rows so that they are held as they are read. */
  readonly reading: {
    organization(orgId: string): keyof Selection;
    apiKey(orgId: string): keyof Selection;
    user(orgId: string, userId: string): keyof Selection;
    signingKey(): keyof Selection;
    everySigningKey(): keyof Selection;
  };
}

/** Reads one row by its key, and holds it. */
export interface Selection {
  readonly free: Statement;
  /** Beside others who do so. */
  readonly shared: Statement;
  readonly alone: Statement;
}

export function selection(sql: string): Selection {
  return {
    free: statement(sql),
    shared: statement(`${sql} FOR KEY SHARE`),
    alone: statement(`${sql} FOR UPDATE`),
  };
}

const ORGANIZATION = selection('SELECT 1 FROM {schema}.organizations WHERE org_id = $1');
const USER = statement('SELECT 1 FROM {schema}.users WHERE org_id = $1 AND user_id = $2 FOR UPDATE');
const EVERY_SIGNING_KEY = statement('SELECT 1 FROM {schema}.signing_keys ORDER BY made_number FOR UPDATE');
const USER_OF_SESSION = statement(
  `SELECT 1 FROM {schema}.users WHERE org_id = $1
     AND user_id = (SELECT user_id FROM {schema}.sessions WHERE org_id = $1 AND session_id = $2) FOR UPDATE`,
);

/** For reads outside of transactions, which hold nothing. */
export const NO_HOLDS: Holds = {
  organization() {},
  user() {},
  session() {},
  reading: {
    organization: () => 'free',
    apiKey: () => 'free',
    user: () => 'free',
    signingKey: () => 'free',
    everySigningKey: () => 'free',
  },
};

/** The holds of one transaction. `isAlone`: whether it changes what others lean on in an organization and its keys. */
export function holdsOf(queries: Queries, isAlone: boolean): Holds {
  const held = new Set<string>();
  const heldUsers = new Set<string>();
  const strength = isAlone ? 'alone' : 'shared';
  const organization = (orgId: string) => {
    if (!held.has(orgId)) {
      held.add(orgId);
      queries.send(ORGANIZATION[strength], [orgId]);
    }
  };
  return {
    organization,
    user(orgId, userId) {
      organization(orgId);
      if (!heldUsers.has(userId)) {
        heldUsers.add(userId);
        queries.send(USER, [orgId, userId]);
      }
    },
    session(orgId, sessionId) {
      organization(orgId);
      queries.send(USER_OF_SESSION, [orgId, sessionId]);
    },
    reading: {
      organization(orgId) {
        held.add(orgId);
        return strength;
      },
      apiKey(orgId) {
        organization(orgId);
        return strength;
      },
      user(orgId, userId) {
        organization(orgId);
        heldUsers.add(userId);
        return 'alone';
      },
      signingKey: () => 'shared',
      everySigningKey() {
        queries.send(EVERY_SIGNING_KEY);
        // A key that was added while that waited is none of those that it holds.
        return 'alone';
      },
    },
  };
}
