import { AuthError, type FieldViolation } from '../errors.ts';
import type { RequestedChallenge, RequestedMailKind } from '../mail/mail.ts';
import { requestMail } from '../mail/request-mail.ts';
import { type Checked, checked, readEmail, requireApiKey } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import type { KeyTenant, TenantClaim } from '../tenant.ts';

/** Parameters of a call that asks for a mail to an address; '' where one is missing. */
export interface AskForMailInput {
  readonly email: string;
  readonly apiKey: string;
}

/** The same parameters, checked. */
export interface AskForMailParameters extends TenantClaim {
  readonly email: string;
}

/** Requests that wait are answered within seconds, and make room for others. */
const ROOM_WITHIN_MS = 5_000;

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readAskForMail(input: AskForMailInput, faults: FieldViolation[] = []): Checked<AskForMailParameters> {
  const email = readEmail('email', input.email, faults);
  requireApiKey(input.apiKey, faults);
  return checked({ email, apiKey: input.apiKey, orgId: '' }, faults);
}

/**
 * Keeps that somebody asked for a mail to an address, whoever has it: nobody is looked up, and nothing is hashed, so that a call
 * costs and tells the same for every address (docs/security.md, M2). Throws RATE_LIMITED with a wait where too many requests of the
 * caller's class wait.
 */
export async function askForMail(
  ports: Ports,
  kind: RequestedMailKind,
  { email }: Checked<AskForMailParameters>,
  { orgId, callerClass }: KeyTenant,
  challenge?: RequestedChallenge,
): Promise<void> {
  const request = { kind, orgId, email, callerClass, ...(challenge === undefined ? {} : { challenge }) };
  if ((await requestMail(ports, request)) === 'too_many') {
    throw new AuthError('RATE_LIMITED', { retryAfterMs: ROOM_WITHIN_MS });
  }
}
