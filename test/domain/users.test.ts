import { describe, expect, test } from 'vitest';
import { createUser, readNewUser } from '../../src/domain/users/create-user.ts';
import { findUsers, readUserFilter } from '../../src/domain/users/find-users.ts';
import { faultOfMetadataText } from '../../src/domain/users/metadata-text.ts';
import { nameWords, searchPrefixes } from '../../src/domain/users/name-words.ts';
import { faultOfRoles } from '../../src/domain/users/roles.ts';
import { CALL, NOBODY, outcomeOf, PASSWORD, rulesStand } from './rules.ts';

const stand = rulesStand();

const NEW_USER = {
  fullname: 'Grace Hopper',
  password: '',
  passwordHash: '',
  invite: false,
  emailVerified: false,
  roles: [],
  publicMetadata: '',
  privateMetadata: '',
};
const FILTER = {
  pageSize: 0,
  pageToken: '',
  search: '',
  role: '',
  emailVerified: '',
  disabled: '',
  createdFrom: '',
  createdUntil: '',
  orderBy: '',
};

const create = async (orgId: string, changes: object) =>
  createUser(
    stand.ports,
    readNewUser({ ...NEW_USER, orgId, email: stand.newEmail(), ...changes }, stand.ports.rules),
    null,
    CALL,
  );

describe('a user who is created', () => {
  test('logs in with the password that was given, or the one whose hash was', async () => {
    const tenant = await stand.newTenant();
    const given = await create(tenant.orgId, { password: PASSWORD });
    expect(given.hasPassword).toBe(true);
    expect((await stand.logIn({ ...tenant, ...given })).userId).toBe(given.userId);
    const { passwordHash } = (await stand.ports.storage.findUserCredentials(tenant.orgId, given.userId)) ?? {};
    const copied = await create(tenant.orgId, { passwordHash });
    expect((await stand.logIn({ ...tenant, ...copied })).userId).toBe(copied.userId);
  });

  test('has none where none was given, and cannot log in', async () => {
    const tenant = await stand.newTenant();
    const user = await create(tenant.orgId, {});
    expect(user.hasPassword).toBe(false);
    expect(await outcomeOf(stand.logIn({ ...tenant, ...user }))).toBe('CREDENTIALS_INVALID');
  });

  test('is mailed an invitation where one is asked for', async () => {
    const { orgId } = await stand.newTenant();
    const { userId } = await create(orgId, { invite: true });
    const mails = await stand.ports.storage.listMails(orgId, { after: null, limit: 10 });
    expect(mails).toMatchObject([{ kind: 'invite', userId }]);
  });
});

describe('metadata', () => {
  test.each([
    '',
    '{}',
    '{"a":[1,2.5,"\\u00e9",null,{"b":true}]}',
    '{"a":9007199254740991}',
    '{"a":{"b":1},"b":{"b":2}}',
  ])('may be %s', (text) => {
    expect(faultOfMetadataText(text)).toBeNull();
  });

  test.each([
    '[]',
    'null',
    '"x"',
    '{',
    '{"a":9007199254740993}',
    '{"a":-1e30}',
    '{"a":1e999}',
    '{"__proto__":1}',
    '{"a":[{"\\u005f_proto__":1}]}',
    '{"a":1,"\\u0061":2}',
    `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`,
    `{"a":"${'é'.repeat(2_048)}"}`,
  ])('may not be %s', (text) => {
    expect(faultOfMetadataText(text)).not.toBeNull();
  });
});

test('roles are at most 16, of one form, each once', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `r${i}`);
  for (const roles of [[], ['a'], ['billing:read', 'a.b_c-d', 'a'.repeat(64)], many(16)]) {
    expect(faultOfRoles(roles)).toBeNull();
  }
  for (const roles of [['A'], ['1a'], [''], ['a b'], ['é'], ['a'.repeat(65)], ['a', 'a'], many(17)]) {
    expect(faultOfRoles(roles)).not.toBeNull();
  }
});

test('a name is found by each of its words with what follows it', () => {
  expect(nameWords('Ada  King-Noel, Countess')).toEqual([
    'ada king noel countess',
    'king noel countess',
    'noel countess',
    'countess',
  ]);
  expect(nameWords('!!!')).toEqual(['']);
  expect(nameWords(Array.from({ length: 30 }, (_, i) => `w${i}`).join(' '))).toHaveLength(16);
  expect(searchPrefixes(' ADA  King')).toEqual({ email: 'ada  king', name: 'ada king' });
  expect(searchPrefixes('ada@')).toEqual({ email: 'ada@', name: null });
});

describe('a list of users', () => {
  test('is of an organization that exists, and its pages of one filter', async () => {
    const { orgId } = await stand.newTenant();
    for (let i = 0; i < 3; i += 1) {
      await create(orgId, {});
    }
    const list = async (changes: object) => findUsers(stand.ports, readUserFilter({ ...FILTER, orgId, ...changes }));
    expect(await outcomeOf(list({ orgId: NOBODY }))).toBe('ORGANIZATION_NOT_FOUND');
    const { users, nextPageToken: pageToken } = await list({ pageSize: 2 });
    expect(users).toHaveLength(2);
    expect((await list({ pageSize: 1, pageToken })).users).toHaveLength(1);
    for (const changes of [{ orderBy: 'email' }, { search: 'x' }, { role: 'a' }, { disabled: 'false' }]) {
      expect(await outcomeOf(list({ pageToken, ...changes }))).toBe('INVALID_ARGUMENT page_token');
    }
    // PostgreSQL takes no NUL in a text.
    for (const search of ['\0', 'ada\0king', 'ada\0@', 'a\u001fb']) {
      expect(await outcomeOf(list({ search }))).toBe('INVALID_ARGUMENT search');
    }
    const ofNul = pageToken.replace(/[0-9a-f]+$/, '610062');
    expect(await outcomeOf(list({ pageToken: ofNul }))).toBe('INVALID_ARGUMENT page_token');
    for (const token of ['x', `${pageToken}0`, pageToken.replace(/^./, '!'), `${'a'.repeat(2_000)}_1_`]) {
      expect(await outcomeOf(list({ pageToken: token }))).toBe('INVALID_ARGUMENT page_token');
    }
  });
});
