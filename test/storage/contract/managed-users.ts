import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Storage } from '../../../src/domain/storage.ts';
import { searchPrefixes } from '../../../src/domain/users/name-words.ts';
import type { UserChange, UserPosition, UserQuery, UserRecord } from '../../../src/domain/users/storage.ts';
import {
  addedUser,
  addOrganization,
  addSession,
  addUser,
  apiKey,
  KID,
  liveSessions,
  loginAttempt,
  NOW,
  newSession,
  type Org,
  populate,
} from '../fixtures.ts';
import { freshStorage, freshStore, type StorageHarness } from './harness.ts';

const PROTECTED = ['owner'];

async function addManagementKey(storage: Storage, { orgId }: Org) {
  const key = apiKey(orgId, { kind: 'management' });
  await storage.createApiKey(key);
  return { keyId: key.keyId, protectedRoles: PROTECTED };
}

export function managedUserContract(harness: StorageHarness): void {
  describe('managed users', () => {
    test('a user is added with all that is said of them, once for an e-mail', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const { orgId } = org;
      const user = addedUser(orgId, {
        emailVerifiedAt: NOW,
        roles: ['editor', 'billing:read'],
        publicMetadata: '{"plan":"pro"}',
        privateMetadata: '{"crm":1}',
      });
      await storage.beginLogin(loginAttempt(org, user, { hidesUsers: true }));
      expect(await storage.addUser(user, null)).toBe('added');
      const { passwordHash: _, ...record } = user;
      const flags = { disabledAt: null, hasPassword: false, hasSecondFactor: false };
      expect(await storage.findUser(orgId, user.userId)).toEqual({ ...record, ...flags });
      expect(await storage.findUserCredentials(orgId, user.userId)).toMatchObject({ credentialVersion: 1 });
      expect(await storage.listLoginTries(orgId, user.email)).toEqual([]);
      expect(await storage.addUser(addedUser(orgId, { email: user.email }), null)).toBe('user_exists');
      expect(await storage.addUser(addedUser('none'), null)).toBe('organization_not_found');
    });

    test('of many additions and moves to one e-mail one wins, through two handles', async () => {
      const store = await freshStore(harness);
      const handles = [await store.open(), await store.open()] as const;
      const { org } = await populate(handles[0]);
      const { orgId } = org;
      const users = await Promise.all(Array.from({ length: 8 }, () => addUser(handles[0], org)));
      const email = 'one@example.com';
      const outcomes = await Promise.all([
        ...users.map(async ({ userId }, i) => {
          const managed = { orgId, userId, manager: null, at: NOW };
          const change = { kind: 'update', update: { email } } as const;
          return (await handles[i % 2 === 0 ? 0 : 1].manageUser(managed, change)).outcome;
        }),
        ...users.map((_, i) => handles[i % 2 === 0 ? 1 : 0].addUser(addedUser(orgId, { email }), null)),
      ]);
      expect(outcomes.filter((outcome) => outcome === 'changed' || outcome === 'added')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'user_exists')).toHaveLength(15);
    });

    test('an update changes what it names; what it changes of the credentials ends the sessions', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const { orgId } = org;
      const { userId } = user;
      const update = async (changes: Extract<UserChange, { kind: 'update' }>['update']) => {
        await addSession(storage, org, user, { credentialVersion: await version() });
        return storage.manageUser({ orgId, userId, manager: null, at: NOW + 5 }, { kind: 'update', update: changes });
      };
      const version = async () => (await storage.findUserCredentials(orgId, userId))?.credentialVersion ?? 0;
      const before = await storage.findUser(orgId, userId);
      const named = { fullname: 'Grace', publicMetadata: '{"a":1}', privateMetadata: '{}', roles: ['b', 'a'] };
      expect(await update(named)).toEqual({ outcome: 'changed', user: { ...before, ...named }, endedSessions: 0 });
      expect(await storage.findUser(orgId, userId)).toEqual({ ...before, ...named });
      expect(await update({ roles: ['a', 'c', 'b'] })).toMatchObject({ endedSessions: 0 });
      expect(await update({ roles: ['a', 'c'] })).toMatchObject({ endedSessions: 3 });
      expect(await version()).toBe(1);
      expect(await update({ emailVerified: true })).toMatchObject({
        user: { emailVerifiedAt: NOW + 5 },
        endedSessions: 0,
      });
      const moved = await update({ email: 'moved@example.com' });
      expect(moved).toMatchObject({ user: { email: 'moved@example.com', emailVerifiedAt: null }, endedSessions: 2 });
      expect(await version()).toBe(2);
      // What was mailed to take the address back is void.
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({ addressVersion: 1 });
      expect(await update({ email: 'moved@example.com' })).toMatchObject({ endedSessions: 0 });
      const proven = await update({ email: 'again@example.com', emailVerified: true });
      expect(proven).toMatchObject({ user: { emailVerifiedAt: NOW + 5 } });
      const neighbour = await addUser(storage, org);
      expect(await update({ email: neighbour.email })).toEqual({ outcome: 'user_exists' });
      const other = await addOrganization(storage);
      const stranger = { orgId: other.orgId, userId, manager: null, at: NOW };
      expect(await storage.manageUser(stranger, { kind: 'delete' })).toEqual({ outcome: 'user_not_found' });
    });

    test('every other change does what its own write does', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const { orgId } = org;
      const { userId } = user;
      const manager = await addManagementKey(storage, org);
      const change = (of: UserChange) => storage.manageUser({ orgId, userId, manager, at: NOW + 1 }, of);
      const one = await addSession(storage, org, user);
      await addSession(storage, org, user);
      const { sessionId } = one;
      expect(await change({ kind: 'end_sessions', sessionId })).toMatchObject({ endedSessions: 1 });
      expect(await change({ kind: 'end_sessions', sessionId })).toMatchObject({ endedSessions: 0 });
      expect(await change({ kind: 'end_sessions', sessionId: randomUUID() })).toMatchObject({ endedSessions: 0 });
      expect(await change({ kind: 'end_sessions', sessionId: null })).toMatchObject({ endedSessions: 1 });
      await addSession(storage, org, user);
      expect(await change({ kind: 'reset_second_factor' })).toMatchObject({ outcome: 'changed', endedSessions: 1 });
      const set = await change({ kind: 'set_password', passwordHash: 'another', mustChange: false });
      expect(set).toMatchObject({ outcome: 'changed', user: { userId, hasPassword: true } });
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({
        passwordHash: 'another',
      });
      expect(await change({ kind: 'disable' })).toMatchObject({ user: { disabledAt: NOW + 1 } });
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({ credentialVersion: 3 });
      expect(await change({ kind: 'disable' })).toMatchObject({ user: { disabledAt: NOW + 1 } });
      expect(await storage.findUserCredentials(orgId, userId)).toMatchObject({ credentialVersion: 3 });
      expect(await change({ kind: 'enable' })).toMatchObject({ user: { disabledAt: null } });
      await storage.beginLogin(loginAttempt(org, user));
      expect(await change({ kind: 'unlock' })).toMatchObject({ outcome: 'changed', user: { userId } });
      expect(await change({ kind: 'delete' })).toEqual({ outcome: 'changed', user: null, endedSessions: 0 });
      expect(await change({ kind: 'delete' })).toEqual({ outcome: 'user_not_found' });
    });

    test('U1: a management key touches nobody with a protected role, gives none, and does nothing once it is revoked', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const { orgId } = org;
      const { userId } = user;
      const manager = await addManagementKey(storage, org);
      const managed = { orgId, userId, manager, at: NOW };
      const give = { kind: 'update', update: { roles: ['editor', 'owner'] } } as const;
      expect(await storage.manageUser(managed, give)).toEqual({ outcome: 'access_denied' });
      expect(await storage.addUser(addedUser(orgId, { roles: ['owner'] }), manager)).toBe('access_denied');
      expect(await storage.manageUser({ ...managed, manager: null }, give)).toMatchObject({ outcome: 'changed' });
      const changes: readonly UserChange[] = [
        { kind: 'update', update: { fullname: 'Eve' } },
        { kind: 'set_password', passwordHash: 'x', mustChange: false },
        { kind: 'end_sessions', sessionId: null },
        ...(['disable', 'enable', 'unlock', 'delete', 'reset_second_factor'] as const).map((kind) => ({ kind })),
      ];
      const before = await storage.findUser(orgId, userId);
      for (const change of changes) {
        expect(await storage.manageUser(managed, change)).toEqual({ outcome: 'access_denied' });
      }
      const recorded = { ...managed, credentialVersion: 1 };
      expect(await storage.recordMailToken(recorded, 'invite')).toEqual({ outcome: 'access_denied' });
      const session = newSession({ orgId, keyId: manager.keyId }, user, { actor: manager.keyId });
      expect(await storage.impersonate(session, { manager, reason: 'x' })).toEqual({ outcome: 'access_denied' });
      expect(await storage.findUser(orgId, userId)).toEqual(before);
      const { keyId } = manager;
      const settings = { settings: { locale: 'de' } };
      expect(await storage.updateOrganization(orgId, settings, keyId)).toMatchObject({ orgId });
      await storage.manageUser({ ...managed, manager: null }, { kind: 'update', update: { roles: [] } });
      await storage.revokeApiKey({ orgId, keyId: manager.keyId, at: NOW, endSessions: false });
      for (const change of changes) {
        expect(await storage.manageUser(managed, change)).toEqual({ outcome: 'api_key_invalid' });
      }
      expect(await storage.addUser(addedUser(orgId), manager)).toBe('api_key_invalid');
      expect(await storage.updateOrganization(orgId, { settings: { locale: 'fr' } }, keyId)).toBe('api_key_invalid');
      expect(await storage.findOrganization(orgId)).toMatchObject({ settings: '{"locale":"de"}' });
      const closed = await addOrganization(storage);
      const ofClosed = await addManagementKey(storage, closed);
      await storage.closeOrganization(closed.orgId, NOW);
      expect(await storage.updateOrganization(closed.orgId, settings, ofClosed.keyId)).toBe('api_key_invalid');
      expect(await storage.updateOrganization(closed.orgId, settings, null)).toMatchObject({ closedAt: NOW });
      expect(await storage.recordMailToken(recorded, 'invite')).toEqual({ outcome: 'api_key_invalid' });
      expect(await storage.impersonate(session, { manager, reason: 'x' })).toEqual({ outcome: 'api_key_invalid' });
    });

    test('S4: the token of a mail is recorded only while its user is as the token says', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const { orgId } = org;
      const { userId } = user;
      const recorded = (credentialVersion: number) =>
        storage.recordMailToken({ orgId, userId, manager: null, at: NOW, credentialVersion }, 'reset_password');
      expect(await recorded(1)).toEqual({ outcome: 'recorded' });
      await storage.disableUser(orgId, userId, NOW);
      expect(await recorded(1)).toEqual({ outcome: 'credentials_changed' });
      expect(await recorded(2)).toEqual({ outcome: 'recorded' });
      await storage.deleteUser(orgId, userId, NOW);
      expect(await recorded(2)).toEqual({ outcome: 'user_not_found' });
    });

    test('U2: a session in a user’s place says so, and pushes out none of the user’s own', async () => {
      const storage = await freshStorage(harness);
      const { org, user } = await populate(storage);
      const { orgId } = org;
      const own = await addSession(storage, org, user);
      const opened = newSession({ orgId, keyId: null }, user, { actor: 'administrator', maxLiveSessions: 1 });
      const by = { manager: null, reason: 'ticket 4711' };
      expect(await storage.impersonate(opened, by)).toMatchObject({ outcome: 'created' });
      expect(await storage.findSession(orgId, opened.sessionId)).toMatchObject({ actor: 'administrator' });
      expect((await liveSessions(storage, orgId)).toSorted()).toEqual([own.sessionId, opened.sessionId].toSorted());
      expect(await storage.impersonate({ ...opened, sessionId: randomUUID(), kid: 'none' }, by)).toEqual({
        outcome: 'signing_key_retired',
      });
      await storage.disableUser(orgId, user.userId, NOW);
      const again = newSession({ orgId, keyId: null }, user, { actor: 'administrator', kid: KID });
      expect(await storage.impersonate(again, by)).toEqual({ outcome: 'user_disabled' });
    });

    test('users are found as a naive reading of all of them finds them, a page at a time', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const { orgId } = org;
      for (const user of people(orgId)) {
        await storage.addUser(user, null);
      }
      await storage.addUser(addedUser((await addOrganization(storage)).orgId, { fullname: 'Ada Lovelace' }), null);
      const all = await storage.listUsers(orgId, { limit: 1_000, after: null });
      for (const [index, user] of all.entries()) {
        if (index % 3 === 0) {
          await storage.disableUser(orgId, user.userId, NOW);
        }
      }
      const users = await storage.listUsers(orgId, { limit: 1_000, after: null });
      for (const query of queries(orgId)) {
        const expected = naively(users, query).map(({ userId }) => userId);
        const searched = await paged(query, (page) => storage.searchUsers(page));
        expect({ query, found: searched }).toEqual({ query, found: query.search === null ? null : expected });
        expect({ query, found: await paged(query, (page) => storage.walkUsers(page)) }).toEqual({
          query,
          found: expected,
        });
      }
    });

    test('a name that is changed is found by its new words alone, and a user who is gone by none', async () => {
      const storage = await freshStorage(harness);
      const { org } = await populate(storage);
      const { orgId } = org;
      const user = addedUser(orgId, { fullname: 'Grace Hopper' });
      await storage.addUser(user, null);
      const query = (text: string): UserQuery => ({ ...EVERYBODY, orgId, search: searchPrefixes(text) });
      const found = async (text: string) => (await storage.searchUsers(query(text)))?.users.length;
      expect([await found('hop'), await found('murray')]).toEqual([1, 0]);
      const managed = { orgId, userId: user.userId, manager: null, at: NOW };
      await storage.manageUser(managed, { kind: 'update', update: { fullname: 'Grace Murray' } });
      expect([await found('hop'), await found('murray')]).toEqual([0, 1]);
      await storage.deleteUser(orgId, user.userId, NOW);
      expect(await found('murray')).toBe(0);
    });
  });
}

