import { expect } from 'vitest';
import type { Operation } from '../../../src/operations/operation.ts';
import {
  anyBearer,
  type Bearer,
  identifyManager,
  requireOrg,
  requireRight,
  requireUnprotected,
  requireUser,
} from './bearers.ts';
import type { Key, Org, User } from './model.ts';
import { requireGoodPassword } from './proofs.ts';
import { anyUserId, type Move, type Reply, refuseFaults, tellKey } from './step.ts';
import type { World } from './world.ts';

export interface Managed {
  readonly bearer: Bearer;
  readonly orgId: string;
  readonly about: string;
}

export interface ManagedUser extends Managed {
  readonly userId: string;
  readonly user: User | null;
}

export interface Change {
  /** Whether a parameter is at fault. */
  readonly fault?: boolean;
  /** A new one, which a policy judges. */
  readonly password?: string;
  readonly right?: 'write' | 'impersonate';
  /** Does it to a user whom the manager may change. */
  foresee(user: User, key: Key | null): (reply: Reply) => void;
}

export function anyManager(world: World): Managed & { readonly org: Org | null } {
  const orgId = world.anyOrgId(world.random.pick(world.orgs));
  const org = world.orgOf(orgId);
  const bearer = anyBearer(world, org);
  const key = world.keyOf(bearer.text);
  const by = key === null ? bearer.text.slice(0, 6) : tellKey(world, key);
  return { bearer, orgId, org, about: `${by} in ${org && world.orgs.indexOf(org)}` };
}

export function anyManaged(world: World): ManagedUser {
  const { org, ...manager } = anyManager(world);
  const { userId, user } = anyUserId(world, org);
  return { ...manager, userId, user, about: `${manager.about} of ${userId} ${user?.email}` };
}

/** What managers do with one user, in the order of its checks. */
export function change(
  operation: Operation,
  world: World,
  { bearer, orgId, userId, user, about }: ManagedUser,
  fields: object,
  { fault = false, password = '', right = 'write', foresee }: Change,
): ReturnType<Move> {
  return {
    ...{ operation, headers: bearer.headers, request: { ...fields, orgId, userId } },
    about: `${about} ${JSON.stringify(fields)}`,
    foresee() {
      const key = identifyManager(world, bearer);
      refuseFaults(fault);
      requireGoodPassword(password);
      requireRight(world, key, orgId, right);
      requireOrg(world, { orgId });
      const found = requireUser(user);
      requireUnprotected(key, found.roles);
      return foresee(found, key);
    },
  };
}

export function counted(endedSessions: number) {
  return (reply: Reply) => expect(reply).toMatchObject({ endedSessions });
}

export function told({ userId, email, fullname, roles, isVerified, isDisabled, factor }: User) {
  const secondFactor = factor !== null;
  return { userId, email, fullname, roles: [...roles], emailVerified: isVerified, isDisabled, secondFactor };
}

/** The same of a reply. */
export function seen({ userId, email, fullname, roles, emailVerified, disabledAt, secondFactor }: Reply) {
  return { userId, email, fullname, roles, emailVerified, isDisabled: disabledAt !== undefined, secondFactor };
}

export function byId<U extends { readonly userId: string }>(users: readonly U[]): readonly U[] {
  return users.toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
}
