import type { Random } from '../random.ts';
import {
  after,
  type CallerClass,
  DAY_MS,
  EMAILS,
  FULLNAMES,
  type Key,
  type MailToken,
  MINUTE_MS,
  NOBODYS_ID,
  type Nonce,
  type Org,
  PASSWORDS,
  PROTECTED_ROLE,
  Refusal,
  type Session,
  type SessionToken,
  type TokenKind,
  type User,
} from './model.ts';
import { Outbox } from './outbox.ts';

const SERVER_TTL_SECONDS = 7 * 24 * 3600;
const MAX_AGE_SECONDS = 30 * 24 * 3600;
const FRESH_LOGIN_MS = 15 * MINUTE_MS;
const UNPROVEN_MS = 7 * DAY_MS;
/** The tenth wrong one in a row ends the session. */
const MOST_WRONG_PASSWORDS = 10;
const NEWEST = 24;

/** Whom a caller says to speak for; '' where it says nothing. */
export interface Claim {
  readonly apiKey: string;
  readonly orgId: string;
}

/** Who calls: an organization, and how it proved itself. */
export interface Tenant {
  readonly org: Org;
  readonly callerClass: CallerClass;
}

/** A session call: what is shown, and as whose. */
export interface Shown {
  readonly claim: Claim;
  readonly token: SessionToken;
  readonly email: string;
}

/** Two organizations, what was given out for them, and what the contract says of it. */
export class World {
  readonly random: Random;
  /** No two stories of a store have the same. */
  readonly name: string;
  readonly orgs: Org[] = [];
  readonly nonces: Nonce[] = [];
  readonly sessions: Session[] = [];
  readonly sessionTokens: SessionToken[] = [];
  readonly mailTokens: MailToken[] = [];
  readonly outbox: Outbox;
  now = 0;
  /** Whether the next call makes no mistakes: without such calls no story gets on. */
  isCareful = false;

  constructor(random: Random, name: string) {
    this.random = random;
    this.name = name;
    this.outbox = new Outbox(this);
    this.nonces.push({
      text: 'x'.repeat(75),
      email: EMAILS[0],
      org: null,
      expiresAt: 0,
      isForged: true,
      isSpent: false,
    });
    this.sessionTokens.push({ text: 'x.y.z', email: EMAILS[0], expiresAt: 0, session: null });
    this.mailTokens.push({ text: 'A'.repeat(96), bound: null });
  }

  // --- who calls

  tenantOf({ apiKey, orgId }: Claim): Tenant | null {
    if (apiKey !== '') {
      const key = this.keyOf(apiKey);
      const isLive = key?.kind === 'api' && !key.isRevoked && !key.org.isClosed;
      if (key === null || !isLive || (orgId !== '' && orgId !== key.org.orgId)) {
        throw new Refusal('API_KEY_INVALID');
      }
      return { org: key.org, callerClass: key.wasInTokens ? 'token_key' : 'private_key' };
    }
    if (orgId === '') {
      return null;
    }
    const org = this.orgOf(orgId);
    if (org === null || org.isClosed) {
      throw new Refusal('ORGANIZATION_NOT_FOUND');
    }
    return { org, callerClass: 'no_key' };
  }

  /** The same where a call demands one. */
  namedTenantOf(claim: Claim): Tenant {
    const tenant = this.tenantOf(claim);
    if (tenant === null) {
      throw new Error('Its parameters name one.');
    }
    return tenant;
  }

  keyOf(text: string): Key | null {
    return this.orgs.flatMap(({ keys }) => keys).find((key) => key.text === text) ?? null;
  }

  orgOf(orgId: string): Org | null {
    return this.orgs.find((org) => org.orgId === orgId) ?? null;
  }

  userAt(org: Org, email: string): User | null {
    return org.users.find((user) => user.email === email) ?? null;
  }

  // --- nonces

  provenNonce(nonce: Nonce, email: string, { org }: Tenant): void {
    if (nonce.isForged || nonce.email !== email || (nonce.org !== null && nonce.org !== org)) {
      throw new Refusal('NONCE_INVALID');
    }
    if (nonce.expiresAt <= this.now) {
      throw new Refusal('NONCE_EXPIRED');
    }
  }

