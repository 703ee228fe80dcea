import { AuthError } from '../errors.ts';
import type { Ports, SessionClaims } from '../ports.ts';
import type { SessionRecord } from '../sessions/storage.ts';
import type { IdentifiedTenant } from '../tenant.ts';

/** What users are told of themselves. */
export interface AccountProfile {
  readonly email: string;
  readonly fullname: string;
  /** The first of the roles; `user` where there is none. */
  readonly role: string;
  readonly roles: readonly string[];
  readonly userId: string;
  readonly orgId: string;
  readonly sessionId: string;
  /** The earlier of the ends of token and session. */
  readonly expiresAt: number;
  readonly emailVerified: boolean;
  /** The text of a JSON object; '' for none. */
  readonly publicMetadata: string;
  /** When the user signed up. */
  readonly createdAt: number;
  readonly secondFactor: boolean;
  readonly recoveryCodesLeft: number;
}

/** What a caller who has no role is called, as the hosted product calls everybody. */
const ROLE_OF_NONE = 'user';

/**
 * The user of a session, as the row has it. Who names no organization is told nothing that one decides: a stranger's self-made role
 * would pass for one of theirs. Throws SESSION_REVOKED for a user who was deleted meanwhile.
 */
export async function profileOf(
  { storage }: Pick<Ports, 'storage'>,
  { orgId, userId, sessionId, expiresAt }: SessionRecord,
  claims: SessionClaims,
  tenant: IdentifiedTenant | null,
): Promise<AccountProfile> {
  const user = await storage.findUser(orgId, userId);
  if (user === null) {
    throw new AuthError('SESSION_REVOKED');
  }
  const { email, fullname, createdAt, hasSecondFactor } = user;
  const roles = tenant === null ? [] : user.roles;
  return {
    email,
    fullname,
    role: roles[0] ?? ROLE_OF_NONE,
    roles,
    userId,
    orgId,
    sessionId,
    expiresAt: Math.min(expiresAt, claims.expiresAtSeconds * 1000),
    emailVerified: tenant !== null && user.emailVerifiedAt !== null,
    publicMetadata: tenant === null ? '' : user.publicMetadata,
    createdAt,
    secondFactor: hasSecondFactor,
    recoveryCodesLeft: hasSecondFactor ? await storage.countRecoveryCodes(orgId, userId) : 0,
  };
}
