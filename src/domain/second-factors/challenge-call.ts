import { MAX_CLOCK_SKEW_MS } from '../clock-skew.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { readOptionalId, readRequired, requireApiKey } from '../parameters.ts';
import type { Ports, Rules } from '../ports.ts';
import type { IdentifiedTenant, TenantClaim } from '../tenant.ts';
import { CHALLENGE_MS, type ChallengeKind, type ProvenChallenge } from './challenge.ts';
import type { ChallengeClaim } from './storage.ts';

/** Parameters of a call that a challenge opens; '' where one is missing. */
export interface ChallengeInput {
  readonly challenge: string;
  readonly orgId: string;
  readonly apiKey: string;
}

/** The same parameters, checked. */
export interface ChallengeParameters extends TenantClaim {
  readonly challenge: string;
}

/** Reads what every such call takes. The challenge names the organization: a key or an `org_id` beside it is compared. */
export function readChallengeCall(
  input: ChallengeInput,
  { requiresApiKey }: Pick<Rules, 'requiresApiKey'>,
  faults: FieldViolation[],
): ChallengeParameters {
  const challenge = readRequired('challenge', input.challenge, faults);
  const orgId = readOptionalId('org_id', input.orgId, faults);
  if (requiresApiKey) {
    requireApiKey(input.apiKey, faults);
  }
  return { challenge, orgId, apiKey: input.apiKey };
}

/** A challenge as its token proves it, for a step of the store. */
export interface ProvenClaim {
  readonly challenge: ProvenChallenge;
  readonly claim: ChallengeClaim;
}

/**
 * Throws CHALLENGE_INVALID for a token that is malformed, forged, of another kind or organization, or too old. Whether the challenge
 * still counts its row tells.
 */
export function proveChallenge(
  { challengeTokens, clock }: Pick<Ports, 'challengeTokens' | 'clock'>,
  token: string,
  tenant: IdentifiedTenant | null,
  kinds: readonly ChallengeKind[],
): ProvenClaim {
  const challenge = challengeTokens.read(token);
  const at = clock.now();
  if (challenge === null || !kinds.includes(challenge.kind) || challenge.expiresAt <= at) {
    throw new AuthError('CHALLENGE_INVALID');
  }
  if (challenge.expiresAt > at + CHALLENGE_MS + MAX_CLOCK_SKEW_MS) {
    // Of a clock that was ahead; the row of a code of a mail may be younger, and tell nothing of that.
    throw new AuthError('CHALLENGE_INVALID');
  }
  const { orgId, challengeId, epoch } = challenge;
  if (tenant !== null && tenant.orgId !== orgId) {
    throw new AuthError('CHALLENGE_INVALID');
  }
  return { challenge, claim: { orgId, challengeId, epoch, keyId: tenant?.keyId ?? null, at } };
}
