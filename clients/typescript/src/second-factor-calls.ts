import type { AddressArguments, CallOptions, LoginArguments, Session, SessionArguments, Visitor } from './calls.ts';

/**
 * What answers a challenge: `totp` (verifyTotp), `email` (sendEmailCode, verifyEmailCode), `recovery`
 * (verifyRecoveryCode), `setup` (enableTotp, confirmTotp; behind `email` where that stands beside it), `change_password`
 * (resetPassword), or what a later server made up.
 */
export type LoginMethod = 'totp' | 'email' | 'recovery' | 'setup' | 'change_password' | (string & {});

/**
 * What a login needs after the right password. Neither printed nor serialized is its `challenge`, nor is it copied by
 * `{ ...step }`: take it by its name. As JSON it has the names of the wire: `expires_at`.
 */
export interface Challenge {
  readonly reason: 'SECOND_FACTOR_REQUIRED' | 'PASSWORD_CHANGE_REQUIRED';
  /**
   * The secret that stands for the login, opaque. It stays in your backend: good for 5 tries, and void once it was
   * answered or the user's credentials are others.
   */
  readonly challenge: string;
  /** What may answer it, frozen. */
  readonly methods: readonly LoginMethod[];
  /** When the challenge stops being accepted. */
  readonly expiresAt: Date;
}

/** What a step of a login leads to: a session, or another step. `'challenge' in step` tells them apart. */
export type LoginStep<Opened extends Session = Session> = Opened | Challenge;

/** A session that a recovery code opened. */
export interface RecoveredSession extends Session {
  /** How many recovery codes are left. */
  readonly recoveryCodesLeft: number;
}

/** What sendEmailCode takes. */
export interface ChallengeArguments extends Visitor {
  /** The `challenge` of a Challenge. */
  readonly challenge: string;
}

/** What verifyTotp and verifyEmailCode take. */
export interface VerifyCodeArguments extends ChallengeArguments {
  /** Six digits. */
  readonly code: string;
}

/** What verifyRecoveryCode takes. */
export interface VerifyRecoveryCodeArguments extends ChallengeArguments {
  /** In any spelling: groups, case and likely misreadings do not matter. */
  readonly recoveryCode: string;
}

/** A session or, in its place, the challenge of a login whose methods have `setup`. */
export type SessionOrChallenge =
  | (SessionArguments & { readonly challenge?: undefined })
  | (ChallengeArguments & { readonly sessionToken?: undefined; readonly email?: undefined });

/** What enableTotp takes. */
export type EnableTotpArguments = SessionOrChallenge & {
  /** Needed with a session whose login is older than 15 minutes. When it is given it must be right. */
  readonly currentPassword?: string | undefined;
};

/** What confirmTotp takes. */
export type ConfirmTotpArguments = SessionOrChallenge & {
  /** A code of the app that was just set up: six digits. */
  readonly code: string;
};

/** What disableTotp and regenerateRecoveryCodes take. */
export interface ProvenArguments extends SessionArguments {
  /** A code of the authenticator app, or a recovery code. */
  readonly code: string;
  /** Needed where the login of the session is older than 15 minutes. When it is given it must be right. */
  readonly currentPassword?: string | undefined;
}

/**
 * A new secret for an authenticator app, to be shown to its user alone. Neither printed nor serialized nor copied are the
 * three forms of it: take them by their names.
 */
export interface TotpSetup {
  /** In base32, to be typed in. */
  readonly secret: string;
  /** As a link for authenticator apps. */
  readonly otpauthUrl: string;
  /** That link as a QR code: a data URL of an SVG image. */
  readonly qrCode: string;
  /** Until when confirmTotp takes a code of it. */
  readonly expiresAt: Date;
}

/** New recovery codes. They are neither printed nor serialized nor copied: take them by their name. */
export interface RecoveryCodes {
  /** Ten, each good once. No call tells them again. */
  readonly recoveryCodes: readonly string[];
}

