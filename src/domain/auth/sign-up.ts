import { requireCaller } from '../call.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import { readEmail, readLine, readRequired, refuseFaults } from '../parameters.ts';
import { readPassword, requirePolicy } from '../password-policy.ts';
import type { CallContext, Ports } from '../ports.ts';
import { refusal, requireIdentifiedTenant } from '../tenant.ts';
import { behindSpentNonce, readNonce } from './nonce.ts';

/** Parameters of SignUp; '' where one is missing. */
export interface SignUpInput {
  readonly foobar: string;
  readonly apiKey: string;
  readonly email: string;
  readonly password: string;
  readonly fullname: string;
  readonly disclaimed: boolean;
  /** What the entrance found wrong. */
  readonly faults: readonly FieldViolation[];
}

/** The user that was created. */
export interface SignUpResult {
  readonly userId: string;
  readonly email: string;
  readonly fullname: string;
  readonly orgId: string;
}

/** The longest `fullname`, in code points. */
const MAX_FULLNAME = 200;

/**
 * Creates a user in the key's organization. Of several sign-ups of one e-mail, or with one nonce, one wins. The
 * nonce is spent before the password is hashed, whatever comes of it then.
 *
 * Throws INVALID_ARGUMENT, PASSWORD_POLICY, DISCLAIMER_REQUIRED, API_KEY_INVALID, NONCE_INVALID, NONCE_EXPIRED,
 * OVERLOADED, NONCE_USED, USER_EXISTS, DEADLINE_EXCEEDED.
 */
export async function signUp(ports: Ports, input: SignUpInput, call: CallContext): Promise<SignUpResult> {
  const faults = [...input.faults];
  const foobar = readRequired('foobar', input.foobar, faults);
  const apiKey = readRequired('api_key', input.apiKey, faults);
  const email = readEmail('email', input.email, faults);
  const password = readPassword('password', input.password, faults);
  const fullname = readLine('fullname', input.fullname, MAX_FULLNAME, faults);
  refuseFaults(faults);
  requirePolicy(password);
  if (!input.disclaimed) {
    throw new AuthError('DISCLAIMER_REQUIRED');
  }

  const tenant = await requireIdentifiedTenant(ports, { apiKey, orgId: '' });
  const { orgId, keyId } = tenant;
  if (keyId === null) {
    throw new AuthError('API_KEY_INVALID');
  }

  const nonce = readNonce(ports, foobar, { email, orgId });

  const slot = await ports.passwords.acquire(tenant, call);
  try {
    const beginning = await ports.storage.beginSignUp({ orgId, keyId, email, nonce });
    if (beginning !== 'begun') {
      throw refusal(beginning);
    }
    return await behindSpentNonce(async () => {
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
