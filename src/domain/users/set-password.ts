import { AuthError, type FieldViolation } from '../errors.ts';
import { type Checked, checked, readId, readRequired } from '../parameters.ts';
import { requireFitPassword, requireGoodPassword } from '../passwords/new-password.ts';
import { readPassword } from '../passwords/read-password.ts';
import type { Ports, Rules } from '../ports.ts';
import type { UserRecord } from './storage.ts';
import { findUser, type UserInput } from './user.ts';

/** A password that an administrator gives a user. */
export interface SetPasswordInput extends UserInput {
  readonly newPassword: string;
  /** Whether the next login demands another; by default not. */
  readonly mustChange?: boolean;
}

/** Throws INVALID_ARGUMENT with these faults and its own; else PASSWORD_POLICY. */
export function readNewPassword(
  input: SetPasswordInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<SetPasswordInput> {
  const orgId = readId('org_id', input.orgId, faults);
  const user = readRequired('user', input.user, faults);
  const newPassword = readPassword('newPassword', input.newPassword, faults);
  const parameters = checked({ orgId, user, newPassword, mustChange: input.mustChange ?? false }, faults);
  requireGoodPassword(newPassword, rules, null);
  return parameters;
}

/**
 * Sets a user's password and ends all of their sessions. A login under way with the old one opens none. Throws USER_NOT_FOUND,
 * PASSWORD_POLICY, UNAVAILABLE, OVERLOADED.
 */
export async function setPassword(
  ports: Ports,
  { orgId, user, newPassword, mustChange = false }: Checked<SetPasswordInput>,
): Promise<{ readonly user: UserRecord; readonly endedSessions: number }> {
  const found = await findUser(ports, orgId, user);
  await requireFitPassword(ports, newPassword, found);
  const slot = await ports.passwords.acquire({ orgId, callerClass: 'private_key' }, PATIENT);
  try {
    const passwordHash = await slot.hash(newPassword);
    const { storage, clock } = ports;
    const set = await storage.setUserPassword(orgId, found.userId, passwordHash, clock.now(), mustChange);
    if (set === null) {
      throw new AuthError('USER_NOT_FOUND');
    }
    return { user: found, endedSessions: set.endedSessions };
  } finally {
    slot.release();
  }
}

/** Whoever administers waits for the end. */
const PATIENT = { isAbandoned: () => false };
