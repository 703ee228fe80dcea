import { requireCaller } from '../call.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { type Checked, checked, readEmail, readLine, readRequired } from '../parameters.ts';
import { requireFitPassword, requireGoodPassword } from '../passwords/new-password.ts';
import { readPassword } from '../passwords/read-password.ts';
import type { CallContext, Ports, Rules } from '../ports.ts';
import { type KeyTenant, refusal, type TenantClaim } from '../tenant.ts';
import { afterSpentNonce, readNonce } from './nonce.ts';

/** Parameters of SignUp; '' where one is missing. */
export interface SignUpInput {
  readonly foobar: string;
  readonly apiKey: string;
  readonly email: string;
  readonly password: string;
  readonly fullname: string;
  readonly disclaimed: boolean;
}

/** The same parameters, checked. */
export interface SignUpParameters extends TenantClaim {
  readonly foobar: string;
  readonly email: string;
  readonly password: string;
  readonly fullname: string;
}

/** The user that was created. */
export interface SignUpResult {
  readonly userId: string;
  readonly email: string;
  readonly fullname: string;
  readonly orgId: string;
}

/** The longest `fullname`, in code points. */
export const MAX_FULLNAME = 200;

/** Throws INVALID_ARGUMENT with these faults and its own; else PASSWORD_POLICY, else DISCLAIMER_REQUIRED. */
export function readSignUp(input: SignUpInput, rules: Rules, faults: FieldViolation[] = []): Checked<SignUpParameters> {
  const foobar = readRequired('foobar', input.foobar, faults);
  const apiKey = readRequired('api_key', input.apiKey, faults);
  const email = readEmail('email', input.email, faults);
  const password = readPassword('password', input.password, faults);
  const fullname = readLine('fullname', input.fullname, MAX_FULLNAME, faults);
  const parameters = checked({ foobar, apiKey, orgId: '', email, password, fullname }, faults);
  requireGoodPassword(password, rules, { email, fullname });
  if (!input.disclaimed) {
    throw new AuthError('DISCLAIMER_REQUIRED');
  }
  return parameters;
}

/**
 * Creates a user in the key's organization. Of several sign-ups of one e-mail, or with one nonce, one wins. The
 * nonce is spent before the password is hashed, whatever comes of it then.
 *
 * Throws API_KEY_INVALID, NONCE_INVALID, NONCE_EXPIRED, PASSWORD_POLICY, OVERLOADED, NONCE_USED, USER_EXISTS, DEADLINE_EXCEEDED.
 */
export async function signUp(
  ports: Ports,
  { foobar, email, password, fullname }: Checked<SignUpParameters>,
  tenant: KeyTenant,
  call: CallContext,
): Promise<SignUpResult> {
  const { orgId, keyId } = tenant;
  const nonce = readNonce(ports, foobar, { email, orgId });
  ports.passwords.requirePlace(tenant);
  await requireFitPassword(ports, password, { orgId, email, fullname });

  const slot = await ports.passwords.acquire(tenant, call);
  try {
    const beginning = await ports.storage.beginSignUp({ orgId, keyId, email, nonce });
    if (beginning !== 'begun') {
      throw refusal(beginning);
    }
    return await afterSpentNonce(async () => {
      const passwordHash = await slot.hash(password);
      requireCaller(call);
      const createdAt = ports.clock.now();
      const userId = ports.ids.uuidV7(createdAt);
      const user = { userId, orgId, keyId, email, fullname, passwordHash, createdAt };
      const outcome = await ports.storage.createUser(user);
      if (outcome !== 'created') {
        throw refusal(outcome);
      }
      return { userId, email, fullname, orgId };
    });
  } finally {
    slot.release();
  }
}
