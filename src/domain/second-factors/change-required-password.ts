import type { ResetPasswordInput, ResetPasswordResult } from '../accounts/reset-password.ts';
import { requireCaller } from '../call.ts';
import { AuthError } from '../errors.ts';
import { accountNotice } from '../mail/account-notice.ts';
import { type Checked, invalidArgument } from '../parameters.ts';
import { requireFitPassword } from '../passwords/new-password.ts';
import type { CallContext, Ports } from '../ports.ts';
import { proveChallenge } from './challenge-call.ts';
import { refusalOfCode } from './prove-code.ts';

/** Whose queue it waits in: that of a reset by a mail, whose place it takes. */
const HASHED_AS = 'token_key';

/**
 * Sets the password that a login demanded, by its challenge and the present password. All sessions end; nothing is verified, and no lock
 * is lifted. Nobody is logged in.
 *
 * Throws INVALID_ARGUMENT without the present password, CHALLENGE_INVALID, CREDENTIALS_INVALID, PASSWORD_POLICY, also for the present
 * password as the new one, OVERLOADED, DEADLINE_EXCEEDED.
 */
export async function changeRequiredPassword(
  ports: Ports,
  { token, newPassword, currentPassword }: Checked<ResetPasswordInput>,
  call: CallContext,
): Promise<ResetPasswordResult> {
  if (currentPassword === '') {
    throw invalidArgument([{ field: 'currentPassword', message: 'is required with a challenge' }]);
  }
  const { claim } = proveChallenge(ports, token, null, ['change_password']);
  const { orgId } = claim;
  if (newPassword === currentPassword) {
    throw new AuthError('PASSWORD_POLICY', { message: 'The new password must be another one than the present.' });
  }
  const slot = await ports.passwords.acquire({ orgId, callerClass: HASHED_AS }, call);
  try {
    const reservation = await ports.storage.reserveCode({ by: 'challenge', claim, method: 'change_password' });
    if (reservation.outcome !== 'reserved') {
      throw refusalOfCode(reservation, { orgId });
    }
    const { user } = reservation;
    const { userId, email, credentialVersion, passwordHash: present } = user;
    await requireFitPassword(ports, newPassword, user);
    if (present === null || !(await slot.verify(currentPassword, present)).matches) {
      throw new AuthError('CREDENTIALS_INVALID', { subject: { orgId, userId } });
    }
    const passwordHash = await slot.hash(newPassword);
    requireCaller(call);
    const at = ports.clock.now();
    const notice = accountNotice(ports, user, 'password_changed', HASHED_AS, at);
    const of = { claim: { ...claim, at }, userId, credentialVersion };
    const result = await ports.storage.changePasswordByChallenge({ ...of, passwordHash, notice });
    if (result.outcome !== 'changed') {
      throw new AuthError('CHALLENGE_INVALID');
    }
    return { email, orgId, endedSessions: result.endedSessions };
  } finally {
    slot.release();
  }
}
