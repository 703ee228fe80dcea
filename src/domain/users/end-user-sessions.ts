import type { FieldViolation } from '../errors.ts';
import type { KeyManager } from '../management-key.ts';
import { type Checked, checked, readOptionalId } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { type ManagedUserInput, manageUser, readUserIds } from './manage-user.ts';

/** Parameters of EndUserSessions; `sessionId` is '' for all. */
export interface EndUserSessionsInput extends ManagedUserInput {
  readonly sessionId: string;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readSessionsEnding(
  input: EndUserSessionsInput,
  faults: FieldViolation[] = [],
): Checked<EndUserSessionsInput> {
  const ids = readUserIds(input, faults);
  const sessionId = readOptionalId('session_id', input.sessionId, faults);
  return checked({ ...ids, sessionId }, faults);
}

/** Ends one session of a user, or all. One that has ended, or is none of the user's, is a success that ends none. */
export async function endUserSessions(
  ports: Ports,
  { sessionId, ...named }: Checked<EndUserSessionsInput>,
  manager: KeyManager | null,
): Promise<{ readonly endedSessions: number }> {
  const change = { kind: 'end_sessions', sessionId: sessionId || null } as const;
  return manageUser(ports, manager, named, change);
}
