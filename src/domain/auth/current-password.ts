import { AuthError } from '../errors.ts';
import type { HashSlot, Ports, ProvenClaims } from '../ports.ts';
import { refusal } from '../tenant.ts';
import type { UserCredentials } from './storage.ts';

/** So many wrong `currentPassword`s and codes in a row end the session that brought them (docs/security.md, A1). */
export const MOST_WRONG_PASSWORDS = 10;

export interface CurrentPassword {
  readonly slot: HashSlot;
  readonly currentPassword: string;
  readonly user: UserCredentials;
  readonly claims: ProvenClaims;
}

/**
 * Throws CREDENTIALS_INVALID unless the password is the user's; SESSION_REVOKED where that was one wrong one too many. Counts the try
 * before it compares, so that of many at once no more are compared than may be wrong. One that was counted and, because the call was
 * given up or its hash thread died, never compared, stays counted.
 */
export async function requireCurrentPassword(
  { storage, clock }: Ports,
  { slot, currentPassword, user, claims }: CurrentPassword,
): Promise<void> {
  const { orgId, userId, sessionId } = claims;
  const most = MOST_WRONG_PASSWORDS;
  const counting = () => storage.countCurrentPassword({ orgId, userId, sessionId, most, at: clock.now() });
  const count = await counting();
  if (count.outcome === 'session_ended') {
    throw refusal(count.outcome);
  }
  const { passwordHash } = user;
  if (passwordHash !== null && (await slot.verify(currentPassword, passwordHash)).matches) {
    return;
  }
  if (count.tries === most) {
    // One more than it has ends the session.
    await counting();
  }
  throw new AuthError('CREDENTIALS_INVALID', { subject: { orgId, userId } });
}

/** What the passwords of a session's user are checked against. Throws SESSION_REVOKED for one who was deleted. */
export async function readCredentials(
  { storage }: Pick<Ports, 'storage'>,
  orgId: string,
  userId: string,
): Promise<UserCredentials> {
  const user = await storage.findUserCredentials(orgId, userId);
  if (user === null) {
    throw new AuthError('SESSION_REVOKED');
  }
  return user;
}
