import type { Random } from '../random.ts';
import { Choices } from './choices.ts';
import { takeOff } from './factors.ts';
import {
  type CallerClass,
  type Challenge,
  EMAILS,
  type Key,
  type MailToken,
  type Nonce,
  type Org,
  Refusal,
  type Session,
  type SessionToken,
  type TokenKind,
  type User,
} from './model.ts';
import { Outbox } from './outbox.ts';
import { isRecent, isStillBound } from './proofs.ts';

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
export class World extends Choices {
  /** No two stories of a store have the same. */
  readonly name: string;
  readonly nonces: Nonce[] = [];
  readonly sessions: Session[] = [];
  readonly sessionTokens: SessionToken[] = [];
  readonly mailTokens: MailToken[] = [];
  readonly challenges: Challenge[] = [];
  /** Whether somebody waits for a code. */
  waitsForMail = false;
  readonly outbox: Outbox;
  now = 0;

  constructor(random: Random, name: string) {
    super(random);
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
    this.challenges.push({
      ...{ text: 'B'.repeat(96), kind: 'second_factor', org: null, user: null, provedBy: 'password', tries: 0 },
      ...{ by: 'no_key', isEmailProven: false, code: null, version: 0, createdAt: 0, expiresAt: 0, isSpent: false },
    });
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
    Object.assign(user, { password, version: user.version + 1, unprovenSince: null, mustChange: false });
    return this.endAll(user);
  }

  /** Gives a user an address that a mail has proven; how many sessions ended. */
  /** Throws USER_EXISTS for an address that another user has, or was moved from lately. */
  requireFree(org: Org, email: string, user: User | null = null): void {
    const others = org.users.filter((other) => other !== user);
    const isKept = (other: User) =>
      other.left.some((left) => left.email === email && left.wasProven && isRecent(left, this.now));
    if (others.some((other) => other.email === email || isKept(other))) {
      throw new Refusal('USER_EXISTS');
    }
  }

  move(user: User, email: string): number {
    this.requireFree(user.org, email, user);
    const versions = { version: user.version + 1, addressVersion: user.addressVersion + 1 };
    Object.assign(user, { email, isVerified: true, ...versions });
    return this.endAll(user);
  }

  remove(user: User): number {
    const ended = this.endAll(user);
    user.isGone = true;
    user.org.users.splice(user.org.users.indexOf(user), 1);
    takeOff(this, user);
    this.outbox.forget(user);
    return ended;
  }

  // --- tokens of mails

  /** Whose token it is, where it is one of these kinds and good. */
  spendable({ bound }: MailToken, kinds: readonly TokenKind[]): NonNullable<MailToken['bound']> {
    if (bound === null || !kinds.includes(bound.kind) || !isStillBound(bound, this.now) || bound.user.isGone) {
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

  // --- what is good for something

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
    return isGood && !session.user.org.isClosed && (!session.isActed || this.chance(2));
  }

  isSpendable(token: MailToken, kinds: readonly TokenKind[]): boolean {
    try {
      return this.spendable(token, kinds) !== null;
    } catch {
      return false;
    }
  }
}
