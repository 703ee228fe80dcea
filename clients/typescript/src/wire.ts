import type {
  Account,
  AddressArguments,
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
import type {
  ChallengeArguments,
  ConfirmedTotp,
  ConfirmTotpArguments,
  EnableTotpArguments,
  ProvenArguments,
  RecoveredSession,
  RecoveryCodes,
  SentCode,
  SentLoginCode,
  TotpSetup,
  VerifyCodeArguments,
  VerifyRecoveryCodeArguments,
} from './second-factor-calls.ts';

/** What a request must keep to. */
export interface RequestLimits {
  readonly signal: AbortSignal;
  /** What is left of the call's time, in milliseconds. */
  remainingMs(): number;
}

/** A request that needs a nonce, with it. */
export type WithNonce<Arguments> = Arguments & { readonly foobar: string };

/** A request about a session, with the e-mail that it must belong to. */
export type WithEmail<Arguments> = Arguments & { readonly email: string };

/** Single requests, as a transport makes them: no repeats. Every failure is an AuthFlowError. */
export interface Wire {
  fooBar(args: FooBarArguments, limits: RequestLimits): Promise<Nonce>;
  signUp(args: WithNonce<SignUpArguments>, limits: RequestLimits): Promise<User>;
  login(args: WithNonce<LoginArguments>, limits: RequestLimits): Promise<Session>;
  validate(args: WithEmail<SessionArguments>, limits: RequestLimits): Promise<SessionUser>;
  changePassword(args: WithEmail<ChangePasswordArguments>, limits: RequestLimits): Promise<PasswordChange>;
  logout(args: WithEmail<SessionArguments>, limits: RequestLimits): Promise<void>;
  me(args: MeArguments, limits: RequestLimits): Promise<Account>;
  sendVerificationEmail(args: AddressArguments, limits: RequestLimits): Promise<void>;
  verifyEmail(args: VerifyEmailArguments, limits: RequestLimits): Promise<VerifiedEmail>;
  forgotPassword(args: AddressArguments, limits: RequestLimits): Promise<void>;
  resetPassword(args: ResetPasswordArguments, limits: RequestLimits): Promise<PasswordReset>;
  renewSession(args: WithEmail<SessionArguments>, limits: RequestLimits): Promise<Session>;
  listMySessions(args: WithEmail<SessionArguments>, limits: RequestLimits): Promise<readonly MySession[]>;
  endMySessions(args: WithEmail<EndMySessionsArguments>, limits: RequestLimits): Promise<EndedSessions>;
  updateProfile(args: WithEmail<UpdateProfileArguments>, limits: RequestLimits): Promise<Account>;
  changeEmail(args: WithEmail<ChangeEmailArguments>, limits: RequestLimits): Promise<void>;
  deleteAccount(args: WithEmail<DeleteAccountArguments>, limits: RequestLimits): Promise<EndedSessions>;
  sendLoginCode(args: AddressArguments, limits: RequestLimits): Promise<SentLoginCode>;
  verifyTotp(args: VerifyCodeArguments, limits: RequestLimits): Promise<Session>;
  sendEmailCode(args: ChallengeArguments, limits: RequestLimits): Promise<SentCode>;
  verifyEmailCode(args: VerifyCodeArguments, limits: RequestLimits): Promise<Session>;
  verifyRecoveryCode(args: VerifyRecoveryCodeArguments, limits: RequestLimits): Promise<RecoveredSession>;
  enableTotp(args: EnableTotpArguments, limits: RequestLimits): Promise<TotpSetup>;
  confirmTotp(args: ConfirmTotpArguments, limits: RequestLimits): Promise<ConfirmedTotp>;
  disableTotp(args: WithEmail<ProvenArguments>, limits: RequestLimits): Promise<void>;
  regenerateRecoveryCodes(args: WithEmail<ProvenArguments>, limits: RequestLimits): Promise<RecoveryCodes>;
}
