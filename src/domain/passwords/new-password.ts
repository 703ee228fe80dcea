import { AuthError } from '../errors.ts';
import type { Ports, Rules } from '../ports.ts';
import { whyGuessable } from './guessable.ts';
import { requirePolicy } from './password-policy.ts';

/** What may be known of the user of a new password when it is judged. */
export interface PasswordOwner {
  /** Normalized. */
  readonly email: string;
  readonly fullname?: string;
  readonly organization?: string;
}

/**
 * Throws PASSWORD_POLICY, saying why, unless a normalized new password meets the policy and would not be guessed among the first
 * by whoever knows this of its user.
 */
export function requireGoodPassword(password: string, rules: Rules, owner: PasswordOwner | null): void {
  requirePolicy(password, rules.passwordPolicy);
  requireUnguessable(password, rules, owner);
}

/**
 * What {@link requireGoodPassword} could not tell from the call alone: the user's name, the organization's, and the list of breached
 * passwords. Throws PASSWORD_POLICY; UNAVAILABLE where the list cannot be read: nothing was done then.
 */
export async function requireFitPassword(
  { storage, breachedPasswords, rules }: Pick<Ports, 'storage' | 'breachedPasswords' | 'rules'>,
  password: string,
  { orgId, ...owner }: PasswordOwner & { readonly orgId: string },
): Promise<void> {
  const [organization, isBreached] = await Promise.all([
    storage.findOrganization(orgId),
    breachedPasswords === null ? false : breachedPasswords.has(password),
  ]);
  requireUnguessable(password, rules, organization === null ? owner : { ...owner, organization: organization.name });
  if (isBreached) {
    throw new AuthError('PASSWORD_POLICY', {
      message: 'The password is on a list of passwords that were stolen elsewhere. Choose another.',
    });
  }
}

function requireUnguessable(password: string, { commonWords }: Rules, owner: PasswordOwner | null): void {
  const { email = '', fullname = '', organization = '' } = owner ?? {};
  const why = whyGuessable(password, { commonWords, names: [fullname, organization], email });
  if (why !== null) {
    throw new AuthError('PASSWORD_POLICY', { message: why });
  }
}
