import {
  type ProvenCallInput,
  type ProvenCallParameters,
  proveFreshly,
  readProvenCall,
  refusalOfStep,
} from '../accounts/account-session.ts';
import type { UserCredentials } from '../auth/storage.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { settingsOf } from '../organizations/settings.ts';
import type { Organization } from '../organizations/storage.ts';
import { type Checked, checked } from '../parameters.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import { type IdentifiedTenant, refusal } from '../tenant.ts';
import { methodsOf, takes } from './challenge.ts';
import { type ChallengeParameters, readChallengeCall } from './challenge-call.ts';
import type { NewTotpSecret } from './codes.ts';
import { readChallenge } from './read-challenge.ts';

/** Parameters of EnableTotp; '' where one is missing. */
export interface EnableTotpInput extends Omit<ProvenCallInput, 'code'> {
  readonly challenge: string;
}

/** The same parameters, checked: of a session, or of a challenge. */
export type EnableTotpParameters =
  | ({ readonly by: 'session' } & ProvenCallParameters)
  | ({ readonly by: 'challenge' } & ChallengeParameters);

/** A secret that is to be confirmed. */
export interface EnabledTotp extends Omit<NewTotpSecret, 'sealedSecret'> {
  /** Until when; in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** How long a secret waits to be confirmed, in milliseconds. */
const PENDING_MS = 10 * 60 * 1000;

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readEnableTotp(
  input: EnableTotpInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<EnableTotpParameters> {
  return input.challenge === ''
    ? checked({ by: 'session', ...readProvenCall({ ...input, code: '' }, rules, faults) }, faults)
    : checked({ by: 'challenge', ...readChallengeCall(input, rules, faults) }, faults);
}

/**
 * Makes a secret for an authenticator app, in the place of one that was not confirmed. Throws SECOND_FACTOR_ALREADY_ENABLED,
 * SECOND_FACTOR_NOT_ENABLED where the organization takes none; of a session what `proveFreshly` throws; CHALLENGE_INVALID.
 */
export async function enableTotp(
  ports: Ports,
  parameters: Checked<EnableTotpParameters>,
  tenant: IdentifiedTenant | null,
  call: CallContext,
): Promise<EnabledTotp> {
  return parameters.by === 'challenge'
    ? enableByChallenge(ports, parameters, tenant)
    : enableBySession(ports, parameters, tenant, call);
}

async function enableBySession(
  ports: Ports,
  parameters: ProvenCallParameters,
  tenant: IdentifiedTenant | null,
  call: CallContext,
): Promise<EnabledTotp> {
  if (tenant === null) {
    throw new AuthError('ORGANIZATION_NOT_FOUND');
  }
  const organization = await ports.storage.findOrganization(tenant.orgId);
  const { claims, proven, user } = await proveFreshly(ports, parameters, tenant, call, ({ hasSecondFactor }) => {
    if (hasSecondFactor) {
      throw new AuthError('SECOND_FACTOR_ALREADY_ENABLED');
    }
    if (organization !== null && settingsOf(organization).secondFactor === 'off') {
      throw new AuthError('SECOND_FACTOR_NOT_ENABLED', { message: 'The organization takes no second factors.' });
    }
  });
  const made = await newSecret(ports, user, organization, proven.at);
  const { outcome } = await ports.storage.putPendingSecret({ by: 'session', session: proven }, made.pending);
  if (outcome === 'pending') {
    return made.enabled;
  }
  if (outcome === 'already_enabled' || outcome === 'not_enabled' || outcome === 'challenge_invalid') {
    throw refusal(outcome);
  }
  throw await refusalOfStep(ports, claims, { outcome });
}

async function enableByChallenge(
  ports: Ports,
  { challenge: token }: ChallengeParameters,
  tenant: IdentifiedTenant | null,
): Promise<EnabledTotp> {
  const { claim, challenge, user, organization, factor } = await readChallenge(ports, token, tenant);
  if (!takes(methodsOf(challenge, user, factor, settingsOf(organization)), 'setup')) {
    throw new AuthError('CHALLENGE_INVALID');
  }
  const made = await newSecret(ports, user, organization, claim.at);
  const { outcome } = await ports.storage.putPendingSecret({ by: 'challenge', claim }, made.pending);
  if (outcome !== 'pending') {
    throw refusal(outcome);
  }
  return made.enabled;
}

async function newSecret(
  { totpSecrets }: Pick<Ports, 'totpSecrets'>,
  user: UserCredentials,
  organization: Organization | null,
  at: number,
) {
  const label = { organization: organization?.name ?? '', email: user.email };
  const { sealedSecret, ...shown } = await totpSecrets.create(user, label);
  // In whole seconds, as the reply says it.
  const until = Math.floor((at + PENDING_MS) / 1000) * 1000;
  return { enabled: { ...shown, expiresAt: until }, pending: { sealedSecret, until } };
}