  spend(nonce: Nonce): void {
    if (nonce.isSpent) {
      throw new Refusal('NONCE_USED');
    }
    nonce.isSpent = true;
  }

  // --- sessions

  /** Whose session a token proves, ended or not. */
  proven({ claim, token, email }: Shown): { readonly tenant: Tenant | null; readonly session: Session } {
    const tenant = this.tenantOf(claim);
    const { session } = token;
    const isNamed = email === '' || email === token.email;
    if (session === null || !isNamed || (tenant !== null && tenant.org !== session.user.org)) {
      throw new Refusal('SESSION_INVALID');
    }
    return { tenant, session };
  }

  live(shown: Shown): { readonly tenant: Tenant | null; readonly session: Session } {
    const { tenant, session } = this.proven(shown);
    const { token } = shown;
    // That a token is too old it says by itself, whatever became of its session.
    if (token.expiresAt <= this.now) {
      throw new Refusal('SESSION_EXPIRED');
    }
    if (session.user.isGone) {
      throw new Refusal('SESSION_REVOKED');
    }
    if (session.user.email !== token.email) {
      throw new Refusal('SESSION_INVALID');
    }
    if (session.expiresAt <= this.now) {
      throw new Refusal('SESSION_EXPIRED');
    }
    if (session.isEnded) {
      throw new Refusal('SESSION_REVOKED');
    }
    return { tenant, session };
  }

  /** A session that its user opened. */
  own(shown: Shown): { readonly tenant: Tenant | null; readonly session: Session } {
    const live = this.live(shown);
    if (live.session.isActed) {
      throw new Refusal('ACCESS_DENIED');
    }
    return live;
  }

  /** Compares a `currentPassword`. */
  requireCurrentPassword(session: Session, currentPassword: string): void {
    session.wrongPasswords += 1;
    if (session.user.password === currentPassword) {
      session.wrongPasswords = 0;
      return;
    }
    if (session.wrongPasswords === MOST_WRONG_PASSWORDS) {
      session.isEnded = true;
    }
    throw new Refusal('CREDENTIALS_INVALID');
  }

  requireFreshProof(session: Session, currentPassword: string): void {
    const since = this.stillUnprovenSince(session.user);
    const isFresh = this.now - session.createdAt <= FRESH_LOGIN_MS && (since === null || session.createdAt < since);
    const canPassword = currentPassword !== '' && since === null;
    if (!isFresh && !canPassword) {
      throw new Refusal('REAUTHENTICATION_REQUIRED');
    }
    if (currentPassword !== '') {
      this.requireCurrentPassword(session, currentPassword);
    }
  }

  stillUnprovenSince({ unprovenSince }: User): number | null {
    return unprovenSince !== null && this.now < unprovenSince + UNPROVEN_MS ? unprovenSince : null;
  }

  lifetimeMs(org: Org): number {
    return Math.min(org.ttlSeconds ?? SERVER_TTL_SECONDS, MAX_AGE_SECONDS) * 1000;
  }

  /** When a session ends that is renewed now. */
  renewedEnd({ createdAt, expiresAt, user }: Session): number {
    const lifetime = this.lifetimeMs(user.org);
    const end = after(this.now, lifetime);
    return end - expiresAt < lifetime / 8
      ? expiresAt
      : Math.max(expiresAt, Math.min(end, after(createdAt, MAX_AGE_SECONDS * 1000)));
  }

  isLive({ isEnded, expiresAt, user }: Session): boolean {
    return !isEnded && expiresAt > this.now && !user.isGone;
  }

  /** Ends those that are meant; how many of them lived. */
  end(which: (session: Session) => boolean): number {
    const ended = this.sessions.filter((session) => !session.isEnded && which(session));
    const lived = ended.filter((session) => this.isLive(session)).length;
    for (const session of ended) {
      session.isEnded = true;
    }
    return lived;
  }

  endAll(user: User): number {
    return this.end((session) => session.user === user);
  }

  // --- what becomes of users

  giveProvenPassword(user: User, password: string): number {
    Object.assign(user, { password, version: user.version + 1, unprovenSince: null });
    return this.endAll(user);
  }

