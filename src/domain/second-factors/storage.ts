import type { ProvenSession, SessionStepOutcome } from '../accounts/storage.ts';
import type { NewSession, SessionCreation, UserCredentials } from '../auth/storage.ts';
import type { CountedAs } from '../auth/tries.ts';
import type { CallerClass } from '../caller.ts';
import type { NewMail } from '../mail/storage.ts';
import type { OwnSession, OwnSessionRefusal } from '../sessions/storage.ts';
import type { ChallengeKind, ChallengeMethod, ProvenChallenge } from './challenge.ts';

/** What second factors and the challenges of logins need from the store. `Storage` says what holds for every operation. */
export interface SecondFactorStorage {
  /** The row of a challenge; null where there is none, or none any more. */
  findLoginChallenge(orgId: string, challengeId: string): Promise<LoginChallenge | null>;
  /** What is kept of a user's factor; null where nothing is. */
  findSecondFactor(orgId: string, userId: string): Promise<SecondFactor | null>;
  /** How many recovery codes a user has left. */
  countRecoveryCodes(orgId: string, userId: string): Promise<number>;
  /**
   * Keeps a secret that is to be confirmed, in the place of one that is. Refuses who has a factor (`already_enabled`), and where the
   * organization takes none (`not_enabled`).
   */
  putPendingSecret(by: FactorOwner, pending: PendingSecret): Promise<PendingOutcome>;
  /**
   * Counts a try at a code before it is compared, and gives what it is compared with. Of a challenge no more are counted than it has
   * tries; of a user no more than may be wrong in a row (`locked`), over all challenges and sessions; of a session no more than it has
   * tries at passwords and codes, one more ends it.
   */
  reserveCode(attempt: CodeAttempt): Promise<CodeReservation>;
  /**
   * The same of a code that was mailed to an address, which may be nobody's: there is nothing to compare with then, and it is counted
   * alike. Counted apart from other codes, per class of callers.
   */
  reserveLoginCode(attempt: LoginCodeAttempt): Promise<LoginCodeReservation>;
  /**
   * Spends a challenge by a right code, once: opens the session as `createSession` does, or hands out the next challenge. What was
   * found before is found again, or nothing happens.
   */
  completeChallenge(answer: ChallengeAnswer): Promise<ChallengeCompletion>;
  /** Makes a pending secret the user's factor, raises `credentialVersion`, ends other sessions and tells the user; of several at once one wins. */
  confirmSecret(by: FactorOwner, confirmation: Confirmation): Promise<ConfirmationOutcome>;
  /** Takes the factor off, with its recovery codes and counters; raises `credentialVersion`, ends other sessions and tells the user. */
  removeSecondFactor(proven: ProvenSession, notice: NewMail | null): Promise<FactorStepOutcome>;
  /** Replaces the recovery codes, raises `credentialVersion` and tells the user. */
  replaceRecoveryCodes(
    proven: ProvenSession,
    digests: readonly Uint8Array[],
    notice: NewMail | null,
  ): Promise<FactorStepOutcome>;
  /** Queues the mail of a code and keeps its digest in the place of the one before, in all challenges of the user; beyond the budget neither. */
  putEmailCode(claim: ChallengeClaim, code: EmailCode): Promise<EmailCodeOutcome>;
  /** The write of ResetPassword by a challenge: as a change that proves the present password, of a user who has no session. */
  changePasswordByChallenge(change: ChallengedPasswordChange): Promise<ChallengedPasswordOutcome>;
  /** Those of factors that are sealed, confirmed or not, by (orgId, userId), after a position or from the first on. */
  listSealedFactors(after: SealedFactorPosition | null, limit: number): Promise<readonly SealedFactor[]>;
  /** Where it is as it was; tells whether it was. */
  resealFactor(from: SealedFactor, to: Pick<SealedFactor, 'sealedSecret' | 'pendingSecret'>): Promise<boolean>;
}

/** What is kept of a user's second factor, or of codes that were tried without one. */
export interface SecondFactor {
  readonly orgId: string;
  readonly userId: string;
  /** Null where there is none that is confirmed. */
  readonly sealedSecret: Uint8Array | null;
  /** The last step of time whose code was taken. */
  readonly lastStep: number;
  /** One that is to be confirmed; null for none. */
  readonly pendingSecret: Uint8Array | null;
  readonly pendingUntil: number;
  /** Since the last right code; those that are being compared are among them. */
  readonly wrongCodes: number;
  readonly wrongRecoveryCodes: number;
  /** Whether the password was set by a mail, and the factor was not proven beside it since. */
  readonly withholdsEmail: boolean;
  /** Whether it was set up before the address was proven: a reset by a mail takes it off, whoever did. */
  readonly isBeforeProof: boolean;
}

export type SealedFactorPosition = Pick<SecondFactor, 'orgId' | 'userId'>;

export type SealedFactor = Pick<SecondFactor, 'orgId' | 'userId' | 'sealedSecret' | 'pendingSecret'>;

