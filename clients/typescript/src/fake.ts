import type {
  Account,
  AddressArguments,
  AuthFlow,
  CallOptions,
  ChangeEmailArguments,
  ChangePasswordArguments,
  DeleteAccountArguments,
  EndedSessions,
  EndMySessionsArguments,
  FooBarArguments,
  LoginArguments,
  MeArguments,
  MySession,
  Nonce,
  PasswordChange,
  PasswordReset,
  ResetPasswordArguments,
  Session,
  SessionArguments,
  SessionUser,
  SignUpArguments,
  UpdateProfileArguments,
  User,
  VerifiedEmail,
  VerifyEmailArguments,
} from './calls.ts';
import { AuthFlowError, type ErrorCode, type KnownErrorReason } from './errors.ts';
import { FakeMail, type FakeMailKind } from './fake-mail.ts';
import { Parameters, requirePolicy } from './fake-parameters.ts';
import {
  accountOf,
  mySessionOf,
  nonceOf,
  passwordResetOf,
  sessionOf,
  sessionUserOf,
  userOf,
  verifiedEmailOf,
} from './results.ts';
import { withEmail } from './session-token.ts';

export type { FakeMail, FakeMailKind } from './fake-mail.ts';

const MINUTE_MS = 60 * 1_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
// A server's defaults: docs/contract.md.
const NONCE_TTL_MS = 5 * MINUTE_MS;
const SESSION_TTL_MS = 7 * DAY_MS;
const SESSION_MAX_AGE_MS = 30 * DAY_MS;
const FRESH_MS = 15 * MINUTE_MS;
const MAIL_TTL_MS: Readonly<Record<FakeMailKind, number>> = {
  verify: DAY_MS,
  reset: 30 * MINUTE_MS,
  change_email: 60 * MINUTE_MS,
};

interface FakeUser {
  readonly userId: string;
  readonly orgId: string;
  readonly createdAt: Date;
  email: string;
  fullname: string;
  password: string;
  emailVerified: boolean;
  roles: readonly string[];
  /** Raised by what makes mailed tokens void. */
  credentialVersion: number;
}

interface FakeSession {
  readonly sessionId: string;
  readonly user: FakeUser;
  readonly createdAt: Date;
  readonly clientIp: string;
  readonly userAgent: string;
  expiresAt: Date;
  isRevoked: boolean;
}

/** A session token, which ends by itself: a renewed session has several. */
interface FakeToken {
  readonly session: FakeSession;
  readonly expiresAt: Date;
}

interface FakeMailToken {
  readonly kind: FakeMailKind;
  readonly user: FakeUser;
  /** The user's address when it was made. */
  readonly email: string;
  /** The address that it proves. */
  readonly newEmail: string;
  readonly credentialVersion: number;
  readonly expiresAt: number;
}

/**
 * AuthFlow for tests: the clients' interface, with the users and sessions of one organization in memory and no server. It
 * answers as a server does, with the same reasons; its tokens begin with `fake.`, and a server refuses them. Passwords
 * are kept as they are: never for real users. Mails are not sent but kept in `mails`, however many are asked for.
 */
export class AuthFlowFake implements AuthFlow {
  /** While this is true every call fails as one without a connection does: UNAVAILABLE, without a reason, at once. */
  unreachable = false;
  /** The organization of all its users. */
  readonly orgId: string = crypto.randomUUID();
  readonly #users = new Map<string, FakeUser>();
  readonly #tokens = new Map<string, FakeToken>();
  readonly #mailTokens = new Map<string, FakeMailToken>();
  readonly #mails: FakeMail[] = [];
  #isClosed = false;

