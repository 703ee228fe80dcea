import type { FieldViolation } from '../errors.ts';
import type { KeyManager } from '../management-key.ts';
import { type Checked, checked } from '../parameters.ts';
import { requireFitPassword, requireGoodPassword } from '../passwords/new-password.ts';
import { readPassword } from '../passwords/read-password.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import { changeUser, type ManagedUserInput, readUserIds, requireManageable } from './manage-user.ts';
import type { UserRecord } from './storage.ts';

/** Parameters of SetPassword. */
export interface GivePasswordInput extends ManagedUserInput {
  readonly newPassword: string;
  readonly mustChange: boolean;
}

/** Throws INVALID_ARGUMENT with these faults and its own; else PASSWORD_POLICY. */
export function readGivenPassword(
  input: GivePasswordInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<GivePasswordInput> {
  const ids = readUserIds(input, faults);
  const newPassword = readPassword('newPassword', input.newPassword, faults);
  const parameters = checked({ ...ids, newPassword, mustChange: input.mustChange }, faults);
  requireGoodPassword(newPassword, rules, null);
  return parameters;
}

/**
 * Sets a user's password for a manager and ends all of their sessions; a login under way with the old one opens none. `mustChange`: the
 * next login demands another. Throws as
 * `manageUser` does, and PASSWORD_POLICY, UNAVAILABLE, OVERLOADED, DEADLINE_EXCEEDED.
 */
export async function givePassword(
  ports: Ports,
  { newPassword, mustChange, ...named }: Checked<GivePasswordInput>,
  manager: KeyManager | null,
  call: CallContext,
): Promise<{ readonly user: UserRecord; readonly endedSessions: number }> {
  const user = await requireManageable(ports, manager, named);
  await requireFitPassword(ports, newPassword, user);
  const slot = await ports.passwords.acquire({ orgId: named.orgId, callerClass: 'private_key' }, call);
  try {
    const passwordHash = await slot.hash(newPassword);
    return await changeUser(ports, manager, named, { kind: 'set_password', passwordHash, mustChange });
  } finally {
    slot.release();
  }
}
