import {
  proveSession,
  readSessionAlone,
  type SessionInput,
  type SessionLookUp,
  type SessionParameters,
  useSession,
} from '../auth/session.ts';
import type { FieldViolation } from '../errors.ts';
import { type Checked, checked } from '../parameters.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import { type AccountProfile, profileOf } from './profile.ts';

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readMe(input: SessionInput, rules: Rules, faults: FieldViolation[] = []): Checked<SessionParameters> {
  return checked(readSessionAlone(input, rules, faults), faults);
}

/**
 * Describes the user of a live session, as stored and not as claimed. `early`: the look-up of the session, where that is under way since
 * the call came.
 *
 * Throws SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED.
 */
export async function me(
  ports: Ports,
  parameters: Checked<SessionParameters>,
  tenant: IdentifiedTenant | null,
  call: CallContext,
  early: SessionLookUp | null = null,
): Promise<AccountProfile> {
  const claims = await proveSession(ports, parameters, tenant);
  return profileOf(ports, await useSession(ports, claims, call, early), claims, tenant);
}
