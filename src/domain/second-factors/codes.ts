/*
 * What the rules of second factors need of the world outside: codes of apps, of mails, and for recovery.
 */

/** Whose second factor it is. */
export interface FactorUser {
  readonly orgId: string;
  readonly userId: string;
}

/** How an authenticator app names an account. */
export interface TotpLabel {
  readonly organization: string;
  readonly email: string;
}

export interface NewTotpSecret {
  /** In base32. */
  readonly secret: string;
  readonly otpauthUrl: string;
  /** A data URL of an SVG image. */
  readonly qrCode: string;
  readonly sealedSecret: Uint8Array;
}

/** Secrets of authenticator apps: TOTP (RFC 6238), SHA-1, six digits, 30 seconds. */
export interface TotpSecrets {
  create(user: FactorUser, label: TotpLabel): Promise<NewTotpSecret>;
  /**
   * The step of time, of the present one and those beside it, whose code this is; null where it is none's. Throws AuthError UNAVAILABLE
   * where the secret cannot be opened.
   */
  matchingStep(user: FactorUser, sealedSecret: Uint8Array, code: string, at: number): Promise<number | null>;
}

export interface RecoveryCodes {
  /** As they are shown. */
  readonly codes: readonly string[];
  readonly digests: readonly Uint8Array[];
}

/** The challenge that a code of a mail is for. */
export interface CodedChallenge {
  readonly orgId: string;
  readonly challengeId: string;
}

/** Codes that are kept as digests. */
export interface LoginCodes {
  createRecoveryCodes(user: FactorUser): RecoveryCodes;
  /** `code`: in its one spelling. */
  recoveryDigest(user: FactorUser, code: string): Uint8Array;
  /** Six digits. */
  createEmailCode(challenge: CodedChallenge): { readonly code: string; readonly digest: Uint8Array };
  /**
   * The digest, where it is that of this code; null where it is not. Nobody can look for the code of a digest without the secret. Takes as
   * long where there is no digest.
   */
  matchingDigest(challenge: CodedChallenge, code: string, digest: Uint8Array | null): Uint8Array | null;
}
