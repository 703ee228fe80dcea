import { ADMIN_TOKEN } from '../../support/admin-token.ts';
import { type Key, type Org, PROTECTED_ROLE, Refusal, type User } from './model.ts';
import type { Claim, World } from './world.ts';

type Right = 'read' | 'write' | 'impersonate';

/** What is shown to management. */
export interface Bearer {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Mostly the admin token, or a key of the organization that is meant; at times what opens something else. */
export function anyBearer(world: World, org: Org | null): Bearer {
  const text = anyText(world, org);
  return { text, headers: text === '' ? {} : { authorization: `Bearer ${text}` } };
}

function anyText(world: World, org: Org | null): string {
  const { random } = world;
  if (world.chance(3)) {
    return ADMIN_TOKEN;
  }
  if (world.mistake(6)) {
    const given = [world.sessionTokens.at(-1), world.mailTokens.at(-1), world.nonces.at(-1)].map(
      (each) => each?.text ?? '',
    );
    return random.pick(['', `afadm_${'B'.repeat(43)}`, `afm_${'B'.repeat(43)}`, ...given]);
  }
  const keys = (org === null || world.mistake(3) ? world.orgs : [org]).flatMap((each) => each.keys);
  const live = keys.filter(({ kind, isRevoked }) => kind !== 'api' && !isRevoked);
  return random.pick(world.mistake(4) || live.length === 0 ? keys : live).text;
}

/** Whose key it is, null for the administrator; asked before any parameter is looked at. */
export function identifyManager(world: World, { text }: Bearer): Key | null {
  if (!text.startsWith('afm_')) {
    requireAdministrator({ text });
    return null;
  }
  const key = world.keyOf(text);
  if (key === null || key.isRevoked || key.org.isClosed) {
    throw new Refusal('API_KEY_INVALID');
  }
  return key;
}

export function requireAdministrator({ text }: Pick<Bearer, 'text'>): void {
  if (text !== ADMIN_TOKEN) {
    throw new Refusal('ADMIN_TOKEN_INVALID');
  }
}

/** Whether a key may do that to an organization; asked once the parameters are read. */
export function requireRight(world: World, key: Key | null, orgId: string, right: Right): void {
  if (key === null) {
    return;
  }
  if (key.org !== world.orgOf(orgId)) {
    throw new Refusal('API_KEY_INVALID');
  }
  const mayWrite = key.kind === 'management';
  const may = { read: true, write: mayWrite, impersonate: mayWrite && key.impersonates };
  if (!may[right]) {
    throw new Refusal('ACCESS_DENIED');
  }
}

/** What there is of that id. */
export function requireOrg(world: World, { orgId }: Pick<Claim, 'orgId'>): Org {
  const org = world.orgOf(orgId);
  if (org === null) {
    throw new Refusal('ORGANIZATION_NOT_FOUND');
  }
  return org;
}

export function requireUser(user: User | null): User {
  if (user === null || user.isGone) {
    throw new Refusal('USER_NOT_FOUND');
  }
  return user;
}

/** A management key neither touches nor gives a protected role. */
export function requireUnprotected(key: Key | null, roles: readonly string[]): void {
  if (key !== null && roles.includes(PROTECTED_ROLE)) {
    throw new Refusal('ACCESS_DENIED');
  }
}
