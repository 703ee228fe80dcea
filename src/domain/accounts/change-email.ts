import type { FieldViolation } from '../errors.ts';
import { type Checked, checked, readEmail } from '../parameters.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import {
  type ProvenCallInput,
  type ProvenCallParameters,
  proveFreshly,
  readProvenCall,
  refusalOfStep,
} from './account-session.ts';

/** Parameters of ChangeEmail; '' where one is missing. */
export interface ChangeEmailInput extends ProvenCallInput {
  readonly newEmail: string;
}

/** The same parameters, checked. */
export interface ChangeEmailParameters extends ProvenCallParameters {
  readonly newEmail: string;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readChangeEmail(
  input: ChangeEmailInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<ChangeEmailParameters> {
  const session = readProvenCall(input, rules, faults);
  const newEmail = readEmail('newEmail', input.newEmail, faults);
  if (newEmail !== '' && newEmail === session.email) {
    faults.push({ field: 'newEmail', message: 'must be another address' });
  }
  return checked({ ...session, newEmail }, faults);
}

/**
 * Mails a token to the new address, and to the present one a warning with a way back. Nothing changes until the token is used.
 * Nobody looks whose the new address is, so that a call tells and costs the same for every one.
 *
 * Throws SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, CREDENTIALS_INVALID, REAUTHENTICATION_REQUIRED, OVERLOADED,
 * API_KEY_INVALID, ORGANIZATION_NOT_FOUND, DEADLINE_EXCEEDED.
 */
export async function changeEmail(
  ports: Ports,
  parameters: Checked<ChangeEmailParameters>,
  tenant: IdentifiedTenant,
  call: CallContext,
): Promise<void> {
  const { email, newEmail } = parameters;
  const { claims, proven, addressVersion } = await proveFreshly(ports, parameters, tenant, call);
  const { orgId } = tenant;
  const { userId, credentialVersion, at } = proven;
  const of = { orgId, userId, newEmail };
  const seal = (mail: Parameters<typeof ports.mails.seal>[0]) => ports.mails.seal(mail, tenant.callerClass, at);
  const result = await ports.storage.requestEmailChange({
    ...proven,
    // A change that was asked for before other credentials must not be made after them.
    mail: seal({ ...of, kind: 'change_email', to: newEmail, credentialVersion }),
    warning: seal({ ...of, kind: 'email_change_warning', to: email, credentialVersion: null, addressVersion }),
  });
  if (result.outcome !== 'requested') {
    throw await refusalOfStep(ports, claims, result);
  }
}
