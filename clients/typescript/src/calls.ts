import type { SecondFactorCalls } from './second-factor-calls.ts';

/** Who sits in front of your backend. What is left out is not told; what the server cannot use, it ignores. */
export interface Visitor {
  /** The IP address of the person, as your backend sees it. */
  readonly clientIp?: string | undefined;
  /** The header `User-Agent` that the person's program sent. */
  readonly userAgent?: string | undefined;
}

/** What fooBar takes. */
export interface FooBarArguments extends Visitor {
  /** The e-mail that the nonce will be bound to. */
  readonly identity: string;
}

/** A nonce, good for one sign-up or login by the raw stub. Printed and serialized without its token. */
export interface Nonce {
  readonly token: string;
  readonly expiresAt: Date;
}

/** What signUp takes. */
export interface SignUpArguments extends Visitor {
  readonly email: string;
  /** 8 to 32 characters with an upper-case letter, a lower-case letter, a digit and a special character. */
  readonly password: string;
  readonly fullname: string;
  /** Must be true: the user has accepted your terms. */
  readonly disclaimed: boolean;
}

/** A user of your organization. Key your own records by `userId`. As JSON it has the names of the wire: `user_id`. */
export interface User {
  readonly userId: string;
  /** The normalized e-mail. */
  readonly email: string;
  readonly fullname: string;
  readonly orgId: string;
}

/** What login takes. */
export interface LoginArguments extends Visitor {
  readonly email: string;
  readonly password: string;
  /**
   * The last session token of the person's device, expired or ended too: a sign of a known device, whose tries are
   * counted apart from everybody else's. By default the one that the request came with in whose handler, behind our
   * middleware, login is called; `''` is none. One that proves nothing is as none, and no error.
   */
  readonly sessionToken?: string | undefined;
}

/**
 * A session that login opened, and whose it is. Neither printed nor serialized is its `token`, nor is it copied by
 * `{ ...session }`: take it by its name.
 */