/** The row of a challenge. */
export interface LoginChallenge {
  readonly orgId: string;
  readonly challengeId: string;
  /** '' where a code was asked for an address without a user, or its mail was not made yet. */
  readonly userId: string;
  readonly kind: ChallengeKind;
  /** What came first; '' before anything did. */
  readonly provedBy: '' | 'password' | 'email';
  /** Whether this login has proven the address by a code. */
  readonly isEmailProven: boolean;
  readonly callerClass: CallerClass;
  readonly countedAs: CountedAs | null;
  readonly tries: number;
  /** Of the code of a mail; null for none. */
  readonly codeDigest: Uint8Array | null;
  readonly codeUntil: number;
  readonly credentialVersion: number;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A challenge as its token names it, at an instant. */
export interface ChallengeClaim extends Pick<ProvenChallenge, 'orgId' | 'challengeId' | 'epoch'> {
  /** The organization's key that came with it; null for none. */
  readonly keyId: string | null;
  readonly at: number;
}

/** A code that was right, as it is spent. */
export type CodeUse =
  | { readonly kind: 'totp'; readonly step: number }
  | { readonly kind: 'recovery'; readonly digest: Uint8Array };

/** Whose factor it is: a session's user, freshly proven where a `credentialVersion` is given, or a challenge's. */
export type FactorOwner =
  | { readonly by: 'session'; readonly session: ProvenSession | (OwnSession & { readonly at: number }) }
  | { readonly by: 'challenge'; readonly claim: ChallengeClaim };

export interface PendingSecret {
  readonly sealedSecret: Uint8Array;
  readonly until: number;
}

export interface PendingOutcome {
  readonly outcome: 'pending' | 'already_enabled' | 'not_enabled' | 'challenge_invalid' | SessionStepOutcome['outcome'];
}

export type CodeAttempt =
  | { readonly by: 'challenge'; readonly claim: ChallengeClaim; readonly method: ChallengeMethod }
  | {
      readonly by: 'session';
      readonly session: OwnSession & { readonly at: number };
      readonly method: Extract<ChallengeMethod, 'totp' | 'recovery' | 'setup'>;
      /** Wrong passwords and codes that the session has at most. */
      readonly most: number;
      /** Whether the right password came with it: that was counted for the session, and together they are one try. */
      readonly isCounted: boolean;
    };

export type CodeReservation =
  | {
      readonly outcome: 'reserved';
      readonly user: UserCredentials;
      readonly factor: SecondFactor;
      /** Null where a session asks. */
      readonly challenge: LoginChallenge | null;
    }
  | {
      readonly outcome:
        | 'locked'
        | 'challenge_invalid'
        /** `setup`: there is nothing to confirm. `totp`, `recovery`: there is no factor. */
        | 'not_enabled'
        | 'already_enabled'
        | OwnSessionRefusal;
    };

export interface LoginCodeAttempt extends ChallengeClaim {
  readonly expiresAt: number;
  /** Of who brings the code: what is kept of a challenge that is nobody's. */
  readonly callerClass: CallerClass;
  /** Wrong codes of a user in a row, at most, by the class of callers that asked for the code. */
  readonly most: Readonly<Record<CallerClass, number>>;
}

export type LoginCodeReservation =
  | {
      readonly outcome: 'reserved';
      /** What is compared with; null where nothing is to match. */
      readonly codeDigest: Uint8Array | null;
      /** Null for nobody. */
      readonly user: UserCredentials | null;
    }
  | { readonly outcome: 'challenge_invalid' };

/** A right answer. `email`: with the digest that it was compared with. */
export interface ChallengeAnswer {
  readonly claim: ChallengeClaim;
  readonly used: CodeUse | { readonly kind: 'email'; readonly digest: Uint8Array };
  /** To be opened where nothing is left to do. */
  readonly session: NewSession;
  /** Tells the user; null where nobody is to be told. */
  readonly notice: NewMail | null;
}

export type ChallengeCompletion =
  | (SessionCreation & { readonly recoveryCodesLeft?: number })
  | { readonly outcome: 'challenge_invalid' | 'code_invalid' };

export interface Confirmation {
  /** Whose, at which version: of other credentials nothing is confirmed. */
  readonly userId: string;
  readonly credentialVersion: number;
  /** The pending secret that the code was compared with. */
  readonly sealedSecret: Uint8Array;
  /** Of the code. */
  readonly step: number;
  readonly recoveryDigests: readonly Uint8Array[];
  /** Of a challenge: to be opened where nothing is left to do. */
  readonly newSession: NewSession | null;
  readonly notice: NewMail | null;
}

export type ConfirmationOutcome =
  /** `creation`: of a challenge. */
  | { readonly outcome: 'confirmed'; readonly creation: SessionCreation | null }
  | {
      readonly outcome:
        | 'already_enabled'
        | 'not_enabled'
        | 'challenge_invalid'
        | 'signing_key_retired'
        | OwnSessionRefusal;
    };

export interface FactorStepOutcome {
  readonly outcome: 'done' | 'not_enabled' | SessionStepOutcome['outcome'];
}

export interface EmailCode {
  readonly digest: Uint8Array;
  readonly until: number;
  readonly mail: NewMail;
}

export type EmailCodeOutcome =
  | { readonly outcome: 'sent' | 'kept'; readonly until: number }
  | { readonly outcome: 'challenge_invalid' };

export interface ChallengedPasswordChange {
  readonly claim: ChallengeClaim;
  /** Whose present password was proven, at which version. */
  readonly userId: string;
  readonly credentialVersion: number;
  readonly passwordHash: string;
  readonly notice: NewMail | null;
}

export type ChallengedPasswordOutcome =
  | { readonly outcome: 'changed'; readonly endedSessions: number }
  | { readonly outcome: 'challenge_invalid' };
