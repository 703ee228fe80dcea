import type { Ports } from '../ports.ts';
import type { KnownDevice } from './storage.ts';

/** How long after its end a session token is a sign of a known device, in milliseconds: 90 days (contract, section 1). */
const KNOWN_AFTER_END_MS = 90 * 24 * 60 * 60 * 1000;

/** Whether a token proves a device of a user: as long as the password is the one that opened its session. */
export function isDeviceOf(device: KnownDevice | null, user: KnownDevice | null): boolean {
  return (
    device !== null &&
    user !== null &&
    device.userId === user.userId &&
    device.credentialVersion === user.credentialVersion
  );
}

/**
 * Whose device a session token proves, ended or not, as long as the user's password is the one of then: that is for the store to
 * compare. Null for one that somebody else opened in the user's place, that is missing, malformed, forged, of another e-mail or organization, too old, or of before tokens
 * carried the version of the password: it is as none, and fails no call.
 */
export async function readKnownDevice(
  { sessionTokens, clock }: Pick<Ports, 'sessionTokens' | 'clock'>,
  sessionToken: string,
  { email, orgId }: { readonly email: string; readonly orgId: string },
): Promise<KnownDevice | null> {
  if (sessionToken === '') {
    return null;
  }
  const now = clock.now();
  const claims = await sessionTokens.verify(sessionToken, now);
  if (claims === null || claims.email !== email || claims.orgId !== orgId || claims.credentialVersion === null) {
    return null;
  }
  if (claims.actor !== null) {
    return null;
  }
  if (claims.expiresAtSeconds * 1000 + KNOWN_AFTER_END_MS <= now) {
    return null;
  }
  return { userId: claims.userId, credentialVersion: claims.credentialVersion };
}
