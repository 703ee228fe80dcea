import { type Queries, statement } from '../statement.ts';

/**
 * Rows that a transaction keeps from others until its end, each held before it is read: at READ COMMITTED a statement that waited for
 * a lock sees the row as it is then, but what it reads beside it as it was before. Always in this order, so that no two
 * transactions wait for each other: organization, API key, user, signing key. A session is held by its user's row: so none is
 * counted by two that end it, of which one ends it alone and the other with all of the user.
 *
 * Where many may hold a row at once (FOR KEY SHARE), who changes what they lean on holds it alone (FOR UPDATE); what changes a
 * row by the way, such as the end of a signing key, waits for neither.
 */
export interface Holds {
  organization(orgId: string): void;
  apiKey(orgId: string, keyId: string): void;
  /** Alone: of two that change a user, or end sessions of one, one goes first. */
  user(orgId: string, userId: string): void;
  signingKey(kid: string): void;
  everySigningKey(): void;
  /** Its user, alone. */
  session(orgId: string, sessionId: string): void;
}

const ORGANIZATION = {
  shared: hold('organizations', 'org_id = $1', 'KEY SHARE'),
  alone: hold('organizations', 'org_id = $1', 'UPDATE'),
};
const API_KEY = {
  shared: hold('api_keys', 'org_id = $1 AND key_id = $2', 'KEY SHARE'),
  alone: hold('api_keys', 'org_id = $1 AND key_id = $2', 'UPDATE'),
};
const USER = hold('users', 'org_id = $1 AND user_id = $2', 'UPDATE');
const SIGNING_KEY = hold('signing_keys', 'kid = $1', 'KEY SHARE');
const EVERY_SIGNING_KEY = statement('SELECT 1 FROM {schema}.signing_keys ORDER BY made_number FOR UPDATE');
const USER_OF_SESSION = hold(
  'users',
  'org_id = $1 AND user_id = (SELECT user_id FROM {schema}.sessions WHERE org_id = $1 AND session_id = $2)',
  'UPDATE',
);

function hold(table: string, condition: string, strength: 'KEY SHARE' | 'UPDATE') {
  return statement(`SELECT 1 FROM {schema}.${table} WHERE ${condition} FOR ${strength}`);
}

/** For reads outside of transactions, which hold nothing. */
export const NO_HOLDS: Holds = {
  organization() {},
  apiKey() {},
  user() {},
  signingKey() {},
  everySigningKey() {},
  session() {},
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
    apiKey(orgId, keyId) {
      organization(orgId);
      queries.send(API_KEY[strength], [orgId, keyId]);
    },
    user(orgId, userId) {
      organization(orgId);
      if (!heldUsers.has(userId)) {
        heldUsers.add(userId);
        queries.send(USER, [orgId, userId]);
      }
    },
    signingKey: (kid) => queries.send(SIGNING_KEY, [kid]),
    everySigningKey: () => queries.send(EVERY_SIGNING_KEY),
    session(orgId, sessionId) {
      organization(orgId);
      queries.send(USER_OF_SESSION, [orgId, sessionId]);
    },
  };
}
