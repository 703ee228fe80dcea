import {
  proveSession,
  readOwnSessionParameters,
  requireLiveSession,
  type SessionInput,
  type SessionParameters,
  useOwnSession,
} from '../auth/session.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { readOptionalPassword } from '../passwords/read-password.ts';
import type { CallContext, Ports, ProvenClaims, Rules } from '../ports.ts';
import { type IdentifiedTenant, refusal } from '../tenant.ts';
import { requireFreshProof } from './fresh-proof.ts';
import type { ProvenSession, SessionStepOutcome } from './storage.ts';

/** Parameters of a call that needs a fresh proof; '' where one is missing. */
export interface ProvenCallInput extends SessionInput {
  readonly currentPassword: string;
}

/** The same parameters, checked. */
export interface ProvenCallParameters extends SessionParameters {
  /** '' where it was not given. */
  readonly currentPassword: string;
}

/** Reads what every such call takes, and adds what is wrong to `faults`. A key or an `org_id` is needed always. */
export function readProvenCall(input: ProvenCallInput, rules: Rules, faults: FieldViolation[]): ProvenCallParameters {
  const session = readOwnSessionParameters(input, rules, faults);
  return { ...session, currentPassword: readOptionalPassword('currentPassword', input.currentPassword, faults) };
}

/** A session that was proven freshly, for one step of the store. */
export interface FreshSession {
  readonly claims: ProvenClaims;
  readonly proven: ProvenSession;
  /** The user's, of the same moment as the `credentialVersion` that the step compares: whatever raises it raises that. */
  readonly addressVersion: number;
}

/**
 * The session of a call, with a fresh proof. Throws SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, ACCESS_DENIED, and what
 * {@link requireFreshProof} throws.
 */
export async function proveFreshly(
  ports: Ports,
  parameters: ProvenCallParameters,
  tenant: IdentifiedTenant,
  call: CallContext,
): Promise<FreshSession> {
  const claims = await proveSession(ports, parameters, tenant);
  const session = await useOwnSession(ports, claims, call);
  const { currentPassword } = parameters;
  const { user, byPassword } = await requireFreshProof(
    ports,
    { session, claims, currentPassword, caller: tenant },
    call,
  );
  const proven = {
    tenant: { orgId: tenant.orgId, keyId: tenant.keyId },
    userId: user.userId,
    email: claims.email,
    sessionId: claims.sessionId,
    kid: claims.kid,
    credentialVersion: user.credentialVersion,
    isProven: byPassword,
    at: ports.clock.now(),
  };
  return { claims, proven, addressVersion: user.addressVersion };
}

/** What a fresh call would be told where a step refused this one. */
export async function refusalOfStep(
  ports: Ports,
  claims: ProvenClaims,
  { outcome }: SessionStepOutcome,
): Promise<AuthError> {
  if (outcome === 'session_ended') {
    await requireLiveSession(ports, claims);
    return new AuthError('SESSION_REVOKED');
  }
  // Whoever proved the old credentials has to prove the new ones.
  return outcome === 'credentials_changed' ? new AuthError('REAUTHENTICATION_REQUIRED') : refusal(outcome);
}
