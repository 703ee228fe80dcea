import type {
  IssuedSession,
  LoginAttempt,
  LoginBeginning,
  NewSession,
  SessionCreation,
} from '../../domain/auth/storage.ts';
import type {
  ChallengeAnswer,
  ChallengeCompletion,
  CodeAttempt,
  CodeReservation,
  Confirmation,
  ConfirmationOutcome,
  LoginCodeAttempt,
  LoginCodeReservation,
} from '../../domain/second-factors/storage.ts';
import type { SessionRenewal, SessionRenewalOutcome } from '../../domain/sessions/storage.ts';
import type { ManagedOutcome, ManagedUser, UserRecord, UserStorage } from '../../domain/users/storage.ts';
import type { AskedWrite } from '../asked-write.ts';
import type { UserKey } from '../rows.ts';
import { emptyFactor } from '../steps/codes.ts';
import { issuedSession } from '../steps/open-session.ts';
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
  // An ending that is done again says nothing.
  const left = outcome === null ? null : leftOf(name, outcome);
  return JSON.stringify({ outcome: left ?? null, met }, (_, value: unknown) =>
    // Buffer's own toJSON has been asked by then.
    isBufferJson(value) ? { base64: Buffer.from(value.data).toString('base64') } : value,
  );
}

function leftOf(name: AskedWrite['name'], outcome: unknown): unknown {
  if (outcome === null) {
    // Of nobody, or of an ending that was done again for the user.
    return null;
  }
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
    case 'completeChallenge': {
      const completion = outcome as ChallengeCompletion;
      return 'session' in completion
        ? { ...completion, session: { expiresAt: completion.session.expiresAt } }
        : completion;
    }
    case 'confirmSecret': {
      const confirmed = outcome as ConfirmationOutcome;
      return confirmed.outcome === 'confirmed' && confirmed.creation?.outcome === 'created'
        ? { outcome: 'confirmed', creation: { ...confirmed.creation, session: keptSession(confirmed.creation) } }
        : confirmed;
    }
    case 'reserveCode': {
      const reserved = outcome as CodeReservation;
      return reserved.outcome === 'reserved'
        ? { outcome: 'reserved', user: keyOf(reserved.user), challengeId: reserved.challenge?.challengeId ?? null }
        : reserved;
    }
    case 'reserveLoginCode': {
      const reserved = outcome as LoginCodeReservation;
      return reserved.outcome === 'reserved'
        ? { outcome: 'reserved', user: reserved.user && keyOf(reserved.user) }
        : reserved;
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
  if (name === 'completeChallenge' && outcome === 'created') {
    const answer = args[0] as ChallengeAnswer;
    const session = await sessionOf(queries, answer.session, kept.outcome as KeptSession);
    return { outcome: session === null ? { outcome: 'challenge_invalid' } : { ...(kept.outcome as object), session } };
  }
  if (name === 'confirmSecret' && outcome === 'confirmed') {
    return { outcome: await confirmedOf(queries, args[1] as Confirmation, kept.outcome as KeptConfirmation) };
  }
  if (name === 'reserveCode' && outcome === 'reserved') {
    return { outcome: await reservedOf(queries, args[0] as CodeAttempt, kept.outcome as KeptReservation) };
  }
  if (name === 'reserveLoginCode' && outcome === 'reserved') {
    return {
      outcome: await reservedLoginOf(queries, args[0] as LoginCodeAttempt, kept.outcome as KeptLoginReservation),
    };
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

function keyOf({ orgId, userId }: UserKey): UserKey {
  return { orgId, userId };
}

function keptSession({ session: { expiresAt } }: KeptSession): KeptSession['session'] {
  return { expiresAt };
}

interface KeptConfirmation {
  readonly outcome: 'confirmed';
  readonly creation: ({ readonly outcome: 'created' } & KeptSession) | null;
}

/** Where the user was deleted meanwhile the factor went with them. */
async function confirmedOf(
  queries: Queries,
  { newSession }: Confirmation,
  kept: KeptConfirmation,
): Promise<ConfirmationOutcome> {
  if (kept.creation === null || newSession === null) {
    return { outcome: 'confirmed', creation: null };
  }
  const session = await sessionOf(queries, newSession, kept.creation);
  return session === null
    ? { outcome: 'challenge_invalid' }
    : { outcome: 'confirmed', creation: { outcome: 'created', session } };
}

interface KeptReservation {
  readonly user: UserKey;
  readonly challengeId: string | null;
}

/** What is compared with is read as it is now; what is gone meanwhile is refused by whatever comes next. */
async function reservedOf(
  queries: Queries,
  { by }: CodeAttempt,
  { user: { orgId, userId }, challengeId }: KeptReservation,
): Promise<CodeReservation> {
  const rows = postgresRows(queries);
  const user = await rows.users.findCredentials(orgId, userId);
  const factor = await rows.secondFactors.find(orgId, userId);
  const challenge = challengeId === null ? null : await rows.loginChallenges.find(orgId, challengeId);
  if (user === null || (challenge === null && by === 'challenge')) {
    return { outcome: by === 'challenge' ? 'challenge_invalid' : 'session_ended' };
  }
  // Of who has none, and is asked for a password alone, there is no row.
  return { outcome: 'reserved', user, factor: factor ?? emptyFactor(user), challenge };
}

interface KeptLoginReservation {
  readonly user: UserKey | null;
}

async function reservedLoginOf(
  queries: Queries,
  { orgId, challengeId, at }: LoginCodeAttempt,
  { user: owner }: KeptLoginReservation,
): Promise<LoginCodeReservation> {
  const rows = postgresRows(queries);
  const user = owner && (await rows.users.findCredentials(orgId, owner.userId));
  const challenge = user && (await rows.loginChallenges.find(orgId, challengeId));
  const codeDigest = challenge !== null && challenge.codeUntil > at ? challenge.codeDigest : null;
  return { outcome: 'reserved', codeDigest, user };
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
