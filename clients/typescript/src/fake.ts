import type {
  AuthFlow,
  CallOptions,
  ChangePasswordArguments,
  FooBarArguments,
  LoginArguments,
  Nonce,
  PasswordChange,
  Session,
  SessionArguments,
  SessionUser,
  SignUpArguments,
  User,
} from './calls.ts';
import { AuthFlowError, type ErrorCode, type KnownErrorReason } from './errors.ts';
import { Parameters, requirePolicy } from './fake-parameters.ts';
import { nonceOf, sessionOf, sessionUserOf, userOf } from './results.ts';
import { withEmail } from './session-token.ts';

const NONCE_TTL_MS = 5 * 60 * 1_000;
const SESSION_TTL_MS = 7 * 24 * 60 * 60 * 1_000;

interface FakeUser extends User {
  password: string;
}

interface FakeSession {
  readonly sessionId: string;
  readonly user: FakeUser;
  readonly expiresAt: Date;
  isRevoked: boolean;
}

/**
 * AuthFlow for tests: the clients' interface, with the users and sessions of one organization in memory and no server. It
 * answers as a server does, with the same reasons; its tokens begin with `fake.`, and a server refuses them. Passwords
 * are kept as they are: never for real users.
 */
export class AuthFlowFake implements AuthFlow {
  /** While this is true every call fails as one without a connection does: UNAVAILABLE, without a reason, at once. */
  unreachable = false;
  /** The organization of all its users. */
  readonly orgId: string = crypto.randomUUID();
  readonly #users = new Map<string, FakeUser>();
  readonly #sessions = new Map<string, FakeSession>();
  #isClosed = false;

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
    const user = { userId: crypto.randomUUID(), email, fullname, orgId: this.orgId, password };
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
      expiresAt: inWholeSeconds(SESSION_TTL_MS),
      isRevoked: false,
    };
    const token = tokenOf(session);
    this.#sessions.set(token, session);
    return sessionOf(user, token, session.expiresAt);
  }

  /** @inheritdoc */
  async validate(args: SessionArguments, options?: CallOptions): Promise<SessionUser> {
    this.#begin(options);
    const { user, sessionId, expiresAt } = this.#live(args, new Parameters());
    return sessionUserOf(user, sessionId, expiresAt);
  }

  /** @inheritdoc */
  async changePassword(args: ChangePasswordArguments, options?: CallOptions): Promise<PasswordChange> {
    this.#begin(options);
    const parameters = new Parameters();
    const newPassword = parameters.password('newPassword', args.newPassword);
    const session = this.#live(args, parameters, () => requirePolicy(newPassword));
    if (args.currentPassword) {
      requirePassword(session.user, args.currentPassword.normalize('NFC'));
    }
    session.user.password = newPassword;
    const others = [...this.#sessions.values()].filter(
      (each) => isLive(each) && each !== session && each.user === session.user,
    );
    for (const other of others) {
      other.isRevoked = true;
    }
    return { endedSessions: others.length };
  }

  /** @inheritdoc */
  async logout(args: SessionArguments, options?: CallOptions): Promise<void> {
    this.#begin(options);
    this.#known(args, new Parameters()).isRevoked = true;
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

  #live(args: SessionArguments, parameters: Parameters, further?: () => void): FakeSession {
    const session = this.#known(args, parameters, further);
    if (session.expiresAt.getTime() <= Date.now()) {
      throw failure('UNAUTHENTICATED', 'SESSION_EXPIRED', 'The session has expired.');
    }
    if (session.isRevoked) {
      throw failure('UNAUTHENTICATED', 'SESSION_REVOKED', 'The session has ended.');
    }
    return session;
  }

  #known(args: SessionArguments, parameters: Parameters, further: () => void = () => {}): FakeSession {
    const { sessionToken, email: given } = withEmail(args);
    parameters.required('sessionToken', sessionToken);
    const email = parameters.email('email', given);
    parameters.check();
    further();
    const session = this.#sessions.get(sessionToken);
    if (session === undefined || session.user.email !== email) {
      throw failure('UNAUTHENTICATED', 'SESSION_INVALID', 'The session token is not valid.');
    }
    return session;
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
