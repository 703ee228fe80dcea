import type {
  IssuedSession,
  LoginAttempt,
  LoginBeginning,
  NewSession,
  SessionCreation,
} from '../../domain/auth/storage.ts';
import type { SessionRenewal, SessionRenewalOutcome } from '../../domain/sessions/storage.ts';
import type { ManagedOutcome, ManagedUser, UserRecord, UserStorage } from '../../domain/users/storage.ts';
import type { AskedWrite } from '../asked-write.ts';
import { issuedSession } from '../steps/auth.ts';
import { postgresRows } from './rows/rows.ts';
import type { Queries } from './statement.ts';

/** What came of a write, and what an ending met. */
export interface Written {
  readonly outcome: unknown;
  /** What {@link AskedWrite} found, where it is to be done again on no other; undefined for most. */
  readonly met?: unknown;
}

/** As it is kept: without the password's hash, the sealed key, and who the user is, which are where they belong. */
export function keptOf(name: AskedWrite['name'], { outcome, met }: Written): string {
  return JSON.stringify({ outcome: leftOf(name, outcome) ?? null, met }, (_, value: unknown) =>
    // Buffer's own toJSON has been asked by then.
    isBufferJson(value) ? { base64: Buffer.from(value.data).toString('base64') } : value,
  );
}

function leftOf(name: AskedWrite['name'], outcome: unknown): unknown {
  switch (name) {
    case 'beginLogin': {
      const beginning = outcome as LoginBeginning;
      return beginning.outcome === 'begun' ? { ...beginning, user: null } : beginning;
    }
    case 'createSession':
    case 'impersonate':
    case 'renewSession': {
      const made = outcome as SessionCreation | SessionRenewalOutcome;
      return 'session' in made ? { outcome: made.outcome, session: { expiresAt: made.session.expiresAt } } : made;
    }
    case 'disableUser': {
      const disabled = outcome as DisabledUser | null;
      return disabled && { ...disabled, user: { disabledAt: disabled.user.disabledAt } };
    }
    case 'manageUser': {
      const managed = outcome as ManagedOutcome;
      return managed.outcome === 'changed' ? { ...managed, user: null } : managed;
    }
    case 'enableUser':
      return outcome && { disabledAt: null };
    default:
      return outcome;
  }
}

/** The outcome again; what was left out of it is read as it is now. */
export async function writtenOf(queries: Queries, { name, args }: AskedWrite, text: string): Promise<Written> {
  const kept = JSON.parse(text, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'base64' in value
      ? Buffer.from(String(value.base64), 'base64')
      : value,
  ) as Written;
  if (kept.outcome === null) {
    return kept;
  }
  const { outcome } = kept.outcome as { readonly outcome?: unknown };
  if (name === 'beginLogin' && outcome === 'begun') {
    return { outcome: await loginBegun(queries, args[0] as LoginAttempt, kept.outcome as BegunLogin) };
  }
  if ((name === 'createSession' || name === 'impersonate') && outcome === 'created') {
    const session = await sessionOf(queries, args[0] as NewSession, kept.outcome as KeptSession);
    return { outcome: session === null ? { outcome: 'user_not_found' } : { outcome, session } };
  }
  if (name === 'renewSession' && outcome === 'renewed') {
    const session = await sessionOf(queries, args[0] as SessionRenewal, kept.outcome as KeptSession);
    return { outcome: session === null ? { outcome: 'session_ended' } : { outcome, session } };
  }
  if (name === 'manageUser' && outcome === 'changed') {
    const { orgId, userId } = args[0] as ManagedUser;
    const user = await postgresRows(queries).users.find(orgId, userId);
    return { ...kept, outcome: { ...(kept.outcome as ManagedOutcome), user } };
  }
  if (name === 'disableUser') {
    const disabled = kept.outcome as DisabledUser;
    const user = await userOf(queries, args, disabled.user);
    return { ...kept, outcome: user && { ...disabled, user } };
  }
  if (name === 'enableUser') {
    return { ...kept, outcome: await userOf(queries, args, kept.outcome as KeptUser) };
  }
  return kept;
}

type DisabledUser = NonNullable<Awaited<ReturnType<UserStorage['disableUser']>>>;
type KeptUser = Pick<UserRecord, 'disabledAt'>;

/** Null where the user was deleted meanwhile. */
async function userOf(
  queries: Queries,
  [orgId, userId]: readonly unknown[],
  kept: KeptUser,
): Promise<UserRecord | null> {
  const user = await postgresRows(queries).users.find(String(orgId), String(userId));
  return user && { ...user, disabledAt: kept.disabledAt };
}

interface KeptSession {
  readonly session: { readonly expiresAt: number };
}

/** What its token says; null where the user was deleted meanwhile. */
async function sessionOf(
  queries: Queries,
  { tenant: { orgId }, userId }: Pick<NewSession, 'tenant' | 'userId'>,
  { session: { expiresAt } }: KeptSession,
): Promise<IssuedSession | null> {
  const rows = postgresRows(queries);
  const user = await rows.users.findCredentials(orgId, userId);
  if (user === null) {
    return null;
  }
  return issuedSession(user, expiresAt, await rows.apiKeys.findTokenKey(orgId));
}

type BegunLogin = Extract<LoginBeginning, { readonly outcome: 'begun' }>;

/** A user who was deleted meanwhile is refused by what comes next: to this step they may have been unknown. */
async function loginBegun(queries: Queries, attempt: LoginAttempt, begun: BegunLogin): Promise<LoginBeginning> {
  const { tenant, email, hidesUsers } = attempt;
  const user = await postgresRows(queries).users.findCredentialsByEmail(tenant.orgId, email);
  return user === null && !hidesUsers ? { outcome: 'user_not_found', isHardLocked: false } : { ...begun, user };
}

function isBufferJson(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;
}
