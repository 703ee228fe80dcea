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

/** What validate and logout take. */
export interface SessionArguments extends Visitor {
  /** The `token` of login. */
  readonly sessionToken: string;
  /** The e-mail that the session must belong to; by default the one that the token claims. */
  readonly email?: string | undefined;
}

/** A live session, as stored and not as claimed. As JSON it has the names of the wire: `session_id`. */
export interface SessionUser extends User {
  readonly sessionId: string;
  readonly expiresAt: Date;
}

/** What changePassword takes. */
export interface ChangePasswordArguments extends SessionArguments {
  readonly newPassword: string;
  /** When it is given it must be right. */
  readonly currentPassword?: string | undefined;
}

/** What a change of the password ended. */
export interface PasswordChange {
  /** How many other live sessions of the user were ended. */
  readonly endedSessions: number;
}

/** What every call takes beside its arguments. */
export interface CallOptions {
  /** Ends the call and its waits; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Another deadline than the client's, in milliseconds. */
  readonly deadlineMs?: number | undefined;
}

/**
 * The six calls, as docs/clients.md describes them: of both clients and of the fake. Every one rejects with
 * AuthFlowError. Safe to call at the same time.
 */
export interface AuthFlow {
  /** Gets a nonce. signUp and login do this by themselves; it is for callers of the raw stub. */
  fooBar(args: FooBarArguments, options?: CallOptions): Promise<Nonce>;
  /**
   * Creates a user, with a nonce of its own. Fails with INVALID_ARGUMENT (all faults together), PASSWORD_POLICY,
   * DISCLAIMER_REQUIRED, USER_EXISTS and others. After UNAVAILABLE without a reason the user may exist: a login tells.
   */
  signUp(args: SignUpArguments, options?: CallOptions): Promise<User>;
  /** Opens a session, with a nonce of its own. Fails with USER_NOT_FOUND, CREDENTIALS_INVALID, USER_DISABLED and others. */
  login(args: LoginArguments, options?: CallOptions): Promise<Session>;
  /** Tells whose live session a token is. Fails with SESSION_INVALID, SESSION_EXPIRED, SESSION_REVOKED and others. */
  validate(args: SessionArguments, options?: CallOptions): Promise<SessionUser>;
  /**
   * Sets a new password and ends the user's other sessions; this one lives on. Fails with PASSWORD_POLICY,
   * CREDENTIALS_INVALID and others. After UNAVAILABLE without a reason it may be done: a login tells.
   */
  changePassword(args: ChangePasswordArguments, options?: CallOptions): Promise<PasswordChange>;
  /** Ends the session. Repeating it is a success. Fails with SESSION_INVALID and others. */
  logout(args: SessionArguments, options?: CallOptions): Promise<void>;
  /** Ends the calls in flight with CANCELLED and refuses new ones. Repeating it does nothing. */
  close(): void;
}
