import type { FieldViolation } from '../errors.ts';
import { type AskedPage, type PageInput, readPage, takePage } from '../page.ts';
import { type Checked, checked } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { getUser, type ManagedUserInput, readUserIds } from './manage-user.ts';

/** Which page of whose sessions. */
export interface ListUserSessionsParameters extends ManagedUserInput {
  readonly page: AskedPage;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readUserSessionPage(
  input: ManagedUserInput & PageInput,
  faults: FieldViolation[] = [],
): Checked<ListUserSessionsParameters> {
  const ids = readUserIds(input, faults);
  return checked({ ...ids, page: readPage(input, faults) }, faults);
}

/** A page of a user's sessions, ended ones included while they are kept, oldest first. Throws ORGANIZATION_NOT_FOUND, USER_NOT_FOUND. */
export async function listUserSessions(
  { storage }: Pick<Ports, 'storage'>,
  { orgId, userId, page }: Checked<ListUserSessionsParameters>,
) {
  await getUser({ storage }, { orgId, userId });
  const rows = await storage.listSessions(orgId, userId, page.request);
  const { items, nextPageToken } = takePage(rows, page, (session) => session.sessionId);
  return { sessions: items, nextPageToken };
}
