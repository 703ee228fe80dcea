import { type CountedTries, isEmpty } from '../auth/tries.ts';
import { AuthError } from '../errors.ts';
import { everyRow } from '../page.ts';
import type { Checked } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import type { SessionRecord } from '../sessions/storage.ts';
import type { UserRecord } from './storage.ts';
import { findUser, type UserInput } from './user.ts';

/** All that a store keeps of one user, but for the password's hash, which is told of nobody. */
export interface UserDossier {
  readonly user: UserRecord;
  readonly hasPassword: boolean;
  /** Whether the next login demands another password. */
  readonly mustChangePassword: boolean;
  /** How often the password, the address or a second factor was changed, or the user disabled, since the sign-up. */
  readonly credentialChanges: number;
  /** Oldest first, ended ones too while they are kept. */
  readonly sessions: readonly SessionRecord[];
  /** How many of them are good at this instant. */
  readonly liveSessions: number;
  /** Failed logins since the last right one, by what they were counted as. */
  readonly failedLogins: readonly CountedTries[];
  /** Wrong codes of the second factor since the last right one. */
  readonly wrongCodes: number;
  readonly recoveryCodesLeft: number;
}

/** Gathers it. Each part is as it was when it was read. Throws USER_NOT_FOUND. */
export async function readDossier(ports: Ports, input: Checked<UserInput>): Promise<UserDossier> {
  const { storage, clock } = ports;
  const user = await findUser(ports, input.orgId, input.user);
  const { orgId, userId } = user;
  const credentials = await storage.findUserCredentials(orgId, userId);
  if (credentials === null) {
    throw new AuthError('USER_NOT_FOUND');
  }
  const failedLogins = (await storage.listLoginTries(orgId, user.email)).filter((tries) => !isEmpty(tries));
  const sessions: SessionRecord[] = [];
  const ofUser = everyRow(
    (page) => storage.listSessions(orgId, userId, page),
    ({ sessionId }: SessionRecord) => sessionId,
  );
  for await (const session of ofUser) {
    sessions.push(session);
  }
  const factor = await storage.findSecondFactor(orgId, userId);
  const recoveryCodesLeft = user.hasSecondFactor ? await storage.countRecoveryCodes(orgId, userId) : 0;
  const now = clock.now();
  return {
    user,
    hasPassword: credentials.passwordHash !== null,
    mustChangePassword: credentials.mustChangePassword,
    credentialChanges: credentials.credentialVersion - 1,
    sessions,
    failedLogins,
    wrongCodes: factor?.wrongCodes ?? 0,
    recoveryCodesLeft,
    liveSessions: sessions.filter(({ revokedAt, expiresAt }) => revokedAt === null && expiresAt > now).length,
  };
}
