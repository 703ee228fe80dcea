import { nameWords, searchPrefixes } from '../../src/domain/users/name-words.ts';
import { lookedAt, MOST_SEARCHED, type UserQuery, type UserSlice } from '../../src/domain/users/storage.ts';
import type { Rows } from '../../src/storage/rows.ts';
import { NOW } from './fixtures.ts';

/** The organization that has most of the users. */
export const LARGE_ORG = 'org-0';
const ORGANIZATIONS = 10;
const USERS = 40_000;
/** Of so many users one is of another organization, and of so many one has a role. */
const OTHERS_EVERY = 5;
const OWNER_EVERY = 1_000;
const GIVEN = ['Ada', 'Bela', 'Carla', 'Dora', 'Edda', 'Fjodor', 'Gerd'];

/** A row of `users`, with the words that its name is found by. */
export interface ListedUser {
  readonly orgId: string;
  readonly userId: string;
  readonly email: string;
  readonly fullname: string;
  readonly createdAt: number;
  readonly verifiedAt: number | null;
  readonly roles: string;
  readonly words: readonly string[];
}

export const ORG_IDS = Array.from({ length: ORGANIZATIONS }, (_, index) => `org-${index}`);

/** A large organization's users among those of others, as one store has them. */
export const LISTED_USERS: readonly ListedUser[] = Array.from({ length: USERS }, (_, index) => {
  const fullname = `${GIVEN[index % GIVEN.length]} Family${index % 4_001}`;
  return {
    orgId: index % OTHERS_EVERY === 0 ? `org-${(index / OTHERS_EVERY) % ORGANIZATIONS}` : LARGE_ORG,
    userId: `user-${String((index * 7_919) % USERS).padStart(6, '0')}`,
    email: `mail-${index}@example.com`,
    fullname,
    createdAt: NOW + index * 1_000,
    verifiedAt: index % 3 === 0 ? NOW : null,
    roles: index % OWNER_EVERY === 1 ? 'editor owner' : index % 2 === 0 ? 'editor' : '',
    words: nameWords(fullname),
  };
});

const EVERYBODY: UserQuery = {
  orgId: LARGE_ORG,
  order: 'created_at',
  after: null,
  limit: 51,
  search: null,
  role: '',
  emailVerified: null,
  disabled: null,
  createdFrom: null,
  createdUntil: null,
};
const MIDDLE = { userId: 'user-000000', email: 'mail-20000@example.com', createdAt: NOW + 20_000_000 };
const FILTERS: readonly (readonly [what: string, filter: Partial<UserQuery>])[] = [
  ['everybody', {}],
  ['a large page', { limit: 201 }],
  ['a later page', { after: MIDDLE }],
  ['a role that few have', { role: 'owner' }],
  ['an address that is proven', { emailVerified: true }],
  ['nobody, as none is disabled', { disabled: true }],
  ['an hour', { createdFrom: NOW + 10_000_000, createdUntil: NOW + 13_600_000 }],
  ['an address', { search: searchPrefixes('mail-12345@example.com') }],
  ['how addresses begin', { search: searchPrefixes('mail-123') }],
  ['how all addresses begin', { search: searchPrefixes('mail') }],
  ['a name', { search: searchPrefixes('Ada Family123') }],
  ['a family name, and a role', { search: searchPrefixes('family12'), role: 'editor' }],
  ['how many names begin', { search: searchPrefixes('ad') }],
  [
    'how many names begin, and a role that few have, later',
    { search: searchPrefixes('ad'), role: 'owner', after: MIDDLE },
  ],
  ['what nobody is called', { search: searchPrefixes('nobody') }],
];

/** What ListUsers can be asked, in both orders. */
export const USER_QUERIES: readonly (readonly [what: string, query: UserQuery])[] = FILTERS.flatMap(([what, filter]) =>
  (['created_at', 'email'] as const).map(
    (order) => [`${what}, by ${order}`, { ...EVERYBODY, ...filter, order }] as const,
  ),
);

/** Asks the rows of an engine as ListUsers does. */
export async function listAsAsked(users: Pick<Rows['users'], 'search' | 'walk'>, query: UserQuery): Promise<UserSlice> {
  const searched = query.search === null ? null : await users.search(query, MOST_SEARCHED);
  return searched ?? (await users.walk(query, lookedAt(query)));
}

/** Whom a query finds, by a look at everybody: the first of them, up to its limit. */
export function expectedUsers(query: UserQuery): readonly string[] {
  const { orgId, order, after, search, role, emailVerified, disabled, createdFrom, createdUntil } = query;
  const key = ({ createdAt, userId, email }: { createdAt: number; userId: string; email: string }) =>
    order === 'email' ? email : `${createdAt} ${userId}`;
  return LISTED_USERS.filter(
    (user) =>
      user.orgId === orgId &&
      (after === null || key(user) > key(after)) &&
      (role === '' || user.roles.split(' ').includes(role)) &&
      (emailVerified === null || (user.verifiedAt !== null) === emailVerified) &&
      disabled !== true &&
      (createdFrom === null || user.createdAt >= createdFrom) &&
      (createdUntil === null || user.createdAt < createdUntil) &&
      (search === null ||
        user.email.startsWith(search.email) ||
        (search.name !== null && user.words.some((word) => word.startsWith(search.name ?? '')))),
  )
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
    .slice(0, query.limit)
    .map(({ userId }) => userId);
}
