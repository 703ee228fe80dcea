import { parseEmail } from '../email.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { type AskedPage, type PageInput, readPage, takePage } from '../page.ts';
import { type Checked, checked, readId, readRequired } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import type { UserRecord } from './storage.ts';

/** Names one user, as an administrator does. */
export interface UserInput {
  readonly orgId: string;
  /** The user's id or e-mail. */
  readonly user: string;
}

/** Which users an administrator wants to see. */
export interface ListUsersInput extends PageInput {
  readonly orgId: string;
}

/** Which page of whose users. */
export interface ListUsersParameters {
  readonly orgId: string;
  readonly page: AskedPage;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readUserPage(input: ListUsersInput, faults: FieldViolation[] = []): Checked<ListUsersParameters> {
  const orgId = readId('org_id', input.orgId, faults);
  const page = readPage(input, faults);
  return checked({ orgId, page }, faults);
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readUser(input: UserInput, faults: FieldViolation[] = []): Checked<UserInput> {
  const orgId = readId('org_id', input.orgId, faults);
  const user = readRequired('user', input.user, faults);
  return checked({ orgId, user }, faults);
}

/** A page of an organization's users, oldest first. */
export async function listUsers(
  { storage }: Ports,
  { orgId, page }: Checked<ListUsersParameters>,
): Promise<{ readonly users: readonly UserRecord[]; readonly nextPageToken: string }> {
  const rows = await storage.listUsers(orgId, page.request);
  const { items, nextPageToken } = takePage(rows, page, (user) => user.userId);
  return { users: items, nextPageToken };
}

/** Refuses the user's logins and ends their sessions. Repeating it is a success. Throws USER_NOT_FOUND. */
export async function disableUser(
  ports: Ports,
  input: Checked<UserInput>,
): Promise<{ readonly user: UserRecord; readonly endedSessions: number }> {
  const { orgId, userId } = await findUser(ports, input.orgId, input.user);
  return found(await ports.storage.disableUser(orgId, userId, ports.clock.now()));
}

/** Lets a disabled user log in again; ended sessions stay ended. Throws USER_NOT_FOUND. */
export async function enableUser(ports: Ports, input: Checked<UserInput>): Promise<{ readonly user: UserRecord }> {
  const { orgId, userId } = await findUser(ports, input.orgId, input.user);
  return { user: found(await ports.storage.enableUser(orgId, userId)) };
}

/** Removes the user and ends their sessions; the e-mail can sign up again as somebody new. Throws USER_NOT_FOUND. */
export async function deleteUser(
  ports: Ports,
  input: Checked<UserInput>,
): Promise<{ readonly user: UserRecord; readonly endedSessions: number }> {
  const user = await findUser(ports, input.orgId, input.user);
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

function found<Found>(result: Found | null): Found {
  if (result === null) {
    throw new AuthError('USER_NOT_FOUND');
  }
  return result;
}
