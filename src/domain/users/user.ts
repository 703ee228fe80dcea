import { parseEmail } from '../email.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { type PageInput, readPage, takePage } from '../page.ts';
import { readId, readRequired, refuseFaults } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import type { UserRecord } from './storage.ts';

/** Names one user, as an administrator does. */
export interface UserInput {
  readonly orgId: string;
  /** The user's id or e-mail. */
  readonly user: string;
  /** What the entrance found wrong. */
  readonly faults: readonly FieldViolation[];
}

/** Which users an administrator wants to see. */
export interface ListUsersInput extends PageInput {
  readonly orgId: string;
}

/** A page of an organization's users, oldest first. Throws INVALID_ARGUMENT. */
export async function listUsers(
  { storage }: Ports,
  input: ListUsersInput,
): Promise<{ readonly users: readonly UserRecord[]; readonly nextPageToken: string }> {
  const faults = [...input.faults];
  const orgId = readId('org_id', input.orgId, faults);
  const page = readPage(input, faults);
  refuseFaults(faults);

  const rows = await storage.listUsers(orgId, page.request);
  const { items, nextPageToken } = takePage(rows, page, (user) => user.userId);
  return { users: items, nextPageToken };
}

/** Refuses the user's logins and ends their sessions. Repeating it is a success. Throws INVALID_ARGUMENT, USER_NOT_FOUND. */
export async function disableUser(
  ports: Ports,
  input: UserInput,
): Promise<{ readonly user: UserRecord; readonly endedSessions: number }> {
  const { orgId, userId } = await readUser(ports, input);
  return found(await ports.storage.disableUser(orgId, userId, ports.clock.now()));
}

/** Lets a disabled user log in again; ended sessions stay ended. Throws INVALID_ARGUMENT, USER_NOT_FOUND. */
export async function enableUser(ports: Ports, input: UserInput): Promise<{ readonly user: UserRecord }> {
  const { orgId, userId } = await readUser(ports, input);
  return { user: found(await ports.storage.enableUser(orgId, userId)) };
}

/** Removes the user and ends their sessions; the e-mail can sign up again as somebody new. Throws INVALID_ARGUMENT, USER_NOT_FOUND. */
export async function deleteUser(
  ports: Ports,
  input: UserInput,
): Promise<{ readonly user: UserRecord; readonly endedSessions: number }> {
  const user = await readUser(ports, input);
  const { endedSessions } = found(await ports.storage.deleteUser(user.orgId, user.userId, ports.clock.now()));
  return { user, endedSessions };
}

/** The user of an id or an e-mail. Throws USER_NOT_FOUND. */
export async function findUser({ storage }: Pick<Ports, 'storage'>, orgId: string, user: string): Promise<UserRecord> {
  const email = parseEmail(user);
  return found(
    email === null ? await storage.findUser(orgId, user.toLowerCase()) : await storage.findUserByEmail(orgId, email),
  );
}

async function readUser(ports: Ports, input: UserInput): Promise<UserRecord> {
  const faults = [...input.faults];
  const orgId = readId('org_id', input.orgId, faults);
  const user = readRequired('user', input.user, faults);
  refuseFaults(faults);
  return findUser(ports, orgId, user);
}

function found<Found>(result: Found | null): Found {
  if (result === null) {
    throw new AuthError('USER_NOT_FOUND');
  }
  return result;
}
