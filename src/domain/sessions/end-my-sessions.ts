import { ownSession, ownSessionRefusal } from '../auth/own-session.ts';
import {
  proveSession,
  readOwnSessionParameters,
  type SessionInput,
  type SessionParameters,
  useOwnSession,
} from '../auth/session.ts';
import type { FieldViolation } from '../errors.ts';
import { type Checked, checked, readOptionalId } from '../parameters.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';

/** Parameters of EndMySessions; '' where one is missing. */
export interface EndMySessionsInput extends SessionInput {
  readonly sessionId: string;
}

/** The same parameters, checked. */
export interface EndMySessionsParameters extends SessionParameters {
  /** The session to end; '' for all but the one that asks. */
  readonly sessionId: string;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readEndMySessions(
  input: EndMySessionsInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<EndMySessionsParameters> {
  const session = readOwnSessionParameters(input, rules, faults);
  const sessionId = readOptionalId('session_id', input.sessionId, faults);
  return checked({ ...session, sessionId }, faults);
}

/**
 * Ends one session of a session's user, or all others, those too that somebody opened in the user's place. One that is not the user's,
 * or has ended, is a success that ended none.
 *
 * Throws SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, API_KEY_INVALID, ORGANIZATION_NOT_FOUND; ACCESS_DENIED for a session that
 * somebody opened in the user's place.
 */
export async function endMySessions(
  ports: Ports,
  parameters: Checked<EndMySessionsParameters>,
  tenant: IdentifiedTenant | null,
  call: CallContext,
): Promise<{ readonly endedSessions: number }> {
  const claims = await proveSession(ports, parameters, tenant);
  const session = await useOwnSession(ports, claims, call);
  const result = await ports.storage.endMySessions({
    ...ownSession(claims, session, tenant),
    endedId: parameters.sessionId === '' ? null : parameters.sessionId,
    at: ports.clock.now(),
  });
  if (result.outcome !== 'ended') {
    throw await ownSessionRefusal(ports, claims, result.outcome);
  }
  return { endedSessions: result.endedSessions };
}
