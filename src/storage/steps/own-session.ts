import type { UserCredentials } from '../../domain/auth/storage.ts';
import type { ApiKeyRecord, Organization } from '../../domain/organizations/storage.ts';
import type { OwnSession, OwnSessionRefusal, SessionRecord } from '../../domain/sessions/storage.ts';
import type { SigningKeyRecord } from '../../domain/signing-keys/storage.ts';
import type { Answer, Rows } from '../rows.ts';
import { isLive } from './signing-keys.ts';
import { refuseTenant, tenantOf } from './tenant.ts';

/** What a session that asks leans on. */
export interface OwnSessionState {
  readonly organization: Organization | null;
  readonly key: ApiKeyRecord | null;
  readonly user: UserCredentials | null;
  /** That of the token which proved the session. */
  readonly signingKey: SigningKeyRecord | null;
  readonly session: SessionRecord | null;
}

type Reads = readonly [
  Answer<Organization | null>,
  Answer<ApiKeyRecord | null>,
  Answer<UserCredentials | null>,
  Answer<SigningKeyRecord | null>,
  Answer<SessionRecord | null>,
];

/** Asks for it, in the order in which rows are held: the user before the signing key and the session. */
export function ownSessionOf(rows: Rows, { tenant, userId, sessionId, kid }: Omit<OwnSession, 'email'>): Reads {
  const { orgId } = tenant;
  return [
    ...tenantOf(rows, tenant),
    rows.users.findCredentials(orgId, userId),
    rows.signingKeys.find(kid),
    rows.sessions.find(orgId, sessionId),
  ];
}

/** What a session that may go on has for certain. */
export interface LiveOwnSession {
  readonly organization: Organization;
  readonly user: UserCredentials;
  readonly session: SessionRecord;
}

/** Why a session may not do what it asks for, as a fresh call would be told; else what it leans on. */
export function judgeOwnSession(
  { organization, key, user, signingKey, session }: OwnSessionState,
  { tenant, userId, email }: Omit<OwnSession, 'sessionId' | 'kid'>,
  at: number,
): LiveOwnSession | OwnSessionRefusal {
  const refusal = refuseTenant(tenant, organization, key);
  if (refusal !== null || organization === null) {
    return refusal ?? 'organization_not_found';
  }
  if (!isLive(signingKey)) {
    return 'signing_key_retired';
  }
  if (session === null || session.userId !== userId || session.email !== email) {
    return 'session_ended';
  }
  if (session.revokedAt !== null || session.expiresAt <= at || user === null || user.disabledAt !== null) {
    return 'session_ended';
  }
  return { organization, user, session };
}
