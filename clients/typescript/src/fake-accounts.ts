import type {
  Account,
  AddressArguments,
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
import type { FakeChallenges } from './fake-challenges.ts';
import { DAY_MS, inWholeSeconds, MINUTE_MS } from './fake-clock.ts';
import { forgetWrongCodes } from './fake-codes.ts';
import { failure } from './fake-failure.ts';
import { Parameters, requirePolicy } from './fake-parameters.ts';
import {
  type FakeSession,
  type FakeToken,
  type FakeUser,
  requirePassword,
  SESSION_TTL_MS,
  setPassword,
} from './fake-users.ts';
import { type FakeWorld, requireFreshProof } from './fake-world.ts';
import { accountOf, mySessionOf, nonceOf, passwordResetOf, sessionUserOf, userOf, verifiedEmailOf } from './results.ts';

// A server's defaults: docs/contract.md.
const NONCE_TTL_MS = 5 * MINUTE_MS;
const SESSION_MAX_AGE_MS = 30 * DAY_MS;

/** The calls of AuthService and AccountService, in memory. */
export class FakeAccounts {
  readonly #world: FakeWorld;

  /** Shares what other calls of the fake see. */
  constructor(world: FakeWorld) {
    this.#world = world;
  }

  /** @inheritdoc */
  async fooBar({ identity }: FooBarArguments, options?: CallOptions): Promise<Nonce> {
    this.#world.begin(options);
    const parameters = new Parameters();
    parameters.email('identity', identity);
    parameters.check();
    return nonceOf(`fake.nonce.${crypto.randomUUID()}`, inWholeSeconds(NONCE_TTL_MS));
  }

  /** @inheritdoc */
  async signUp(args: SignUpArguments, options?: CallOptions): Promise<User> {
    this.#world.begin(options);
    const parameters = new Parameters();
    const email = parameters.email('email', args.email);
    const password = parameters.password('password', args.password);
    const fullname = parameters.fullname('fullname', args.fullname);
    parameters.check();
    requirePolicy(password);
    if (args.disclaimed !== true) {
      throw failure('INVALID_ARGUMENT', 'DISCLAIMER_REQUIRED', 'The disclaimer must be accepted.');
    }
    return userOf(this.#world.users.add({ email, password, fullname }));
  }

  /** Opens a session, whatever session the device had before: the fake counts no wrong passwords. */
  async login(args: LoginArguments, options?: CallOptions): Promise<Session> {
    this.#world.begin(options);
    const parameters = new Parameters();
    const email = parameters.email('email', args.email);
    const password = parameters.password('password', args.password);
    parameters.check();
    const user = this.#world.users.at(email);
    if (user === undefined) {
      throw failure('NOT_FOUND', 'USER_NOT_FOUND', 'There is no such user.');
    }
    requirePassword(user, password);
    this.#world.requireNothingMore(user, { provedBy: 'password' });
    return this.#world.users.open(user, args);
  }

  /** @inheritdoc */
  async validate(args: SessionArguments, options?: CallOptions): Promise<SessionUser> {
    this.#world.begin(options);
    const { session, expiresAt } = this.#world.users.live(args, new Parameters());
    return sessionUserOf({ ...session.user, sessionId: session.sessionId, expiresAt });
  }

  /** @inheritdoc */
  async changePassword(args: ChangePasswordArguments, options?: CallOptions): Promise<PasswordChange> {
    this.#world.begin(options);
    const shown = await this.#world.shownTo(args);
    const parameters = new Parameters();
    const newPassword = parameters.password('newPassword', args.newPassword);
    const code = parameters.code('code', args.code);
    const { session } = this.#world.users.live(args, parameters, () => requirePolicy(newPassword));
    const { user } = session;
    if (user.factor !== null) {
      requireFreshProof(session, { ...args, code, shown });
    } else if (args.currentPassword) {
      requirePassword(user, args.currentPassword.normalize('NFC'));
    }
    setPassword(user, newPassword);
    return { endedSessions: this.#world.users.endSessions(user, (each) => each !== session) };
  }

  /** @inheritdoc */
  async logout(args: SessionArguments, options?: CallOptions): Promise<void> {
    this.#world.begin(options);
    this.#world.users.known(args, new Parameters()).session.isRevoked = true;
  }

  /** @inheritdoc */
  async me(args: MeArguments, options?: CallOptions): Promise<Account> {
    this.#world.begin(options);
    return accountOfToken(this.#world.users.live(args, new Parameters()));
  }

  /** @inheritdoc */
  async sendVerificationEmail(args: AddressArguments, options?: CallOptions): Promise<void> {
    this.#world.begin(options);
    const user = this.#world.users.at(addressOf(args));
    if (user !== undefined && !user.emailVerified && !user.isDisabled) {
      this.#world.mailbox.sendLink('verify', user);
    }
  }

  /** @inheritdoc */
  async verifyEmail(args: VerifyEmailArguments, options?: CallOptions): Promise<VerifiedEmail> {
    this.#world.begin(options);
    const parameters = new Parameters();
    parameters.required('token', args.token);
    parameters.check();
    const { mailbox, users } = this.#world;
    const { kind, user, newEmail } = mailbox.read(args.token, ['verify', 'change_email']);
    if (kind === 'change_email') {
      users.requireFree(newEmail);
      users.move(user, newEmail);
      user.credentialVersion += 1;
      users.endSessions(user);
    }
    user.emailVerified = true;
    return verifiedEmailOf(user);
  }

  /** @inheritdoc */
  async forgotPassword(args: AddressArguments, options?: CallOptions): Promise<void> {
    this.#world.begin(options);
    const user = this.#world.users.at(addressOf(args));
    if (user !== undefined && !user.isDisabled) {
      this.#world.mailbox.sendLink('reset', user);
    }
  }

  /** @inheritdoc */
  async resetPassword(args: ResetPasswordArguments, options?: CallOptions): Promise<PasswordReset> {
    this.#world.begin(options);
    const { challenges, mailbox, users } = this.#world;
    const parameters = new Parameters();
    const token = parameters.required('token', args.token);
    const newPassword = parameters.password('newPassword', args.newPassword);
    parameters.check();
    requirePolicy(newPassword);
    const user = challenges.isChallenge(token)
      ? provenByPassword(challenges, args)
      : provenByMail(mailbox.read(token, ['reset']).user);
    setPassword(user, newPassword);
    return passwordResetOf({ ...user, endedSessions: users.endSessions(user) });
  }

  /** @inheritdoc */
  async renewSession(args: SessionArguments, options?: CallOptions): Promise<Session> {
    this.#world.begin(options);
    const { session } = this.#world.users.live(args, new Parameters());
    const latest = session.createdAt.getTime() + SESSION_MAX_AGE_MS;
    const renewed = new Date(Math.min(inWholeSeconds(SESSION_TTL_MS).getTime(), latest));
    if (renewed.getTime() - session.expiresAt.getTime() >= SESSION_TTL_MS / 8) {
      session.expiresAt = renewed;
    }
    return this.#world.users.tokenFor(session);
  }

  /** @inheritdoc */
  async listMySessions(args: SessionArguments, options?: CallOptions): Promise<readonly MySession[]> {
    this.#world.begin(options);
    const { session: asking } = this.#world.users.live(args, new Parameters());
    return this.#world.users
      .sessionsOf(asking.user)
      .toReversed()
      .map((each) => mySessionOf({ ...each, lastUsedAt: each.createdAt, current: each === asking }));
  }

  /** @inheritdoc */
  async endMySessions(args: EndMySessionsArguments, options?: CallOptions): Promise<EndedSessions> {
    this.#world.begin(options);
    const { session: asking } = this.#world.users.live(args, new Parameters());
    const { sessionId } = args;
    const isMeant = (each: FakeSession) => (sessionId ? each.sessionId === sessionId : each !== asking);
    return { endedSessions: this.#world.users.endSessions(asking.user, isMeant) };
  }

  /** @inheritdoc */
  async updateProfile(args: UpdateProfileArguments, options?: CallOptions): Promise<Account> {
    this.#world.begin(options);
    const parameters = new Parameters();
    const fullname = parameters.fullname('fullname', args.fullname);
    const token = this.#world.users.live(args, parameters);
    token.session.user.fullname = fullname;
    return accountOfToken(token);
  }

  /** @inheritdoc */
  async changeEmail(args: ChangeEmailArguments, options?: CallOptions): Promise<void> {
    this.#world.begin(options);
    const shown = await this.#world.shownTo(args);
    const parameters = new Parameters();
    const newEmail = parameters.email('newEmail', args.newEmail);
    const code = parameters.code('code', args.code);
    const { session } = this.#world.users.live(args, parameters);
    requireFreshProof(session, { ...args, code, shown });
    this.#world.mailbox.sendLink('change_email', session.user, newEmail);
  }

  /** @inheritdoc */
  async deleteAccount(args: DeleteAccountArguments, options?: CallOptions): Promise<EndedSessions> {
    this.#world.begin(options);
    const shown = await this.#world.shownTo(args);
    const parameters = new Parameters();
    const code = parameters.code('code', args.code);
    const { session } = this.#world.users.live(args, parameters);
    requireFreshProof(session, { ...args, code, shown });
    this.#world.users.remove(session.user);
    return { endedSessions: this.#world.users.endSessions(session.user) };
  }

  /** Refuses further calls with CANCELLED. Repeating it does nothing. */
  close(): void {
    this.#world.isClosed = true;
  }
}

/** The address that a call names, normalized. Throws INVALID_ARGUMENT. */
export function addressOf({ email }: AddressArguments): string {
  const parameters = new Parameters();
  const address = parameters.email('email', email);
  parameters.check();
  return address;
}

function accountOfToken({ session: { user, sessionId }, expiresAt }: FakeToken): Account {
  const secondFactor = user.factor !== null;
  const recoveryCodesLeft = user.factor?.recoveryCodes.size ?? 0;
  return accountOf({ ...user, sessionId, expiresAt, secondFactor, recoveryCodesLeft, publicMetadata: '' });
}

/** Whom a challenge lets set another password, by the present one. */
function provenByPassword(challenges: FakeChallenges, args: ResetPasswordArguments): FakeUser {
  const parameters = new Parameters();
  const currentPassword = parameters.password('currentPassword', args.currentPassword);
  parameters.check();
  challenges.find(args.token, 'change_password');
  if (currentPassword === args.newPassword.normalize('NFC')) {
    const message = 'The new password must be another one than the present.';
    throw failure('INVALID_ARGUMENT', 'PASSWORD_POLICY', message);
  }
  const challenge = challenges.take(args.token, 'change_password');
  requirePassword(challenge.user, currentPassword);
  challenges.spend(challenge);
  return challenge.user;
}

/** The mail that is the first to prove an address takes off what somebody set up before. */
function provenByMail(user: FakeUser): FakeUser {
  if (!user.emailVerified) {
    user.factor = null;
    user.pendingFactor = null;
    forgetWrongCodes(user);
  }
  user.withholdsEmail = user.factor !== null;
  user.emailVerified = true;
  return user;
}
