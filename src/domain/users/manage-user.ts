import { AuthError, type ErrorReason, type FieldViolation } from '../errors.ts';
import type { KeyManager } from '../management-key.ts';
import { type Checked, checked, readId } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import type { ManagedOutcome, ManagerRefusal, UserChange, UserManager, UserRecord } from './storage.ts';

/** Names one user of an organization, by ids. */
export interface ManagedUserInput {
  readonly orgId: string;
  readonly userId: string;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readManagedUser(input: ManagedUserInput, faults: FieldViolation[] = []): Checked<ManagedUserInput> {
  return checked(readUserIds(input, faults), faults);
}

/** The ids, with what is wrong with them added to `faults`. */
export function readUserIds({ orgId, userId }: ManagedUserInput, faults: FieldViolation[]): ManagedUserInput {
  return { orgId: readId('org_id', orgId, faults), userId: readId('user_id', userId, faults) };
}

/**
 * Changes a user for a manager (null: the administrator). Throws ORGANIZATION_NOT_FOUND, API_KEY_INVALID, USER_NOT_FOUND, ACCESS_DENIED,
 * USER_EXISTS.
 */
export async function manageUser(
  { storage, clock, rules }: Ports,
  manager: KeyManager | null,
  { orgId, userId }: ManagedUserInput,
  change: UserChange,
): Promise<{ readonly user: UserRecord | null; readonly endedSessions: number }> {
  const managed = { orgId, userId, manager: managerOf(rules, manager), at: clock.now() };
  const changed = await storage.manageUser(managed, change);
  if (changed.outcome !== 'changed') {
    throw managerRefusal(changed.outcome);
  }
  return changed;
}

/** Like {@link manageUser}, of whom there is something left: who was deleted meanwhile is USER_NOT_FOUND. */
export async function changeUser(
  ...args: Parameters<typeof manageUser>
): Promise<{ readonly user: UserRecord; readonly endedSessions: number }> {
  const { user, endedSessions } = await manageUser(...args);
  if (user === null) {
    throw new AuthError('USER_NOT_FOUND');
  }
  return { user, endedSessions };
}

/** Describes one user. Throws ORGANIZATION_NOT_FOUND, USER_NOT_FOUND. */
export async function getUser(
  { storage }: Pick<Ports, 'storage'>,
  { orgId, userId }: ManagedUserInput,
): Promise<UserRecord> {
  const user = await storage.findUser(orgId, userId);
  if (user === null) {
    throw new AuthError((await storage.findOrganization(orgId)) === null ? 'ORGANIZATION_NOT_FOUND' : 'USER_NOT_FOUND');
  }
  return user;
}

/** Like {@link getUser}, for what a manager is about to change. Throws ACCESS_DENIED, too: nothing is done for who may not. */
export async function requireManageable(
  ports: Pick<Ports, 'storage' | 'rules'>,
  manager: KeyManager | null,
  named: ManagedUserInput,
): Promise<UserRecord> {
  const user = await getUser(ports, named);
  requireUnprotected(ports, manager, user.roles);
  return user;
}

/** Throws ACCESS_DENIED where a management key may not touch, or give, one of these roles. */
export function requireUnprotected(
  { rules }: Pick<Ports, 'rules'>,
  manager: KeyManager | null,
  roles: readonly string[],
): void {
  if (manager !== null && roles.some((role) => rules.protectedRoles.includes(role))) {
    throw new AuthError('ACCESS_DENIED');
  }
}

/** As the store knows a manager. */
export function managerOf({ protectedRoles }: Ports['rules'], manager: KeyManager | null): UserManager | null {
  return manager && { keyId: manager.keyId, protectedRoles };
}

const REFUSALS = {
  organization_not_found: 'ORGANIZATION_NOT_FOUND',
  api_key_invalid: 'API_KEY_INVALID',
  access_denied: 'ACCESS_DENIED',
  user_not_found: 'USER_NOT_FOUND',
  user_exists: 'USER_EXISTS',
} as const satisfies Record<Exclude<ManagedOutcome['outcome'], 'changed'>, ErrorReason>;

/** The error for what the store refused a manager. */
export function managerRefusal(outcome: ManagerRefusal | 'user_not_found' | 'user_exists'): AuthError {
  return new AuthError(REFUSALS[outcome]);
}