const EVERYBODY: Omit<UserQuery, 'orgId'> = {
  order: 'created_at',
  after: null,
  limit: 1_000,
  search: null,
  role: '',
  emailVerified: null,
  disabled: null,
  createdFrom: null,
  createdUntil: null,
};

const NAMES = [
  'Ada Lovelace',
  'ada  Byron-King',
  'Adam',
  'Grace Hopper',
  'Ádám Élő',
  'ÉLODIE d’Arc',
  'Li Xiao-Long 李小龍',
  '李小龍',
  'O’Ada',
  '%_a',
  '!!!',
  'Ada',
];

function people(orgId: string) {
  return NAMES.flatMap((fullname, i) =>
    [0, 1].map((n) =>
      addedUser(orgId, {
        fullname,
        email: `${n === 0 ? 'ada' : 'zoe'}${i}.x@${i % 2 === 0 ? 'b' : 'a'}.example`,
        createdAt: NOW + Math.floor(i / 2) * 1_000,
        emailVerifiedAt: i % 4 === 0 ? NOW : null,
        roles: [['a'], ['a_b', 'b'], ['aab'], []][i % 4] ?? [],
      }),
    ),
  );
}

function queries(orgId: string): readonly UserQuery[] {
  const filters: readonly Partial<UserQuery>[] = [
    {},
    ...[
      'ada',
      'ADA',
      'a',
      'zoe1',
      'byron',
      'byron k',
      'él',
      'ÉL',
      '李',
      'ada0.x@',
      'ada@',
      '%',
      '_',
      'love lace',
      '小',
    ].map((text) => ({ search: searchPrefixes(text) })),
    ...['a', 'a_b', 'b', 'c'].map((role) => ({ role })),
    { emailVerified: true },
    { emailVerified: false, disabled: true },
    { disabled: false, search: searchPrefixes('ada') },
    { createdFrom: NOW + 1_000, createdUntil: NOW + 4_000 },
    { createdUntil: NOW + 2_000, role: 'a', search: searchPrefixes('a') },
  ];
  return filters.flatMap((filter) =>
    (['created_at', 'email'] as const).map((order) => ({ ...EVERYBODY, orgId, order, ...filter, limit: 3 })),
  );
}

