import type { Session, SessionArguments, Visitor } from './calls.ts';
import { DAY_MS, inWholeSeconds } from './fake-clock.ts';
import type { FakeFactor, FakePendingFactor } from './fake-codes.ts';
import { failure } from './fake-failure.ts';
import type { Parameters } from './fake-parameters.ts';
import { sessionOf } from './results.ts';
import { withEmail } from './session-token.ts';

/** A server's default: docs/contract.md. */
export const SESSION_TTL_MS = 7 * DAY_MS;

/** A user, as the fake keeps one. */
export interface FakeUser {
  readonly userId: string;
  readonly orgId: string;
  readonly createdAt: Date;
  email: string;
  fullname: string;
  password: string;
  emailVerified: boolean;
  roles: readonly string[];
  isDisabled: boolean;
  mustChangePassword: boolean;
  factor: FakeFactor | null;
  pendingFactor: FakePendingFactor | null;
  /** Since the last right code. */
  wrongCodes: number;
  wrongRecoveryCodes: number;
  /** Whether a mail set the password since the factor was last proven: one mailbox is not two factors. */
  withholdsEmail: boolean;
  /** Raised by what makes mailed tokens and challenges void. */
  credentialVersion: number;
}

/** A session, as the fake keeps one. */
export interface FakeSession {
  readonly sessionId: string;
  readonly user: FakeUser;
  readonly createdAt: Date;
  readonly clientIp: string;
  readonly userAgent: string;
  expiresAt: Date;
  isRevoked: boolean;
}

/** A session token, which ends by itself: a renewed session has several. */
export interface FakeToken {
  readonly session: FakeSession;
  readonly expiresAt: Date;
}

/** The users of the fake, with their sessions. */
export class FakeUsers {
  /** The organization of all of them. */
  readonly orgId: string = crypto.randomUUID();
  readonly #users = new Map<string, FakeUser>();
  readonly #tokens = new Map<string, FakeToken>();

  /** Signs a user up. Throws USER_EXISTS. */
  add(parts: Pick<FakeUser, 'email' | 'password' | 'fullname'>): FakeUser {
    this.requireFree(parts.email);
    const user = {
      ...parts,
      userId: crypto.randomUUID(),
      orgId: this.orgId,
      createdAt: inWholeSeconds(0),
      emailVerified: false,
      roles: [],
      isDisabled: false,
      mustChangePassword: false,
      factor: null,
      pendingFactor: null,
      wrongCodes: 0,
      wrongRecoveryCodes: 0,
      withholdsEmail: false,
      credentialVersion: 0,
    };
    this.#users.set(user.email, user);
    return user;
  }

  /** Whoever has an address now. */
  at(email: string): FakeUser | undefined {
    return this.#users.get(email);
  }

  /** The same for what a test does to users: throws an Error that names the call where there is none. */
  named(call: string, email: string): FakeUser {
    const user = this.#users.get(email);
    if (user === undefined) {
      throw new Error(`${call}: there is no user ${email}`);
    }
    return user;
  }

  /** Throws USER_EXISTS where somebody has the address. */
  requireFree(email: string): void {
    if (this.#users.has(email)) {
      throw failure('ALREADY_EXISTS', 'USER_EXISTS', 'A user with this e-mail exists.');
    }
  }

  /** Gives a user another address. */
  move(user: FakeUser, email: string): void {
    this.#users.delete(user.email);
    this.#users.set(email, user);
    user.email = email;
  }

  /** Forgets a user. */
  remove(user: FakeUser): void {
    this.#users.delete(user.email);
  }

  /** Opens a session. */
  open(user: FakeUser, { clientIp = '', userAgent = '' }: Visitor): Session {
    const expiresAt = inWholeSeconds(SESSION_TTL_MS);
    const sessionId = crypto.randomUUID();
    return this.tokenFor({
      sessionId,
      user,
      createdAt: inWholeSeconds(0),
      clientIp,
      userAgent,
      expiresAt,
      isRevoked: false,
    });
  }

  /** Makes another token of a session. */
  tokenFor(session: FakeSession): Session {
    const { user, expiresAt } = session;
    const token = tokenOf(session);
    this.#tokens.set(token, { session, expiresAt });
    return sessionOf(user, token, expiresAt);
  }

  /** Whose session a token is, live or not. */
  ofToken(sessionToken: string | undefined): FakeUser | undefined {
    return this.#tokens.get(sessionToken ?? '')?.session.user;
  }

  /** A live session. Throws what a server answers; `further` looks for faults of further parameters. */
  live(args: SessionArguments, parameters: Parameters, further?: () => void): FakeToken {
    const token = this.known(args, parameters, further);
    if (token.expiresAt.getTime() <= Date.now()) {
      throw failure('UNAUTHENTICATED', 'SESSION_EXPIRED', 'The session has expired.');
    }
    if (token.session.isRevoked) {
      throw failure('UNAUTHENTICATED', 'SESSION_REVOKED', 'The session has ended.');
    }
    return token;
  }

  /** A session, live or not. Throws as `live` does. */
  known(args: SessionArguments, parameters: Parameters, further: () => void = () => {}): FakeToken {
    const { sessionToken, email: given } = withEmail(args);
    parameters.required('sessionToken', sessionToken);
    const email = parameters.email('email', given);
    parameters.check();
    further();
    const token = this.#tokens.get(sessionToken);
    if (token === undefined || token.session.user.email !== email) {
      throw failure('UNAUTHENTICATED', 'SESSION_INVALID', 'The session token is not valid.');
    }
    return token;
  }

  /** A user's live sessions, the oldest first. */
  sessionsOf(user: FakeUser): FakeSession[] {
    const sessions = new Set([...this.#tokens.values()].map(({ session }) => session));
    return [...sessions].filter((each) => each.user === user && isLive(each));
  }

  /** Ends a user's sessions, or those that are meant; tells how many. */
  endSessions(user: FakeUser, isMeant: (session: FakeSession) => boolean = () => true): number {
    const ended = this.sessionsOf(user).filter(isMeant);
    for (const session of ended) {
      session.isRevoked = true;
    }
    return ended.length;
  }
}

/** Throws CREDENTIALS_INVALID. */
export function requirePassword(user: FakeUser, password: string): void {
  if (user.password !== password) {
    throw failure('UNAUTHENTICATED', 'CREDENTIALS_INVALID', 'The e-mail or the password is wrong.');
  }
}

/** Sets a password: what was mailed or begun before is void. */
export function setPassword(user: FakeUser, password: string, mustChangePassword = false): void {
  user.password = password;
  user.mustChangePassword = mustChangePassword;
  user.credentialVersion += 1;
}

function isLive({ isRevoked, expiresAt }: FakeSession): boolean {
  return !isRevoked && Date.now() < expiresAt.getTime();
}

/** In the form of a session token, so that its e-mail is read in the same way. */
function tokenOf({ sessionId, user: { userId, email, orgId }, expiresAt }: FakeSession): string {
  const claims = { email, sub: userId, org_id: orgId, sid: sessionId, exp: expiresAt.getTime() / 1_000 };
  const binary = String.fromCharCode(...new TextEncoder().encode(JSON.stringify(claims)));
  const payload = btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `fake.${payload}.${crypto.randomUUID()}`;
}
