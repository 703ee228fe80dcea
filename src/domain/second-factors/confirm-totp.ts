import { MOST_WRONG_PASSWORDS } from '../auth/current-password.ts';
import { type LoginResult, loginResult, unsignedSession, writeSigned } from '../auth/open-session.ts';
import {
  proveSession,
  readOwnSessionParameters,
  requireLiveSession,
  type SessionInput,
  type SessionParameters,
  useOwnSession,
} from '../auth/session.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { accountNotice } from '../mail/account-notice.ts';
import { type Checked, checked } from '../parameters.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import { ownSession } from '../sessions/own-session.ts';
import { type IdentifiedTenant, refusal } from '../tenant.ts';
import { type ChallengeParameters, proveChallenge, readChallengeCall } from './challenge-call.ts';
import { readDigits } from './given-code.ts';
import { codeInvalid, refusalOfCode } from './prove-code.ts';
import type { CodeAttempt, CodeReservation, Confirmation, ConfirmationOutcome } from './storage.ts';

/** Parameters of ConfirmTotp; '' where one is missing. */
export interface ConfirmTotpInput extends SessionInput {
  readonly challenge: string;
  readonly code: string;
}

/** The same parameters, checked: of a session, or of a challenge. */
export type ConfirmTotpParameters =
  | ({ readonly by: 'session'; readonly code: string } & SessionParameters)
  | ({ readonly by: 'challenge'; readonly code: string } & ChallengeParameters);

/** A factor that logins need from now on. */
export interface ConfirmedTotp {
  /** As they are shown, once. */
  readonly recoveryCodes: readonly string[];
  /** Null of a session, and where the password must be changed before a login. */
  readonly login: LoginResult | null;
}

type Reserved = Extract<CodeReservation, { readonly outcome: 'reserved' }>;

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readConfirmTotp(
  input: ConfirmTotpInput,
  rules: Rules,
  faults: FieldViolation[] = [],
): Checked<ConfirmTotpParameters> {
  if (input.challenge === '') {
    const session = readOwnSessionParameters(input, rules, faults);
    return checked({ by: 'session', ...session, code: readDigits('code', input.code, faults) }, faults);
  }
  const challenge = readChallengeCall(input, rules, faults);
  return checked({ by: 'challenge', ...challenge, code: readDigits('code', input.code, faults) }, faults);
}

/**
 * Makes the secret that waits the user's factor, by its first code. Ends the user's other sessions and tells the user; of several at once
 * one wins. A challenge also opens the session.
 *
 * Throws CODE_INVALID, ACCOUNT_LOCKED, SECOND_FACTOR_ALREADY_ENABLED, SECOND_FACTOR_NOT_ENABLED where nothing waits any more;
 * CHALLENGE_INVALID, or SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED, ACCESS_DENIED.
 */
export async function confirmTotp(
  ports: Ports,
  parameters: Checked<ConfirmTotpParameters>,
  tenant: IdentifiedTenant | null,
  call: CallContext,
): Promise<ConfirmedTotp> {
  return parameters.by === 'challenge'
    ? confirmByChallenge(ports, parameters, tenant, call)
    : confirmBySession(ports, parameters, tenant, call);
}

async function confirmBySession(
  ports: Ports,
  { code, ...parameters }: { readonly code: string } & SessionParameters,
  tenant: IdentifiedTenant | null,
  call: CallContext,
): Promise<ConfirmedTotp> {
  const claims = await proveSession(ports, parameters, tenant);
  await useOwnSession(ports, claims, call);
  const session = { ...ownSession(claims, tenant), at: ports.clock.now() };
  const attempt = { by: 'session', session, method: 'setup', most: MOST_WRONG_PASSWORDS, isCounted: false } as const;
  const reserved = await reserve(ports, attempt, claims);
  const { codes, confirmation } = await confirmationOf(ports, reserved, code, tenant);
  const result = await ports.storage.confirmSecret({ by: 'session', session }, { ...confirmation, newSession: null });
  if (result.outcome === 'session_ended') {
    await requireLiveSession(ports, claims);
  }
  requireConfirmed(result);
  return { recoveryCodes: codes, login: null };
}

async function confirmByChallenge(
  ports: Ports,
  { code, challenge: token }: { readonly code: string } & ChallengeParameters,
  tenant: IdentifiedTenant | null,
  call: CallContext,
): Promise<ConfirmedTotp> {
  const { claim } = proveChallenge(ports, token, tenant, ['second_factor']);
  const reserved = await reserve(ports, { by: 'challenge', claim, method: 'setup' }, claim);
  const { codes, confirmation } = await confirmationOf(ports, reserved, code, tenant);
  // The factor raises the version by one, and the token of the session is to know it.
  const user = { ...reserved.user, credentialVersion: reserved.user.credentialVersion + 1 };
  const { orgId, keyId } = claim;
  const callerClass = tenant?.callerClass ?? 'no_key';
  const opening = { tenant: { orgId, keyId }, callerClass, countedAs: null, user, rehash: null, attempt: null };
  const session = unsignedSession(ports, opening, call);
  const by = { by: 'challenge', claim: { ...claim, at: session.createdAt } } as const;
  const { kid, result } = await writeSigned(ports, session, (newSession) =>
    ports.storage.confirmSecret(by, { ...confirmation, newSession }),
  );
  const creation = requireConfirmed(result);
  const isOpened = creation?.outcome === 'created';
  const login = isOpened ? loginResult(ports, user, session, { kid, issued: creation.session }) : null;
  return { recoveryCodes: codes, login };
}

async function reserve(
  { storage }: Pick<Ports, 'storage'>,
  attempt: CodeAttempt,
  subject: { readonly orgId: string; readonly userId?: string },
): Promise<Reserved> {
  const reservation = await storage.reserveCode(attempt);
  if (reservation.outcome !== 'reserved') {
    throw refusalOfCode(reservation, subject);
  }
  return reservation;
}

/** Throws CODE_INVALID unless it is a code of the secret that waits. */
async function confirmationOf(
  ports: Ports,
  { user, factor }: Reserved,
  code: string,
  tenant: IdentifiedTenant | null,
): Promise<{ readonly codes: readonly string[]; readonly confirmation: Omit<Confirmation, 'newSession'> }> {
  const { totpSecrets, loginCodes, clock } = ports;
  const { pendingSecret } = factor;
  const at = clock.now();
  const step = pendingSecret === null ? null : await totpSecrets.matchingStep(user, pendingSecret, code, at);
  if (pendingSecret === null || step === null) {
    throw codeInvalid(user);
  }
  const { codes, digests } = loginCodes.createRecoveryCodes(user);
  const notice = accountNotice(ports, user, 'second_factor_enabled', tenant?.callerClass ?? 'no_key', at);
  const { userId, credentialVersion } = user;
  const of = { userId, credentialVersion, sealedSecret: pendingSecret };
  return { codes, confirmation: { ...of, step, recoveryDigests: digests, notice } };
}

function requireConfirmed(result: ConfirmationOutcome) {
  if (result.outcome !== 'confirmed') {
    throw result.outcome === 'session_ended' ? new AuthError('SESSION_REVOKED') : refusal(result.outcome);
  }
  return result.creation;
}
