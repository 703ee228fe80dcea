import { everyRow } from '../page.ts';
import type { Storage } from '../storage.ts';
import type { UserRecord } from '../users/storage.ts';

/** What is read of both stores. */
export type ComparedStore = Pick<Storage, 'listOrganizations' | 'listApiKeys' | 'listUsers' | 'findUserCredentials'>;

/** Something that a store holds otherwise than its backup, which a restore undoes. */
export interface StoreChange {
  readonly kind: 'secret' | 'organization' | 'api_key' | 'user';
  /** Null for a secret. */
  readonly orgId: string | null;
  /** The id of the secret, organization, key or user. */
  readonly id: string;
  /** The organization's name, the key's label, the user's e-mail; a secret has its id alone. */
  readonly name: string;
  /** `made_since` is missing after the restore, `revoked_since` opens again, and so on. */
  readonly change:
    | 'made_since'
    | 'closed_since'
    | 'reopened_since'
    | 'revoked_since'
    | 'deleted_since'
    | 'disabled_since'
    | 'enabled_since'
    | 'credentials_changed_since'
    | 'replaced_since'
    | 'compromised_since';
}

/**
 * What has changed in `present` since `backup` was made of it, organization by organization. Of one that was made since,
 * neither keys nor users are named: all of them are. Reads both whole, a page at a time.
 */
export async function* changesSince(backup: ComparedStore, present: ComparedStore): AsyncGenerator<StoreChange> {
  const organizations = pairs(
    (store) =>
      everyRow(
        (page) => store.listOrganizations(page),
        ({ orgId }) => orgId,
      ),
    { backup, present, idOf: ({ orgId }) => orgId },
  );
  for await (const [before, now] of organizations) {
    if (now === null) {
      continue;
    }
    const { orgId, name } = now;
    const organization = { kind: 'organization', orgId, id: orgId, name } as const;
    if (before === null) {
      yield { ...organization, change: 'made_since' };
      continue;
    }
    if ((before.closedAt === null) !== (now.closedAt === null)) {
      yield { ...organization, change: now.closedAt === null ? 'reopened_since' : 'closed_since' };
    }
    yield* changedKeys(orgId, backup, present);
    yield* changedUsers(orgId, backup, present);
  }
}

async function* changedKeys(orgId: string, backup: ComparedStore, present: ComparedStore): AsyncGenerator<StoreChange> {
  const keys = pairs(
    (store) =>
      everyRow(
        (page) => store.listApiKeys(orgId, page),
        ({ keyId }) => keyId,
      ),
    { backup, present, idOf: ({ keyId }) => keyId },
  );
  for await (const [before, now] of keys) {
    if (now !== null && before === null) {
      yield { kind: 'api_key', orgId, id: now.keyId, name: now.label, change: 'made_since' };
    } else if (now?.revokedAt != null && before?.revokedAt === null) {
      yield { kind: 'api_key', orgId, id: now.keyId, name: now.label, change: 'revoked_since' };
    }
  }
}

async function* changedUsers(
  orgId: string,
  backup: ComparedStore,
  present: ComparedStore,
): AsyncGenerator<StoreChange> {
  const users = pairs(
    (store) =>
      everyRow(
        (page) => store.listUsers(orgId, page),
        ({ userId }) => userId,
      ),
    { backup, present, idOf: ({ userId }) => userId },
  );
  const changeOf = (user: UserRecord, change: StoreChange['change']): StoreChange => {
    return { kind: 'user', orgId, id: user.userId, name: user.email, change };
  };
  for await (const [before, now] of users) {
    if (before === null || now === null) {
      const user = now ?? before;
      if (user !== null) {
        yield changeOf(user, now === null ? 'deleted_since' : 'made_since');
      }
      continue;
    }
    if ((before.disabledAt === null) !== (now.disabledAt === null)) {
      yield changeOf(now, now.disabledAt === null ? 'enabled_since' : 'disabled_since');
    }
    const [old, recent] = await Promise.all(
      [backup, present].map((store) => store.findUserCredentials(orgId, now.userId)),
    );
    if (old?.credentialVersion !== recent?.credentialVersion) {
      yield changeOf(now, 'credentials_changed_since');
    }
  }
}

interface Compared<Row> {
  readonly backup: ComparedStore;
  readonly present: ComparedStore;
  readonly idOf: (row: Row) => string;
}

/** The rows of one list in both stores, those with one id together. Both come by (createdAt, id), which do not change. */
async function* pairs<Row extends { readonly createdAt: number }>(
  rowsOf: (store: ComparedStore) => AsyncGenerator<Row>,
  { backup, present, idOf }: Compared<Row>,
): AsyncGenerator<readonly [before: Row | null, now: Row | null]> {
  const [old, recent] = [rowsOf(backup), rowsOf(present)];
  let before = await next(old);
  let now = await next(recent);
  while (before !== null || now !== null) {
    const order = before === null ? 1 : now === null ? -1 : compare(before, now, idOf);
    yield [order > 0 ? null : before, order < 0 ? null : now];
    before = order > 0 ? before : await next(old);
    now = order < 0 ? now : await next(recent);
  }
}

async function next<Row>(rows: AsyncGenerator<Row>): Promise<Row | null> {
  const result = await rows.next();
  return result.done ? null : result.value;
}

function compare<Row extends { readonly createdAt: number }>(a: Row, b: Row, idOf: (row: Row) => string): number {
  const [idOfA, idOfB] = [idOf(a), idOf(b)];
  return a.createdAt - b.createdAt || (idOfA === idOfB ? 0 : idOfA < idOfB ? -1 : 1);
}
