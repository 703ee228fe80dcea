import { refuseFaults } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { proveSession, readSessionParameters, requireLiveSession, type SessionInput } from './session.ts';

/** A live session, as stored. */
export interface ValidateResult {
  readonly email: string;
  readonly fullname: string;
  readonly orgId: string;
  readonly userId: string;
  readonly sessionId: string;
  /** Milliseconds since 1970, in whole seconds. */
  readonly expiresAt: number;
}

/**
 * Tells whose live session a token is. The store is asked on every call: a session that ended is refused from the
 * next call on, in every process.
 *
 * Throws INVALID_ARGUMENT, API_KEY_INVALID, ORGANIZATION_NOT_FOUND, SESSION_INVALID, SESSION_EXPIRED,
 * SESSION_REVOKED.
 */
export async function validate(ports: Ports, input: SessionInput): Promise<ValidateResult> {
  const faults = [...input.faults];
  const parameters = readSessionParameters(ports, input, faults);
  refuseFaults(faults);

  const { claims } = await proveSession(ports, parameters);

  const { email, fullname, orgId, userId, sessionId, expiresAt } = await requireLiveSession(ports, claims);
  return { email, fullname, orgId, userId, sessionId, expiresAt };
}
