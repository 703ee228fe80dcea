import type { CountedTries } from '../auth/tries.ts';
import type { Checked } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import type { UserRecord } from './storage.ts';
import { findUser, type UserInput } from './user.ts';

/**
 * Forgets the failed logins and wrong codes of a user, with all waits and hard locks that came of them: the next right one is let in. A try
 * that is under way stays counted until it has ended. Repeating it is a success. Throws USER_NOT_FOUND.
 */
export async function unlockUser(
  ports: Ports,
  input: Checked<UserInput>,
): Promise<{ readonly user: UserRecord; readonly opened: readonly CountedTries[] }> {
  const user = await findUser(ports, input.orgId, input.user);
  return { user, opened: await ports.storage.unlockUser(user, ports.clock.now()) };
}
