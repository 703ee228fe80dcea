import { readInstant } from '../audit/instant.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { type PageInput, readPage } from '../page.ts';
import { type Checked, checked, readId, readOptionalLine } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { searchPrefixes } from './name-words.ts';
import { isRole } from './roles.ts';
import type { UserPosition, UserQuery, UserRecord } from './storage.ts';

/** Parameters of ListUsers; '' where one is missing. */
export interface FindUsersInput extends PageInput {
  readonly orgId: string;
  readonly search: string;
  readonly role: string;
  readonly emailVerified: string;
  readonly disabled: string;
  readonly createdFrom: string;
  readonly createdUntil: string;
  readonly orderBy: string;
}

export interface FindUsersParameters extends Omit<UserQuery, 'limit'> {
  readonly size: number;
  /** Tells one filter from another. */
  readonly digest: string;
}

const ORDERS: readonly UserQuery['order'][] = ['created_at', 'email'];
/** The longest e-mail; names have fewer letters that count. */
const MAX_SEARCH = 254;

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readUserFilter(input: FindUsersInput, faults: FieldViolation[] = []): Checked<FindUsersParameters> {
  const orgId = readId('org_id', input.orgId, faults);
  const { size } = readPage({ ...input, pageToken: '' }, faults);
  const order = ORDERS.find((each) => each === (input.orderBy || 'created_at'));
  if (order === undefined) {
    faults.push({ field: 'order_by', message: `must be one of ${ORDERS.join(', ')}` });
  }
  const search = readOptionalLine('search', input.search, MAX_SEARCH, faults);
  if (input.role !== '' && !isRole(input.role)) {
    faults.push({ field: 'role', message: 'must be a role' });
  }
  const filter = {
    search: search === '' ? null : searchPrefixes(search),
    role: input.role,
    emailVerified: readFlag('email_verified', input.emailVerified, faults),
    disabled: readFlag('disabled', input.disabled, faults),
    createdFrom: readInstant('created_from', input.createdFrom, faults),
    createdUntil: readInstant('created_until', input.createdUntil, faults),
  };
  const digest = digestOf(JSON.stringify([orgId, order, filter]));
  const after = input.pageToken === '' ? null : parseToken(input.pageToken, digest);
  if (after === null && input.pageToken !== '') {
    faults.push({ field: 'page_token', message: 'must be a next_page_token of this list, with the same filter' });
  }
  return checked({ orgId, order: order ?? 'created_at', after, size, digest, ...filter }, faults);
}

/**
 * A page of the users that a filter leaves. It may be short, or empty, before the last one: where few of many match it looks at some
 * thousands. Throws ORGANIZATION_NOT_FOUND.
 */
export async function findUsers(
  { storage }: Pick<Ports, 'storage'>,
  { size, digest, ...filter }: Checked<FindUsersParameters>,
): Promise<{ readonly users: readonly UserRecord[]; readonly nextPageToken: string }> {
  // One more than the page holds tells whether there is a next one.
  const query = { ...filter, limit: size + 1 };
  const searched = query.search === null ? null : await storage.searchUsers(query);
  const { users, next } = searched ?? (await storage.walkUsers(query));
  if (users.length === 0 && filter.after === null && (await storage.findOrganization(filter.orgId)) === null) {
    throw new AuthError('ORGANIZATION_NOT_FOUND');
  }
  const page = users.slice(0, size);
  const last = users.length > size ? page.at(-1) : next;
  return { users: page, nextPageToken: last == null ? '' : tokenOf(last, digest) };
}

function readFlag(field: string, text: string, faults: FieldViolation[]): boolean | null {
  if (text === '') {
    return null;
  }
  if (text !== 'true' && text !== 'false') {
    faults.push({ field, message: 'must be true or false' });
  }
  return text === 'true';
}

function tokenOf({ createdAt, userId, email }: UserPosition, digest: string): string {
  const bytes = Array.from(new TextEncoder().encode(email), (byte) => byte.toString(16).padStart(2, '0'));
  return `${digest}_${createdAt.toString(36)}_${userId}_${bytes.join('')}`;
}

/** Null where it is of another list, or holds a NUL, which no e-mail does and PostgreSQL takes in no text. */
function parseToken(token: string, digest: string): UserPosition | null {
  const [, of, createdAt = '', userId = '', hex = ''] =
    /^([0-9a-z]{1,13})_([0-9a-z]{1,9})_([0-9a-f-]{36})_((?:(?!00)[0-9a-f]{2}){1,254})$/.exec(token) ?? [];
  if (of !== digest) {
    return null;
  }
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  return { createdAt: Number.parseInt(createdAt, 36), userId, email: new TextDecoder().decode(bytes) };
}

/** FNV-1a of 64 bits: it tells mistakes, and keeps nothing from anybody. */
function digestOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(36);
}