/** What confirmTotp gives. */
export interface ConfirmedTotp extends RecoveryCodes {
  /** The session that a challenge opened; null with a session, and where the password must be changed first: log in again. */
  readonly session: Session | null;
}

/** A mail with a code. */
export interface SentCode {
  /** When its code stops being accepted. */
  readonly expiresAt: Date;
}

/** A mail whose code logs in. Its `challenge` is hidden as that of a Challenge. */
export interface SentLoginCode extends SentCode {
  /** What verifyEmailCode takes with the code; it stays in your backend. */
  readonly challenge: string;
}

/**
 * Logins of more than one step, and second factors. None but loginStep is repeated after a lost reply: a code is good
 * once. After UNAVAILABLE without a reason a call may be done.
 */
export interface SecondFactorCalls {
  /**
   * Logs in as login does, and resolves with a Challenge where that fails with SECOND_FACTOR_REQUIRED or
   * PASSWORD_CHANGE_REQUIRED. Every other failure is one here too, EMAIL_NOT_VERIFIED among them.
   */
  loginStep(args: LoginArguments, options?: CallOptions): Promise<LoginStep>;
  /**
   * Mails a code that logs in by verifyEmailCode; the answer is the same whether or not there is such a user. The latest
   * challenge is good alone. Fails with ACCESS_DENIED (the organization takes no logins by mail), RATE_LIMITED and others.
   */
  sendLoginCode(args: AddressArguments, options?: CallOptions): Promise<SentLoginCode>;
  /**
   * Answers a challenge by a code of the authenticator app. Fails with CHALLENGE_INVALID, CODE_INVALID, ACCOUNT_LOCKED and
   * others.
   */
  verifyTotp(args: VerifyCodeArguments, options?: CallOptions): Promise<LoginStep>;
  /**
   * Mails a code for verifyEmailCode to the user's proven address; a Challenge will do as it is. Fails with
   * CHALLENGE_INVALID, RATE_LIMITED and others.
   */
  sendEmailCode(args: ChallengeArguments, options?: CallOptions): Promise<SentCode>;
  /**
   * Answers a challenge by the latest code of sendEmailCode or sendLoginCode. A user with a second factor who logs in by
   * mail is told the next step. Fails as verifyTotp does.
   */
  verifyEmailCode(args: VerifyCodeArguments, options?: CallOptions): Promise<LoginStep>;
  /** Answers a challenge by a recovery code, which also opens what wrong codes had locked. Fails as verifyTotp does. */
  verifyRecoveryCode(args: VerifyRecoveryCodeArguments, options?: CallOptions): Promise<LoginStep<RecoveredSession>>;
  /**
   * Makes a secret for an authenticator app; nothing changes until confirmTotp. Fails with CHALLENGE_INVALID,
   * REAUTHENTICATION_REQUIRED, SECOND_FACTOR_ALREADY_ENABLED, SECOND_FACTOR_NOT_ENABLED (the organization takes none) and
   * others.
   */
  enableTotp(args: EnableTotpArguments, options?: CallOptions): Promise<TotpSetup>;
  /**
   * Takes the first code of the new secret: from now on logins need one. It ends the user's other sessions. Fails with
   * CODE_INVALID, ACCOUNT_LOCKED, SECOND_FACTOR_NOT_ENABLED (there is no secret, or it is too old) and others.
   */
  confirmTotp(args: ConfirmTotpArguments, options?: CallOptions): Promise<ConfirmedTotp>;
  /**
   * Takes the second factor off and ends the user's other sessions. Fails with REAUTHENTICATION_REQUIRED, CODE_INVALID,
   * ACCOUNT_LOCKED, SECOND_FACTOR_NOT_ENABLED and others.
   */
  disableTotp(args: ProvenArguments, options?: CallOptions): Promise<void>;
  /** Gives new recovery codes; those before are void. Fails as disableTotp does. */
  regenerateRecoveryCodes(args: ProvenArguments, options?: CallOptions): Promise<RecoveryCodes>;
}
