import type { NewMail } from '../mail/storage.ts';
import type { CodeUse } from '../second-factors/storage.ts';
import type { OwnSession, OwnSessionRefusal } from '../sessions/storage.ts';
import type { KEEP_LEFT_ADDRESSES_MS, LeftAddress } from './left-address.ts';

/** What the calls around tokens of mails need from the store. `Storage` says what holds for every operation. */
export interface AccountStorage {
  /**
   * Marks a user's address as proven; again: a success that changes nothing. Refuses (`token_invalid`) where the organization is not
   * open, the user gone, disabled or at another address, or the epoch another.
   */
  verifyEmail(proof: AddressProof): Promise<'verified' | 'token_invalid'>;
  /**
   * The write of ResetPassword after the hash: sets the password, raises `credentialVersion` by one, ends the user's sessions, marks
   * the address as proven, forgets failed logins, and has the user told by mail. A reset that is the first to prove the address
   * voids what was made before to take it back, and takes a second factor off; after any other the mailbox is no second factor until the
   * user's own was proven. Refuses as {@link verifyEmail}, and where `credentialVersion` is another: of many
   * with one token one succeeds.
   */
  resetPassword(reset: PasswordReset): Promise<PasswordResetOutcome>;
  /**
   * Has a token mailed to a new address and a warning to the present one: only if the tenant is still open, the signing key of the token
   * not retired, the session still live and the user enabled and at `credentialVersion`. Nobody looks whose the new address is. Where the
   * warning is beyond its budget, nothing goes to the new address either.
   */
  requestEmailChange(request: EmailChangeRequest): Promise<SessionStepOutcome | { readonly outcome: 'requested' }>;
  /**
   * Gives a user another address, proven, unless it is somebody's in the organization, or kept for somebody: raises
   * `credentialVersion` and `addressVersion` by one and ends the user's sessions; failures counted at either address are forgotten.
   * The one before is kept for the user for {@link KEEP_LEFT_ADDRESSES_MS}, where it was proven. Refuses as {@link resetPassword}.
   */
  changeEmail(change: EmailChange): Promise<EmailChangeOutcome>;
  /**
   * Gives a user back the address of an `addressVersion`, as {@link changeEmail} does, also where it still is the user's: a change that
   * is asked for is void then. Those of that and later versions are not kept for the user any more, so that their warnings are void,
   * and those of earlier ones are. Takes the password away, and has a reset mailed.
   */
  takeEmailBack(undo: EmailTakeBack): Promise<EmailChangeOutcome>;
  /**
   * Ends a user's sessions and challenges, takes the password away and has a reset mailed: somebody else did what the user was told of.
   * Refuses as {@link verifyEmail}.
   */
  reportNotMe(report: NotMeReport): Promise<'reported' | 'token_invalid'>;
  /** Whether an address is kept for a user who was moved from it, so that no new one can have it. */
  isAddressKept(orgId: string, email: string, at: number): Promise<boolean>;
  /** An address that a user was moved from and may go back to, by the `addressVersion` that the user had at it. */
  findLeftAddress(orgId: string, userId: string, addressVersion: number): Promise<LeftAddress | null>;
  /** Ends the sessions of a session's user and removes the user, with the counters of failed logins. Refuses as {@link requestEmailChange}. */
  deleteAccount(
    deletion: ProvenSession,
  ): Promise<SessionStepOutcome | { readonly outcome: 'deleted'; readonly endedSessions: number }>;
  /**
   * Changes the name of a session's user; only if the tenant is still open, the key of the token that proves the session not retired,
   * the session still live and the user enabled.
   */
  updateProfile(update: ProfileUpdate): Promise<ProfileUpdateOutcome>;
}

/** That a user reads mail at an address. */
export interface AddressProof {
  readonly orgId: string;
  readonly userId: string;
  readonly email: string;
  /** The store's, when the token was proven. Once it is another, what voided the token may be forgotten. */
  readonly epoch: string;
  readonly at: number;
}

export interface PasswordReset extends AddressProof {
  readonly credentialVersion: number;
  readonly passwordHash: string;
  /** Tells the user. */
  readonly notice: NewMail;
}

export type PasswordResetOutcome =
  | { readonly outcome: 'reset'; readonly endedSessions: number }
  | { readonly outcome: 'token_invalid' };

export interface EmailChange extends AddressProof {
  readonly credentialVersion: number;
  readonly newEmail: string;
}

export interface EmailTakeBack extends Omit<AddressProof, 'email'> {
  /** Of the address to go back to. */
  readonly addressVersion: number;
  /** The address to go back to. */
  readonly email: string;
  /** Brings a link that sets a new password. */
  readonly mail: NewMail;
}

export interface NotMeReport extends AddressProof {
  /** Brings a link that sets a new password. */
  readonly mail: NewMail;
}

export type EmailChangeOutcome =
  | { readonly outcome: 'changed'; readonly endedSessions: number }
  | { readonly outcome: 'token_invalid' | 'user_exists' };

/** A session whose user has given a fresh proof. */
export interface ProvenSession extends OwnSession {
  readonly credentialVersion: number;
  /** Whether the present password was given, and right: the session's wrong ones are forgotten. */
  readonly isProven: boolean;
  /** Of a user with a second factor: the code that was given with it, and right. */
  readonly code: CodeUse | null;
  readonly at: number;
}

export interface EmailChangeRequest extends ProvenSession {
  /** To the new address. */
  readonly mail: NewMail;
  /** To the present one. */
  readonly warning: NewMail;
}

/** Why a session opens a step no more. */
export interface SessionStepOutcome {
  readonly outcome:
    | 'api_key_invalid'
    | 'organization_not_found'
    | 'signing_key_retired'
    | 'session_ended'
    | 'credentials_changed'
    /** The code was spent meanwhile. */
    | 'code_invalid';
}

export interface ProfileUpdate extends OwnSession {
  readonly fullname: string;
  readonly at: number;
}

export interface ProfileUpdateOutcome {
  readonly outcome: 'updated' | OwnSessionRefusal;
}
