import {
  proveSession,
  readOwnSessionParameters,
  requireLiveSession,
  type SessionInput,
  type SessionParameters,
  useOwnSession,
} from '../auth/session.ts';
import type { UserCredentials } from '../auth/storage.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { readOptionalPassword } from '../passwords/read-password.ts';
import type { CallContext, Ports, ProvenClaims, Rules } from '../ports.ts';
import { type GivenCode, readOptionalCode } from '../second-factors/given-code.ts';
import { ownSession } from '../sessions/own-session.ts';
import { type IdentifiedTenant, refusal } from '../tenant.ts';
import { requireFreshProof } from './fresh-proof.ts';
import type { ProvenSession, SessionStepOutcome } from './storage.ts';

/** Parameters of a call that needs a fresh proof; '' where one is missing. */
export interface ProvenCallInput extends SessionInput {
  readonly currentPassword: string;
  readonly code: string;
}

/** The same parameters, checked. */
export interface ProvenCallParameters extends SessionParameters {
  /** '' where it was not given. */
  readonly currentPassword: string;
  /** Null where none was given. */
  readonly code: GivenCode | null;
}

/** Reads what every such call takes, and adds what is wrong to `faults`. A key or an `org_id` is needed always. */
export function readProvenCall(input: ProvenCallInput, rules: Rules, faults: FieldViolation[]): ProvenCallParameters {
  const session = readOwnSessionParameters(input, rules, faults);
  const currentPassword = readOptionalPassword('currentPassword', input.currentPassword, faults);
  return { ...session, currentPassword, code: readOptionalCode('code', input.code, faults) };
}

/** A session that was proven freshly, for one step of the store. */
export interface FreshSession {
  readonly claims: ProvenClaims;
  readonly proven: ProvenSession;
  /** The user's, of the same moment as the `credentialVersion` that the step compares: whatever raises it raises that. */
  readonly addressVersion: number;
  readonly user: UserCredentials;
}

/**
 * The session of a call, with a fresh proof. Throws SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, ACCESS_DENIED, what `demand`
 * throws of the user, and what {@link requireFreshProof} throws.
 */
export async function proveFreshly(
  ports: Ports,
  parameters: ProvenCallParameters,
  tenant: IdentifiedTenant,
  call: CallContext,
  demand: (user: UserCredentials) => void = () => {},
): Promise<FreshSession> {
  const claims = await proveSession(ports, parameters, tenant);
  const session = await useOwnSession(ports, claims, call);
  const { currentPassword, code } = parameters;
  const asked = { session, claims, currentPassword, code, caller: tenant };
  const { user, byPassword, spends } = await requireFreshProof(ports, asked, call, demand);
  const proven = {
    ...ownSession(claims, tenant),
    credentialVersion: user.credentialVersion,
    isProven: byPassword,
    code: spends,
    at: ports.clock.now(),
  };
  return { claims, proven, addressVersion: user.addressVersion, user };
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
  if (outcome === 'code_invalid') {
    return new AuthError('CODE_INVALID', { subject: { orgId: claims.orgId, userId: claims.userId } });
  }
  // Whoever proved the old credentials has to prove the new ones.
  return outcome === 'credentials_changed' ? new AuthError('REAUTHENTICATION_REQUIRED') : refusal(outcome);
}
