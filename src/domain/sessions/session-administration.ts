import type { FieldViolation } from '../errors.ts';
import { type AskedPage, type PageInput, readPage, takePage } from '../page.ts';
import { type Checked, checked, invalidArgument, readId } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { findUser, type UserInput } from '../users/user.ts';
import type { SessionRecord } from './storage.ts';

/** Which sessions an administrator wants to see: an organization's, or one user's by id or e-mail. */
export interface ListSessionsInput extends PageInput {
  readonly orgId: string;
  readonly user: string;
}

/** The same, checked. */
export interface ListSessionsParameters {
  readonly orgId: string;
  /** '' for everybody's. */
  readonly user: string;
  readonly page: AskedPage;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readSessionPage(
  input: ListSessionsInput,
  faults: FieldViolation[] = [],
): Checked<ListSessionsParameters> {
  const orgId = readId('org_id', input.orgId, faults);
  const page = readPage(input, faults);
  return checked({ orgId, user: input.user, page }, faults);
}

/** A page of sessions, ended ones included, oldest first. Throws USER_NOT_FOUND. */
export async function listSessions(
  ports: Ports,
  { orgId, user, page }: Checked<ListSessionsParameters>,
): Promise<{ readonly sessions: readonly SessionRecord[]; readonly nextPageToken: string }> {
  const userId = user === '' ? null : (await findUser(ports, orgId, user)).userId;
  const rows = await ports.storage.listSessions(orgId, userId, page.request);
  const { items, nextPageToken } = takePage(rows, page, (session) => session.sessionId);
  return { sessions: items, nextPageToken };
}

/** Names one session. */
export interface SessionInput {
  readonly orgId: string;
  readonly sessionId: string;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readSessionName(input: SessionInput, faults: FieldViolation[] = []): Checked<SessionInput> {
  const orgId = readId('org_id', input.orgId, faults);
  const sessionId = readId('session_id', input.sessionId, faults);
  return checked({ orgId, sessionId }, faults);
}

/**
 * Ends one session, whoever holds it. `endedSessions` is 0 when it had ended. Throws INVALID_ARGUMENT for an id that the
 * organization has no session of.
 */
export async function revokeSession(
  ports: Ports,
  { orgId, sessionId }: Checked<SessionInput>,
): Promise<{ readonly endedSessions: number }> {
  const session = await ports.storage.findSession(orgId, sessionId);
  if (session === null) {
    throw invalidArgument([{ field: 'session_id', message: 'names no session of the organization' }]);
  }
  const outcome = await ports.storage.endSession(session, ports.clock.now());
  return { endedSessions: outcome === 'ended' ? 1 : 0 };
}

/** Ends every live session of a user. Throws USER_NOT_FOUND. */
export async function revokeUserSessions(
  ports: Ports,
  { orgId, user }: Checked<UserInput>,
): Promise<{ readonly endedSessions: number }> {
  const { userId } = await findUser(ports, orgId, user);
  return { endedSessions: await ports.storage.endUserSessions(orgId, userId, ports.clock.now()) };
}