  /** What was mailed, the oldest first. */
  get mails(): readonly FakeMail[] {
    return [...this.#mails];
  }

  /**
   * Gives a user these roles and no others, as a backend does by UserService; a role that is taken away ends the user's
   * sessions. Throws where there is no such user.
   */
  setRoles(email: string, roles: readonly string[]): void {
    const user = this.#users.get(email);
    if (user === undefined) {
      throw new Error(`setRoles: there is no user ${email}`);
    }
    if (user.roles.some((role) => !roles.includes(role))) {
      this.#endSessions(user);
    }
    user.roles = [...roles];
  }

  /** @inheritdoc */
  async fooBar({ identity }: FooBarArguments, options?: CallOptions): Promise<Nonce> {
    this.#begin(options);
    const parameters = new Parameters();
    parameters.email('identity', identity);
    parameters.check();
    return nonceOf(`fake.nonce.${crypto.randomUUID()}`, inWholeSeconds(NONCE_TTL_MS));
  }

  /** @inheritdoc */
  async signUp(args: SignUpArguments, options?: CallOptions): Promise<User> {
    this.#begin(options);
    const parameters = new Parameters();
    const email = parameters.email('email', args.email);
    const password = parameters.password('password', args.password);
    const fullname = parameters.fullname('fullname', args.fullname);
    parameters.check();
    requirePolicy(password);
    if (args.disclaimed !== true) {
      throw failure('INVALID_ARGUMENT', 'DISCLAIMER_REQUIRED', 'The disclaimer must be accepted.');
    }
    if (this.#users.has(email)) {
      throw failure('ALREADY_EXISTS', 'USER_EXISTS', 'A user with this e-mail exists.');
    }
    const user = {
      userId: crypto.randomUUID(),
      email,
      fullname,
      orgId: this.orgId,
      password,
      emailVerified: false,
      roles: [],
      createdAt: inWholeSeconds(0),
      credentialVersion: 0,
    };
    this.#users.set(email, user);
    return userOf(user);
  }

  /** Opens a session, whatever session the device had before: the fake does not count tries. */
  async login(args: LoginArguments, options?: CallOptions): Promise<Session> {
    this.#begin(options);
    const parameters = new Parameters();
    const email = parameters.email('email', args.email);
    const password = parameters.password('password', args.password);
    parameters.check();
    const user = this.#users.get(email);
    if (user === undefined) {
      throw failure('NOT_FOUND', 'USER_NOT_FOUND', 'There is no such user.');
    }
    requirePassword(user, password);
    const session = {
      sessionId: crypto.randomUUID(),
      user,
      createdAt: inWholeSeconds(0),
      clientIp: args.clientIp ?? '',
      userAgent: args.userAgent ?? '',
      expiresAt: inWholeSeconds(SESSION_TTL_MS),
      isRevoked: false,
    };
    return this.#tokenFor(session);
  }

  /** @inheritdoc */
  async validate(args: SessionArguments, options?: CallOptions): Promise<SessionUser> {
    this.#begin(options);
    const { session, expiresAt } = this.#live(args, new Parameters());
    return sessionUserOf({ ...session.user, sessionId: session.sessionId, expiresAt });
  }

  /** @inheritdoc */
  async changePassword(args: ChangePasswordArguments, options?: CallOptions): Promise<PasswordChange> {
    this.#begin(options);
    const parameters = new Parameters();
    const newPassword = parameters.password('newPassword', args.newPassword);
    const { session } = this.#live(args, parameters, () => requirePolicy(newPassword));
    const { user } = session;
    if (args.currentPassword) {
      requirePassword(user, args.currentPassword.normalize('NFC'));
    }
    user.password = newPassword;
    user.credentialVersion += 1;
    return { endedSessions: this.#endSessions(user, (each) => each !== session) };
  }

  /** @inheritdoc */
  async logout(args: SessionArguments, options?: CallOptions): Promise<void> {
    this.#begin(options);
    this.#known(args, new Parameters()).session.isRevoked = true;
  }

  /** @inheritdoc */
  async me(args: MeArguments, options?: CallOptions): Promise<Account> {
    this.#begin(options);
    return accountOfToken(this.#live(args, new Parameters()));
  }

  /** @inheritdoc */
  async sendVerificationEmail(args: AddressArguments, options?: CallOptions): Promise<void> {
    this.#begin(options);
    const user = this.#userAt(args);
    if (user !== undefined && !user.emailVerified) {
      this.#mail('verify', user);
    }
  }

  /** @inheritdoc */
  async verifyEmail(args: VerifyEmailArguments, options?: CallOptions): Promise<VerifiedEmail> {
    this.#begin(options);
    const parameters = new Parameters();
    parameters.required('token', args.token);
    parameters.check();
    const { kind, user, newEmail } = this.#mailed(args.token, ['verify', 'change_email']);
    if (kind === 'change_email') {
      if (this.#users.has(newEmail)) {
        throw failure('ALREADY_EXISTS', 'USER_EXISTS', 'A user with this e-mail exists.');
      }
      this.#users.delete(user.email);
      this.#users.set(newEmail, user);
      user.email = newEmail;
      user.credentialVersion += 1;
      this.#endSessions(user);
    }
    user.emailVerified = true;
    return verifiedEmailOf(user);
  }

  /** @inheritdoc */
  async forgotPassword(args: AddressArguments, options?: CallOptions): Promise<void> {
    this.#begin(options);
    const user = this.#userAt(args);
    if (user !== undefined) {
      this.#mail('reset', user);
    }
  }

  /** @inheritdoc */
  async resetPassword(args: ResetPasswordArguments, options?: CallOptions): Promise<PasswordReset> {
    this.#begin(options);
    const parameters = new Parameters();
    parameters.required('token', args.token);
    const newPassword = parameters.password('newPassword', args.newPassword);
    parameters.check();
    requirePolicy(newPassword);
    const { user } = this.#mailed(args.token, ['reset']);
    user.password = newPassword;
    user.emailVerified = true;
    user.credentialVersion += 1;
    return passwordResetOf({ ...user, endedSessions: this.#endSessions(user) });
  }

  /** @inheritdoc */
  async renewSession(args: SessionArguments, options?: CallOptions): Promise<Session> {
    this.#begin(options);
    const { session } = this.#live(args, new Parameters());
    const latest = session.createdAt.getTime() + SESSION_MAX_AGE_MS;
    const renewed = new Date(Math.min(inWholeSeconds(SESSION_TTL_MS).getTime(), latest));
    if (renewed.getTime() - session.expiresAt.getTime() >= SESSION_TTL_MS / 8) {
      session.expiresAt = renewed;
    }
    return this.#tokenFor(session);
  }

  /** @inheritdoc */
  async listMySessions(args: SessionArguments, options?: CallOptions): Promise<readonly MySession[]> {
    this.#begin(options);
    const { session: asking } = this.#live(args, new Parameters());
    return this.#sessionsOf(asking.user)
      .toReversed()
      .map((each) => mySessionOf({ ...each, lastUsedAt: each.createdAt, current: each === asking }));
  }

  /** @inheritdoc */
  async endMySessions(args: EndMySessionsArguments, options?: CallOptions): Promise<EndedSessions> {
    this.#begin(options);
    const { session: asking } = this.#live(args, new Parameters());
    const { sessionId } = args;
    const isMeant = (each: FakeSession) => (sessionId ? each.sessionId === sessionId : each !== asking);
    return { endedSessions: this.#endSessions(asking.user, isMeant) };
  }

  /** @inheritdoc */
  async updateProfile(args: UpdateProfileArguments, options?: CallOptions): Promise<Account> {
    this.#begin(options);
    const parameters = new Parameters();
    const fullname = parameters.fullname('fullname', args.fullname);
    const token = this.#live(args, parameters);
    token.session.user.fullname = fullname;
    return accountOfToken(token);
  }

  /** @inheritdoc */
  async changeEmail(args: ChangeEmailArguments, options?: CallOptions): Promise<void> {
    this.#begin(options);
    const parameters = new Parameters();
    const newEmail = parameters.email('newEmail', args.newEmail);
    const { session } = this.#live(args, parameters);
    requireFreshProof(session, args);
    this.#mail('change_email', session.user, newEmail);
  }

  /** @inheritdoc */
  async deleteAccount(args: DeleteAccountArguments, options?: CallOptions): Promise<EndedSessions> {
    this.#begin(options);
    const { session } = this.#live(args, new Parameters());
    requireFreshProof(session, args);
    this.#users.delete(session.user.email);
    return { endedSessions: this.#endSessions(session.user) };
  }

  /** Refuses further calls with CANCELLED. Repeating it does nothing. */
  close(): void {
    this.#isClosed = true;
  }

  #begin({ signal }: CallOptions = {}): void {
    signal?.throwIfAborted();
    if (this.#isClosed) {
      throw new AuthFlowError({ code: 'CANCELLED', message: 'The client is closed.' });
    }
    if (this.unreachable) {
      const message = 'No connection to the fake: it was told to be unreachable.';
      throw new AuthFlowError({ code: 'UNAVAILABLE', message });
    }
  }

  #live(args: SessionArguments, parameters: Parameters, further?: () => void): FakeToken {
    const token = this.#known(args, parameters, further);
    if (token.expiresAt.getTime() <= Date.now()) {
      throw failure('UNAUTHENTICATED', 'SESSION_EXPIRED', 'The session has expired.');
    }
    if (token.session.isRevoked) {
      throw failure('UNAUTHENTICATED', 'SESSION_REVOKED', 'The session has ended.');
    }
    return token;
  }

  #known(args: SessionArguments, parameters: Parameters, further: () => void = () => {}): FakeToken {
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

  #tokenFor(session: FakeSession): Session {
    const { user, expiresAt } = session;
    const token = tokenOf(session);
    this.#tokens.set(token, { session, expiresAt });
    return sessionOf(user, token, expiresAt);
  }

  #userAt({ email }: AddressArguments): FakeUser | undefined {
    const parameters = new Parameters();
    const address = parameters.email('email', email);
    parameters.check();
    return this.#users.get(address);
  }

  /** A user's live sessions, the oldest first. */
  #sessionsOf(user: FakeUser): FakeSession[] {
    const sessions = new Set([...this.#tokens.values()].map(({ session }) => session));
    return [...sessions].filter((each) => each.user === user && isLive(each));
  }

  #endSessions(user: FakeUser, isMeant: (session: FakeSession) => boolean = () => true): number {
    const ended = this.#sessionsOf(user).filter(isMeant);
    for (const session of ended) {
      session.isRevoked = true;
    }
    return ended.length;
  }

  #mail(kind: FakeMailKind, user: FakeUser, newEmail = user.email): void {
    const token = `fake.mail.${crypto.randomUUID()}`;
    const { email, credentialVersion } = user;
    const expiresAt = Date.now() + MAIL_TTL_MS[kind];
    this.#mailTokens.set(token, { kind, user, email, newEmail, credentialVersion, expiresAt });
    this.#mails.push(new FakeMail(kind, newEmail, token));
  }

  #mailed(token: string, kinds: readonly FakeMailKind[]): FakeMailToken {
    const mailed = this.#mailTokens.get(token);
    if (mailed === undefined || !kinds.includes(mailed.kind)) {
      throw failure('UNAUTHENTICATED', 'TOKEN_INVALID', 'The token is not valid.');
    }
    const { kind, user, email, credentialVersion, expiresAt } = mailed;
    if (expiresAt <= Date.now()) {
      throw failure('UNAUTHENTICATED', 'TOKEN_EXPIRED', 'The token is too old.');
    }
    // That of a verification is bound to the address alone.
    const isVoid = kind !== 'verify' && credentialVersion !== user.credentialVersion;
    if (isVoid || this.#users.get(email) !== user) {
      throw failure('UNAUTHENTICATED', 'TOKEN_INVALID', 'The token is not valid.');
    }
    return mailed;
  }
}

function accountOfToken({ session: { user, sessionId }, expiresAt }: FakeToken): Account {
  return accountOf({ ...user, sessionId, expiresAt, secondFactor: false, recoveryCodesLeft: 0, publicMetadata: '' });
}

function requireFreshProof({ user, createdAt }: FakeSession, { currentPassword }: DeleteAccountArguments): void {
  if (currentPassword) {
    requirePassword(user, currentPassword.normalize('NFC'));
  } else if (Date.now() - createdAt.getTime() > FRESH_MS) {
    const message = 'The present password is needed, or a new login.';
    throw failure('PERMISSION_DENIED', 'REAUTHENTICATION_REQUIRED', message);
  }
}

function isLive({ isRevoked, expiresAt }: FakeSession): boolean {
  return !isRevoked && Date.now() < expiresAt.getTime();
}

function requirePassword(user: FakeUser, password: string): void {
  if (user.password !== password) {
    throw failure('UNAUTHENTICATED', 'CREDENTIALS_INVALID', 'The e-mail or the password is wrong.');
  }
}

/** In the form of a session token, so that its e-mail is read in the same way. */
function tokenOf({ sessionId, user: { userId, email, orgId }, expiresAt }: FakeSession): string {
  const claims = { email, sub: userId, org_id: orgId, sid: sessionId, exp: expiresAt.getTime() / 1_000 };
  const binary = String.fromCharCode(...new TextEncoder().encode(JSON.stringify(claims)));
  const payload = btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `fake.${payload}.${crypto.randomUUID()}`;
}

function inWholeSeconds(fromNowMs: number): Date {
  return new Date(Math.floor((Date.now() + fromNowMs) / 1_000) * 1_000);
}

function failure(code: ErrorCode, reason: KnownErrorReason, message: string): AuthFlowError {
  return new AuthFlowError({ code, reason, message });
}
