import {
  type FreshSession,
  type ProvenCallInput,
  type ProvenCallParameters,
  proveFreshly,
  readProvenCall,
  refusalOfStep,
} from '../accounts/account-session.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { accountNotice } from '../mail/account-notice.ts';
import { type Checked, checked, isMissing } from '../parameters.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import type { FactorStepOutcome } from './storage.ts';

/** Parameters of DisableTotp and RegenerateRecoveryCodes. Throws INVALID_ARGUMENT with these faults and its own. */
export function readFactorChange(
  input: ProvenCallInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<ProvenCallParameters> {
  const proven = readProvenCall(input, rules, faults);
  isMissing('code', input.code, faults);
  return checked(proven, faults);
}

/**
 * Takes the factor off, ends the user's other sessions and tells the user. Throws SECOND_FACTOR_NOT_ENABLED, and what `proveFreshly`
 * throws.
 */
export async function disableTotp(
  ports: Ports,
  parameters: Checked<ProvenCallParameters>,
  tenant: IdentifiedTenant,
  call: CallContext,
): Promise<void> {
  const fresh = await proveFactor(ports, parameters, tenant, call);
  const { user, proven } = fresh;
  const notice = accountNotice(ports, user, 'second_factor_disabled', tenant.callerClass, proven.at);
  await requireDone(ports, fresh, await ports.storage.removeSecondFactor(proven, notice));
}

/** Gives new recovery codes, in the place of those before, and tells the user. Throws as {@link disableTotp}. */
export async function regenerateRecoveryCodes(
  ports: Ports,
  parameters: Checked<ProvenCallParameters>,
  tenant: IdentifiedTenant,
  call: CallContext,
): Promise<{ readonly recoveryCodes: readonly string[] }> {
  const fresh = await proveFactor(ports, parameters, tenant, call);
  const { user, proven } = fresh;
  const { codes, digests } = ports.loginCodes.createRecoveryCodes(user);
  const notice = accountNotice(ports, user, 'recovery_codes_replaced', tenant.callerClass, proven.at);
  await requireDone(ports, fresh, await ports.storage.replaceRecoveryCodes(proven, digests, notice));
  return { recoveryCodes: codes };
}

function proveFactor(
  ports: Ports,
  parameters: Checked<ProvenCallParameters>,
  tenant: IdentifiedTenant,
  call: CallContext,
): Promise<FreshSession> {
  return proveFreshly(ports, parameters, tenant, call, ({ hasSecondFactor }) => {
    if (!hasSecondFactor) {
      throw new AuthError('SECOND_FACTOR_NOT_ENABLED');
    }
  });
}

async function requireDone(ports: Ports, { claims }: FreshSession, { outcome }: FactorStepOutcome): Promise<void> {
  if (outcome === 'not_enabled') {
    throw new AuthError('SECOND_FACTOR_NOT_ENABLED');
  }
  if (outcome !== 'done') {
    throw await refusalOfStep(ports, claims, { outcome });
  }
}
