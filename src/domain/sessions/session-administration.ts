import type { FieldViolation } from '../errors.ts';
import { type PageInput, readPage, takePage } from '../page.ts';
import { invalidArgument, readId, refuseFaults } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { findUser } from '../users/user.ts';
import type { SessionRecord } from './storage.ts';

/** Which sessions an administrator wants to see: an organization's, or one user's by id or e-mail. */
export interface ListSessionsInput extends PageInput {
  readonly orgId: string;
  readonly user: string;
}

/** A page of sessions, ended ones included, oldest first. Throws INVALID_ARGUMENT, USER_NOT_FOUND. */
export async function listSessions(
  ports: Ports,
  input: ListSessionsInput,
): Promise<{ readonly sessions: readonly SessionRecord[]; readonly nextPageToken: string }> {
  const faults = [...input.faults];
  const orgId = readId('org_id', input.orgId, faults);
  const page = readPage(input, faults);
  refuseFaults(faults);

  const userId = input.user === '' ? null : (await findUser(ports, orgId, input.user)).userId;
  const rows = await ports.storage.listSessions(orgId, userId, page.request);
  const { items, nextPageToken } = takePage(rows, page, (session) => session.sessionId);
  return { sessions: items, nextPageToken };
}

/**
 * Ends one session, whoever holds it. `endedSessions` is 0 when it had ended. Throws INVALID_ARGUMENT, for an id that the
 * organization has no session of too.
 */
export async function revokeSession(
  ports: Ports,
  input: { readonly orgId: string; readonly sessionId: string; readonly faults: readonly FieldViolation[] },
): Promise<{ readonly endedSessions: number }> {
  const faults = [...input.faults];
  const orgId = readId('org_id', input.orgId, faults);
  const sessionId = readId('session_id', input.sessionId, faults);
  refuseFaults(faults);

  const session = await ports.storage.findSession(orgId, sessionId);
  if (session === null) {
    throw invalidArgument([{ field: 'session_id', message: 'names no session of the organization' }]);
  }
  const outcome = await ports.storage.endSession(session, ports.clock.now());
  return { endedSessions: outcome === 'ended' ? 1 : 0 };
}

/** Ends every live session of a user. Throws INVALID_ARGUMENT, USER_NOT_FOUND. */
export async function revokeUserSessions(
  ports: Ports,
  input: { readonly orgId: string; readonly user: string; readonly faults: readonly FieldViolation[] },
): Promise<{ readonly endedSessions: number }> {
  const faults = [...input.faults];
  const orgId = readId('org_id', input.orgId, faults);
  refuseFaults(faults);

  const { userId } = await findUser(ports, orgId, input.user);
  return { endedSessions: await ports.storage.endUserSessions(orgId, userId, ports.clock.now()) };
}
