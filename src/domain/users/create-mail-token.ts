import type { MailTokenKind, SignedMailToken } from '../accounts/mail-token.ts';
import { AuthError, type FieldViolation } from '../errors.ts';
import type { KeyManager } from '../management-key.ts';
import { type Checked, checked, readEmail } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { type ManagedUserInput, managerOf, managerRefusal, readUserIds } from './manage-user.ts';

/** Parameters of CreateMailToken. */
export interface CreateMailTokenInput extends ManagedUserInput {
  readonly kind: string;
  readonly newEmail: string;
}

export interface CreateMailTokenParameters extends ManagedUserInput {
  readonly kind: MailTokenKind;
  /** Normalized; '' for every kind but `change_email`. */
  readonly newEmail: string;
}

/** Kinds as the wire names them. */
const KINDS = {
  verify: 'verify_email',
  reset: 'reset_password',
  change_email: 'change_email',
  invite: 'invite',
} as const satisfies Readonly<Record<string, MailTokenKind>>;

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readMailTokenRequest(
  input: CreateMailTokenInput,
  faults: FieldViolation[] = [],
): Checked<CreateMailTokenParameters> {
  const ids = readUserIds(input, faults);
  const kind = Object.hasOwn(KINDS, input.kind) ? KINDS[input.kind as keyof typeof KINDS] : null;
  if (kind === null && !faults.some(({ field }) => field === 'kind')) {
    const message = input.kind === '' ? 'is required' : `must be one of ${Object.keys(KINDS).join(', ')}`;
    faults.push({ field: 'kind', message });
  }
  const newEmail = kind === 'change_email' ? readEmail('newEmail', input.newEmail, faults) : '';
  return checked({ ...ids, kind: kind ?? 'verify_email', newEmail }, faults);
}

/**
 * The token that a mail of that kind would hold, for who sends mails of their own. Every one is in the audit log, without the token. Throws
 * ORGANIZATION_NOT_FOUND, API_KEY_INVALID, USER_NOT_FOUND, ACCESS_DENIED.
 */
export async function createMailToken(
  { storage, clock, rules, mailTokens }: Ports,
  { orgId, userId, kind, newEmail }: Checked<CreateMailTokenParameters>,
  manager: KeyManager | null,
): Promise<SignedMailToken> {
  for (;;) {
    const user = await storage.findUserCredentials(orgId, userId);
    const at = clock.now();
    const managed = { orgId, userId, manager: managerOf(rules, manager), at };
    const credentialVersion = user?.credentialVersion ?? 0;
    const { outcome } = await storage.recordMailToken({ ...managed, credentialVersion }, kind);
    if (outcome === 'credentials_changed') {
      // Each round follows such a change, so it ends.
      continue;
    }
    if (outcome !== 'recorded') {
      throw managerRefusal(outcome);
    }
    if (user === null) {
      throw new AuthError('USER_NOT_FOUND');
    }
    // Of the user as that step saw them: what came later, as the end of the manager's key, must void it.
    return mailTokens.sign(kind, { ...user, ...(newEmail === '' ? {} : { newEmail }) }, at);
  }
}