export interface Session extends User {
  /** The session token, a JWT. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** What calls about a session take. */
export interface SessionArguments extends Visitor {
  /** The `token` of login. */
  readonly sessionToken: string;
  /** The e-mail that the session must belong to; by default the one that the token claims. */
  readonly email?: string | undefined;
}

/** A live session, as stored and not as claimed. As JSON it has the names of the wire: `session_id`. */
export interface SessionUser extends User {
  readonly sessionId: string;
  /** When the session token stops being accepted. */
  readonly expiresAt: Date;
  /** Whether the user has proven to read mail at `email`. */
  readonly emailVerified: boolean;
  /** The user's roles in the order in which they were given, frozen. */
  readonly roles: readonly string[];
}

/** What changePassword takes. */
export interface ChangePasswordArguments extends SessionArguments {
  readonly newPassword: string;
  /** Needed of a user with a second factor whose login is older than 15 minutes. When it is given it must be right. */
  readonly currentPassword?: string | undefined;
  /** A code of the user's second factor, where there is one. */
  readonly code?: string | undefined;
}

/** What a change of the password ended. */
export interface PasswordChange {
  /** How many other live sessions of the user were ended. */
  readonly endedSessions: number;
}

/** What me takes. */
export interface MeArguments extends Visitor {
  /** The `token` of login. */
  readonly sessionToken: string;
  /** The e-mail that the session must belong to, where that is to be checked. */
  readonly email?: string | undefined;
}

/** The user of a live session with all that is told of it, as stored. As JSON it has the names of the wire. */
export interface Account extends SessionUser {
  /** Whether a login of the user needs a second factor. */
  readonly secondFactor: boolean;
  /** How many recovery codes of the second factor are left. */
  readonly recoveryCodesLeft: number;
  /** What your backend keeps with the user and shows to the user: the text of a JSON object, `''` where there is none. */
  readonly publicMetadata: string;
  /** When the user signed up. */
  readonly createdAt: Date;
}

/** What sendVerificationEmail and forgotPassword take. */
export interface AddressArguments extends Visitor {
  readonly email: string;
}

/** What verifyEmail takes. */
export interface VerifyEmailArguments extends Visitor {
  /** The token of the mail. */
  readonly token: string;
}

/** Whose address is proven. As JSON it has the names of the wire: `user_id`. */
export interface VerifiedEmail {
  readonly email: string;
  readonly userId: string;
  readonly orgId: string;
}

/** What resetPassword takes. */
export interface ResetPasswordArguments extends Visitor {
  /** The token of the mail, or the challenge of PASSWORD_CHANGE_REQUIRED. */
  readonly token: string;
  /** Under the policy of signUp. */
  readonly newPassword: string;
  /** Needed with a challenge. */
  readonly currentPassword?: string | undefined;
}

/** What a reset of the password ended. As JSON it has the names of the wire: `ended_sessions`. */
export interface PasswordReset {
  readonly email: string;
  readonly orgId: string;
  /** How many live sessions of the user were ended. */
  readonly endedSessions: number;
}

/** One live session as its user sees it. As JSON it has the names of the wire: `last_used_at`. */
export interface MySession {
  readonly sessionId: string;
  /** When the login was. */
  readonly createdAt: Date;
  /** When it was used last, to within an hour. */
  readonly lastUsedAt: Date;
  /** When it expires unless it is renewed. */
  readonly expiresAt: Date;
  /** From where it was used last, as your backend told; `''` where it did not. */
  readonly clientIp: string;
  /** With what program, as your backend told; `''` where it did not. */
  readonly userAgent: string;
  /** Whether it is the session that asks. */
  readonly current: boolean;
}

/** What endMySessions takes. */
export interface EndMySessionsArguments extends SessionArguments {
  /** The session to end; by default all but the one that asks. */
  readonly sessionId?: string | undefined;
}

/** What a call ended. */
export interface EndedSessions {
  /** How many live sessions were ended. */
  readonly endedSessions: number;
}

/** What updateProfile takes. */
export interface UpdateProfileArguments extends SessionArguments {
  readonly fullname: string;
}

/** What deleteAccount takes. */
export interface DeleteAccountArguments extends SessionArguments {
  /** Needed where the login of the session is older than 15 minutes. When it is given it must be right. */
  readonly currentPassword?: string | undefined;
  /** A code of the user's second factor, where there is one. */
  readonly code?: string | undefined;
}

/** What changeEmail takes. */
export interface ChangeEmailArguments extends DeleteAccountArguments {
  readonly newEmail: string;
}

/** What every call takes beside its arguments. */
export interface CallOptions {
  /** Ends the call and its waits; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Another deadline than the client's, in milliseconds. */
  readonly deadlineMs?: number | undefined;
}

/**
 * The calls of AuthService, AccountService and SecondFactorService, as docs/clients.md describes them: of both clients and
 * of the fake. Every one rejects with AuthFlowError. Safe to call at the same time.
 */
export interface AuthFlow extends SecondFactorCalls {
  /** Gets a nonce. signUp and login do this by themselves; it is for callers of the raw stub. */
  fooBar(args: FooBarArguments, options?: CallOptions): Promise<Nonce>;
  /**
   * Creates a user, with a nonce of its own. Fails with INVALID_ARGUMENT (all faults together), PASSWORD_POLICY,
   * DISCLAIMER_REQUIRED, USER_EXISTS and others. After UNAVAILABLE without a reason the user may exist: a login tells.
   */
  signUp(args: SignUpArguments, options?: CallOptions): Promise<User>;
  /**
   * Opens a session, with a nonce of its own. Fails with USER_NOT_FOUND, CREDENTIALS_INVALID, USER_DISABLED,
   * EMAIL_NOT_VERIFIED and others; with SECOND_FACTOR_REQUIRED and PASSWORD_CHANGE_REQUIRED, whose error has a
   * `challenge`: loginStep resolves with that.
   */
  login(args: LoginArguments, options?: CallOptions): Promise<Session>;
  /** Tells whose live session a token is. Fails with SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED and others. */
  validate(args: SessionArguments, options?: CallOptions): Promise<SessionUser>;
  /**
   * Sets a new password and ends the user's other sessions; this one lives on. Fails with PASSWORD_POLICY,
   * CREDENTIALS_INVALID, of a user with a second factor REAUTHENTICATION_REQUIRED and CODE_INVALID, and others. After
   * UNAVAILABLE without a reason it may be done: a login tells.
   */
  changePassword(args: ChangePasswordArguments, options?: CallOptions): Promise<PasswordChange>;
  /** Ends the session. Repeating it is a success. Fails with SESSION_INVALID and others. */
  logout(args: SessionArguments, options?: CallOptions): Promise<void>;
  /** Tells all about the user of a live session. Fails as validate does. */
  me(args: MeArguments, options?: CallOptions): Promise<Account>;
  /**
   * Mails a link that proves an address; the answer is the same whether or not somebody has it. Fails with RATE_LIMITED
   * and others.
   */
  sendVerificationEmail(args: AddressArguments, options?: CallOptions): Promise<void>;
  /**
   * Takes the token of a mail: it proves the address, or moves the user to the address that changeEmail was told, which
   * ends all sessions. Fails with TOKEN_INVALID, TOKEN_EXPIRED, USER_EXISTS and others. A reply that was lost is asked
   * for again: a change of address that was done by then is TOKEN_INVALID.
   */
  verifyEmail(args: VerifyEmailArguments, options?: CallOptions): Promise<VerifiedEmail>;
  /**
   * Mails a link that sets a new password; the answer is the same whether or not there is such a user. Fails with
   * RATE_LIMITED and others.
   */
  forgotPassword(args: AddressArguments, options?: CallOptions): Promise<void>;
  /**
   * Sets a new password by the token of a mail, or by the challenge of PASSWORD_CHANGE_REQUIRED and the present password.
   * It ends all sessions of the user. Fails with PASSWORD_POLICY, TOKEN_INVALID, TOKEN_EXPIRED, CHALLENGE_INVALID,
   * CREDENTIALS_INVALID and others. After UNAVAILABLE without a reason it may be done: a login tells.
   */
  resetPassword(args: ResetPasswordArguments, options?: CallOptions): Promise<PasswordReset>;
  /**
   * Makes a live session last as long as a new one, and gives a new token of it; older ones stay good until their own
   * end. Fails as validate does.
   */
  renewSession(args: SessionArguments, options?: CallOptions): Promise<Session>;
  /** Lists the live sessions of the session's user, newest first. Fails as validate does. */
  listMySessions(args: SessionArguments, options?: CallOptions): Promise<readonly MySession[]>;
  /** Ends one session of the session's user, or all but the one that asks. Repeating it is a success. Fails as validate does. */
  endMySessions(args: EndMySessionsArguments, options?: CallOptions): Promise<EndedSessions>;
  /** Changes the name of the session's user. Fails with INVALID_ARGUMENT and as validate does. */
  updateProfile(args: UpdateProfileArguments, options?: CallOptions): Promise<Account>;
  /**
   * Mails a link to a new address that moves the user there, and a warning to the present one. Fails with
   * REAUTHENTICATION_REQUIRED, CREDENTIALS_INVALID, CODE_INVALID, RATE_LIMITED and others. With a `code` it is not
   * repeated after a lost reply.
   */
  changeEmail(args: ChangeEmailArguments, options?: CallOptions): Promise<void>;
  /**
   * Removes the session's user. Fails with REAUTHENTICATION_REQUIRED, CREDENTIALS_INVALID, CODE_INVALID and others. After
   * UNAVAILABLE without a reason it may be done: the session is then refused.
   */
  deleteAccount(args: DeleteAccountArguments, options?: CallOptions): Promise<EndedSessions>;
  /** Ends the calls in flight with CANCELLED and refuses new ones. Repeating it does nothing. */
  close(): void;
}