  /** Gives a user an address that a mail has proven; how many sessions ended. */
  move(user: User, email: string): number {
    if (user.org.users.some((other) => other !== user && other.email === email)) {
      throw new Refusal('USER_EXISTS');
    }
    Object.assign(user, { email, isVerified: true, version: user.version + 1 });
    return this.endAll(user);
  }

  remove(user: User): number {
    const ended = this.endAll(user);
    user.isGone = true;
    user.org.users.splice(user.org.users.indexOf(user), 1);
    this.outbox.forget(user);
    return ended;
  }

  // --- tokens of mails

  /** Whose token it is, where it is one of these kinds and good. */
  spendable({ bound }: MailToken, kinds: readonly TokenKind[]): NonNullable<MailToken['bound']> {
    if (bound === null || !kinds.includes(bound.kind) || !isStillBound(bound) || bound.user.isGone) {
      throw new Refusal('TOKEN_INVALID');
    }
    if (bound.user.isDisabled || bound.user.org.isClosed) {
      throw new Refusal('TOKEN_INVALID');
    }
    if (bound.expiresAt <= this.now) {
      throw new Refusal('TOKEN_EXPIRED');
    }
    return bound;
  }

  // --- what is picked

  /** One of the newest, and of those that are good where nothing is mistaken. */
  newest<T>(items: readonly T[], isGood: (item: T) => boolean = () => true): T {
    const good = this.isCareful || this.chance(2) ? items.filter(isGood) : [];
    return this.random.pick((good.length > 0 ? good : items).slice(-NEWEST));
  }

  /** The same as {@link chance}, where this call makes mistakes at all. */
  mistake(oneIn: number): boolean {
    return !this.isCareful && this.chance(oneIn);
  }

  /** Where a nonce is good: to log in (`hasUser`), or to sign up. */
  homesOf({ org, email, isSpent, isForged, expiresAt }: Nonce, hasUser: boolean): readonly Org[] {
    if (isSpent || isForged || expiresAt <= this.now) {
      return [];
    }
    const orgs = org === null ? this.orgs : [org];
    return orgs.filter((each) => !each.isClosed && (this.userAt(each, email) !== null) === hasUser);
  }

  /** Whether a token opens something now; at times for what its user alone may do, too. */
  isUsable({ session, email, expiresAt }: SessionToken): boolean {
    const isGood = session !== null && expiresAt > this.now && this.isLive(session) && session.user.email === email;
    return isGood && !session.user.org.isClosed && (!session.isActed || this.chance(4));
  }

  isSpendable(token: MailToken, kinds: readonly TokenKind[]): boolean {
    try {
      return this.spendable(token, kinds) !== null;
    } catch {
      return false;
    }
  }

  chance(oneIn: number): boolean {
    return this.random.below(oneIn) === 0;
  }

  anyEmail(): string {
    return this.random.pick(EMAILS);
  }

  anyFullname(): string {
    return this.random.pick(FULLNAMES);
  }

  /** For somebody new: at times too weak for anybody. */
  anyNewPassword(): string {
    return this.mistake(5) ? 'weak' : this.random.pick(this.isCareful ? PASSWORDS.slice(0, 2) : PASSWORDS);
  }

  /** That of a user more often than not. */
  anyPasswordOf(user: User | null): string {
    return this.mistake(2) ? this.random.pick(PASSWORDS) : (user?.password ?? PASSWORDS[0]);
  }

  anyRoles(): readonly string[] {
    return this.random.pick([[], ['editor'], ['editor', 'viewer'], ['viewer'], [PROTECTED_ROLE]]);
  }

  anyOrgId(own: Org | null): string {
    const others = [...this.orgs.map(({ orgId }) => orgId), NOBODYS_ID];
    return own === null || this.mistake(4) ? this.random.pick(others) : own.orgId;
  }
}

/** What a token is void without (docs/contract.md, "Tokens of mails"). */
function isStillBound({ kind, user, email, version, addressVersion }: NonNullable<MailToken['bound']>): boolean {
  switch (kind) {
    case 'verify_email':
      return user.email === email;
    case 'email_change_warning':
      return user.addressVersion === addressVersion;
    default:
      return user.email === email && user.version === version;
  }
}

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