/** Page after page; null where there is none. */
async function paged(
  query: UserQuery,
  list: (query: UserQuery) => ReturnType<Storage['searchUsers']>,
): Promise<readonly string[] | null> {
  const found: string[] = [];
  for (let after: UserPosition | null = null; ; ) {
    const slice: Awaited<ReturnType<typeof list>> = await list({ ...query, after });
    if (slice === null) {
      return null;
    }
    found.push(...slice.users.map(({ userId }) => userId));
    after = slice.next;
    if (after === null) {
      return found;
    }
  }
}

/** By words of its own: split at everything that is no letter, mark or digit, and lower case. */
function naively(users: readonly UserRecord[], query: UserQuery): readonly UserRecord[] {
  const { search, role, emailVerified, disabled, createdFrom, createdUntil, order } = query;
  const beginsAtAWord = (fullname: string, prefix: string) => {
    const words = fullname
      .toLowerCase()
      .split(/[^\p{L}\p{M}\p{N}]+/u)
      .filter(Boolean);
    return words.some((_, i) => `${words.slice(i).join(' ')}`.startsWith(prefix));
  };
  const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  return users
    .filter((user) => role === '' || user.roles.includes(role))
    .filter((user) => emailVerified === null || emailVerified === (user.emailVerifiedAt !== null))
    .filter((user) => disabled === null || disabled === (user.disabledAt !== null))
    .filter((user) => user.createdAt >= (createdFrom ?? 0) && user.createdAt < (createdUntil ?? Number.MAX_VALUE))
    .filter(
      ({ email, fullname }) =>
        search === null ||
        email.startsWith(search.email) ||
        (search.name !== null && beginsAtAWord(fullname, search.name)),
    )
    .toSorted((a, b) =>
      order === 'email' ? byBytes(a.email, b.email) : a.createdAt - b.createdAt || byBytes(a.userId, b.userId),
    );
}
