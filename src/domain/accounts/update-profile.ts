import { ownSession, ownSessionRefusal } from '../auth/own-session.ts';
import {
  proveSession,
  readOwnSessionParameters,
  type SessionInput,
  type SessionParameters,
  useOwnSession,
} from '../auth/session.ts';
import { MAX_FULLNAME } from '../auth/sign-up.ts';
import type { FieldViolation } from '../errors.ts';
import { type Checked, checked, readLine } from '../parameters.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import type { IdentifiedTenant } from '../tenant.ts';
import { type AccountProfile, profileOf } from './profile.ts';

/** Parameters of UpdateProfile; '' where one is missing. */
export interface UpdateProfileInput extends SessionInput {
  readonly fullname: string;
}

/** The same parameters, checked. */
export interface UpdateProfileParameters extends SessionParameters {
  readonly fullname: string;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readUpdateProfile(
  input: UpdateProfileInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<UpdateProfileParameters> {
  const session = readOwnSessionParameters(input, rules, faults);
  const fullname = readLine('fullname', input.fullname, MAX_FULLNAME, faults);
  return checked({ ...session, fullname }, faults);
}

/**
 * Changes the name of a session's user, and describes the user as Me does.
 *
 * Throws SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, API_KEY_INVALID, ORGANIZATION_NOT_FOUND; ACCESS_DENIED for a session that
 * somebody opened in the user's place.
 */
export async function updateProfile(
  ports: Ports,
  parameters: Checked<UpdateProfileParameters>,
  tenant: IdentifiedTenant | null,
  call: CallContext,
): Promise<AccountProfile> {
  const { fullname } = parameters;
  const claims = await proveSession(ports, parameters, tenant);
  const session = await useOwnSession(ports, claims, call);
  const update = { ...ownSession(claims, session, tenant), fullname, at: ports.clock.now() };
  const { outcome } = await ports.storage.updateProfile(update);
  if (outcome !== 'updated') {
    throw await ownSessionRefusal(ports, claims, outcome);
  }
  return profileOf(ports, session, claims, tenant);
}
