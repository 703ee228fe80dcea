import type { FieldViolation } from '../errors.ts';
import { type Checked, checked } from '../parameters.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import type { SessionRecord } from '../sessions/storage.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import {
  proveSession,
  readSessionParameters,
  type SessionInput,
  type SessionLookUp,
  type SessionParameters,
  useSession,
} from './session.ts';

/** The parameters of Validate, and of Logout. Throws INVALID_ARGUMENT with these faults and its own. */
export function readSession(
  input: SessionInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<SessionParameters> {
  return checked(readSessionParameters(input, rules, faults), faults);
}

/**
 * Tells whose live session a token is. The store is asked on every call: a session that ended is refused from the
 * next call on, in every process. It expires with its token, where that was made before the session was renewed. `early`: its look-up, where that is under way since the call came.
 *
 * Throws SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
 */
export async function validate(
  ports: Ports,
  parameters: Checked<SessionParameters>,
  tenant: IdentifiedTenant | null,
  call: CallContext,
  early: SessionLookUp | null = null,
): Promise<SessionRecord> {
  const claims = await proveSession(ports, parameters, tenant);
  const session = await useSession(ports, claims, call, early);
  const expiresAt = claims.expiresAtSeconds * 1000;
  return expiresAt < session.expiresAt ? { ...session, expiresAt } : session;
}
