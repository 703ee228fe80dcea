import { countCode, countOfSession, isDigits, spendCode } from './factors.ts';
import {
  after,
  DAY_MS,
  type LeftAddress,
  type MailToken,
  MINUTE_MS,
  type Org,
  Refusal,
  type Session,
  type User,
} from './model.ts';

const SERVER_TTL_SECONDS = 7 * 24 * 3600;
const MAX_AGE_SECONDS = 30 * 24 * 3600;
const FRESH_LOGIN_MS = 15 * MINUTE_MS;
const UNPROVEN_MS = 7 * DAY_MS;
/** The tenth wrong one in a row ends the session. */
const MOST_WRONG_PASSWORDS = 10;

/** Throws PASSWORD_POLICY for what no policy takes, whoever it is for. */
export function requireGoodPassword(password: string): void {
  if (password === 'weak') {
    throw new Refusal('PASSWORD_POLICY');
  }
}

/** Throws PASSWORD_POLICY for what is made of the user's own name. */
export function requireFitPassword(password: string, fullname: string): void {
  const isOwn = fullname.split(' ').some((name) => password.startsWith(name));
  if (isOwn) {
    throw new Refusal('PASSWORD_POLICY');
  }
}

/** Compares a `currentPassword`. Throws CREDENTIALS_INVALID, SESSION_REVOKED. What it opens forgets the wrong ones. */
export function requireCurrentPassword(session: Session, currentPassword: string): void {
  countOfSession(session);
  if (session.user.password === currentPassword) {
    return;
  }
  if (session.wrongPasswords === MOST_WRONG_PASSWORDS) {
    session.isEnded = true;
  }
  throw new Refusal('CREDENTIALS_INVALID');
}

/** What a call gives beside its session; '' for nothing. */
export interface Given {
  readonly currentPassword: string;
  readonly code: string;
}

/**
 * Throws REAUTHENTICATION_REQUIRED where nothing can be a proof, before a password is compared; then CREDENTIALS_INVALID; of a user with a
 * factor ACCOUNT_LOCKED and CODE_INVALID for the code, which is spent.
 */
export function requireFreshProof(session: Session, given: Given, now: number): void {
  requireOneThatCan(session, given, now);
  const { currentPassword } = given;
  if (currentPassword !== '') {
    requireCurrentPassword(session, currentPassword);
  }
  spendOwnCode(session, given, now);
  if (currentPassword !== '' || session.user.factor !== null) {
    session.wrongPasswords = 0;
  }
}

/** Spends the code of a user with a factor. `replacesPassword`: the one that a mail may have set goes. */
export function spendOwnCode(
  session: Session,
  { currentPassword, code }: Given,
  now: number,
  replacesPassword = false,
): void {
  const { user } = session;
  if (user.factor === null) {
    return;
  }
  if (currentPassword === '') {
    countOfSession(session);
  }
  countCode(user, !isDigits(code));
  spendCode(user, code, now, replacesPassword || currentPassword !== '');
}

export function requireOneThatCan(session: Session, { currentPassword, code }: Given, now: number): void {
  if (session.user.factor !== null && code === '') {
    throw new Refusal('REAUTHENTICATION_REQUIRED');
  }
  const since = stillUnprovenSince(session.user, now);
  const isFresh = now - session.createdAt <= FRESH_LOGIN_MS && !wasUnproven(session, now);
  const canPassword = currentPassword !== '' && since === null;
  if (!isFresh && !canPassword) {
    throw new Refusal('REAUTHENTICATION_REQUIRED');
  }
}

export function stillUnprovenSince({ unprovenSince }: User, now: number): number | null {
  return unprovenSince !== null && now < unprovenSince + UNPROVEN_MS ? unprovenSince : null;
}

/** Whether the login of a session was by a password that proves nothing. */
function wasUnproven({ user, createdAt, version }: Session, now: number): boolean {
  const since = stillUnprovenSince(user, now);
  return since !== null && (createdAt >= since || version === user.version);
}

/** Since when the password proves nothing that a session sets. */
export function unprovenAfter(session: Session, currentPassword: string, now: number): number | null {
  if (currentPassword !== '') {
    return stillUnprovenSince(session.user, now);
  }
  return wasUnproven(session, now) ? Math.max(session.createdAt, now - 2 * FRESH_LOGIN_MS) : now;
}

export function lifetimeMs({ ttlSeconds }: Org): number {
  return Math.min(ttlSeconds ?? SERVER_TTL_SECONDS, MAX_AGE_SECONDS) * 1000;
}

/** When a session ends that is renewed now. */
export function renewedEnd({ createdAt, expiresAt, user }: Session, now: number): number {
  const lifetime = lifetimeMs(user.org);
  const end = after(now, lifetime);
  return end - expiresAt < lifetime / 8
    ? expiresAt
    : Math.max(expiresAt, Math.min(end, after(createdAt, MAX_AGE_SECONDS * 1000)));
}

/** What a token is void without (docs/contract.md, "Tokens of mails"). */
export function isStillBound(bound: NonNullable<MailToken['bound']>, now: number): boolean {
  const { kind, user, email, version } = bound;
  switch (kind) {
    case 'verify_email':
    case 'not_me':
      return user.email === email;
    case 'email_change_warning':
      return leadsBack(bound, now);
    default:
      return user.email === email && user.version === version;
  }
}

/** Whether a warning leads to the address that its user has, or to one that was left. */
export function leadsBack(
  { user, email, addressVersion }: Pick<NonNullable<MailToken['bound']>, 'user' | 'email' | 'addressVersion'>,
  now: number,
): boolean {
  const isLeft = user.left.some(
    (left) => left.addressVersion === addressVersion && left.email === email && isRecent(left, now),
  );
  return isLeft || (user.addressVersion === addressVersion && user.email === email);
}

export function isRecent({ leftAt }: LeftAddress, now: number): boolean {
  return now < leftAt + 8 * DAY_MS;
}
