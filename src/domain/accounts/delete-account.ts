import type { FieldViolation } from '../errors.ts';
import { type Checked, checked } from '../parameters.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import {
  type ProvenCallInput,
  type ProvenCallParameters,
  proveFreshly,
  readProvenCall,
  refusalOfStep,
} from './account-session.ts';

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readDeleteAccount(
  input: ProvenCallInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<ProvenCallParameters> {
  return checked(readProvenCall(input, rules, faults), faults);
}

/**
 * Removes the session's user and ends all sessions; the e-mail can sign up again as somebody new.
 *
 * Throws SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, CREDENTIALS_INVALID, REAUTHENTICATION_REQUIRED, OVERLOADED,
 * API_KEY_INVALID, ORGANIZATION_NOT_FOUND, DEADLINE_EXCEEDED.
 */
export async function deleteAccount(
  ports: Ports,
  parameters: Checked<ProvenCallParameters>,
  tenant: IdentifiedTenant,
  call: CallContext,
): Promise<{ readonly endedSessions: number }> {
  const { claims, proven } = await proveFreshly(ports, parameters, tenant, call);
  const result = await ports.storage.deleteAccount(proven);
  if (result.outcome !== 'deleted') {
    throw await refusalOfStep(ports, claims, result);
  }
  return { endedSessions: result.endedSessions };
}
