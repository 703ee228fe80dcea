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
  Visitor,
} from './calls.ts';
import { stepOf } from './challenge.ts';
import { checkDeadlineMs, withDeadline } from './deadline.ts';
import { AuthFlowError } from './errors.ts';
import { previousSession } from './previous-session.ts';
import { type Attempt, type OnRetry, Repeats, type Retry } from './repeats.ts';
import type {
  ChallengeArguments,
  ConfirmedTotp,
  ConfirmTotpArguments,
  EnableTotpArguments,
  LoginStep,
  ProvenArguments,
  RecoveredSession,
  RecoveryCodes,
  SentCode,
  SentLoginCode,
  TotpSetup,
  VerifyCodeArguments,
  VerifyRecoveryCodeArguments,
} from './second-factor-calls.ts';
import { withEmail } from './session-token.ts';
import type { Wire } from './wire.ts';

/** As long as a server gives a call (docs/clients.md, behaviour 6). */
const DEFAULT_DEADLINE_MS = 10_000;

/** No nonce: what a call is made with for its faults alone (docs/clients.md, behaviour 8). */
const NO_NONCE = '-';

/** What both clients let their callers set. */
export interface RepeatingCallsOptions {
  /** What a call may take in all, in milliseconds; 10,000 by default. */
  readonly deadlineMs?: number;
  /** Hears of each repeat before its wait, for your log. It changes nothing, and what it throws is ignored. */
  readonly onRetry?: OnRetry;
}

/** The calls over any wire: nonces, deadlines and repeats. */
export class RepeatingCalls implements AuthFlow {
  readonly #wire: Wire;
  readonly #deadlineMs: number;
  readonly #repeats: Repeats;
  readonly #closing = new AbortController();

  /** Makes calls over a wire, each within the deadline. Throws RangeError for one that is not above 0. */
  constructor(wire: Wire, { deadlineMs = DEFAULT_DEADLINE_MS, onRetry }: RepeatingCallsOptions) {
    this.#wire = wire;
    this.#deadlineMs = checkDeadlineMs(deadlineMs);
    this.#repeats = new Repeats(onRetry);
  }

  /** @inheritdoc */
  fooBar(args: FooBarArguments, options?: CallOptions): Promise<Nonce> {
    return this.#call('fooBar', options, (attempt) => this.#wire.fooBar(args, attempt));
  }

  /** @inheritdoc */
  signUp(args: SignUpArguments, options?: CallOptions): Promise<User> {
    return this.#call('signUp', options, async (attempt) => {
      const foobar = await this.#nonceFor(args, attempt);
      attempt.doNotRepeatAfterLoss();
      return this.#wire.signUp({ ...args, foobar }, attempt);
    });
  }

  /** @inheritdoc */
  login(args: LoginArguments, options?: CallOptions): Promise<Session> {
    const sessionToken = previousSession(args.sessionToken);
    return this.#call('login', options, (attempt) => this.#logIn({ ...args, sessionToken }, attempt));
  }

  /** @inheritdoc */
  loginStep(args: LoginArguments, options?: CallOptions): Promise<LoginStep> {
    const sessionToken = previousSession(args.sessionToken);
    return this.#call('loginStep', options, (attempt) => stepOf(this.#logIn({ ...args, sessionToken }, attempt)));
  }

  /** @inheritdoc */
  validate(args: SessionArguments, options?: CallOptions): Promise<SessionUser> {
    return this.#call('validate', options, (attempt) => this.#wire.validate(withEmail(args), attempt));
  }

  /** @inheritdoc */
  changePassword(args: ChangePasswordArguments, options?: CallOptions): Promise<PasswordChange> {
    return this.#callOnce('changePassword', options, (attempt) => this.#wire.changePassword(withEmail(args), attempt));
  }

  /** @inheritdoc */
  logout(args: SessionArguments, options?: CallOptions): Promise<void> {
    return this.#call('logout', options, (attempt) => this.#wire.logout(withEmail(args), attempt));
  }

  /** @inheritdoc */
  me(args: MeArguments, options?: CallOptions): Promise<Account> {
    return this.#call('me', options, (attempt) => this.#wire.me(args, attempt));
  }

  /** @inheritdoc */
  sendVerificationEmail(args: AddressArguments, options?: CallOptions): Promise<void> {
    return this.#call('sendVerificationEmail', options, (attempt) => this.#wire.sendVerificationEmail(args, attempt));
  }

  /** @inheritdoc */
  verifyEmail(args: VerifyEmailArguments, options?: CallOptions): Promise<VerifiedEmail> {
    return this.#call('verifyEmail', options, (attempt) => this.#wire.verifyEmail(args, attempt));
  }

  /** @inheritdoc */
  forgotPassword(args: AddressArguments, options?: CallOptions): Promise<void> {
    return this.#call('forgotPassword', options, (attempt) => this.#wire.forgotPassword(args, attempt));
  }

  /** @inheritdoc */
  resetPassword(args: ResetPasswordArguments, options?: CallOptions): Promise<PasswordReset> {
    return this.#callOnce('resetPassword', options, (attempt) => this.#wire.resetPassword(args, attempt));
  }

  /** @inheritdoc */
  renewSession(args: SessionArguments, options?: CallOptions): Promise<Session> {
    return this.#call('renewSession', options, (attempt) => this.#wire.renewSession(withEmail(args), attempt));
  }

  /** @inheritdoc */
  listMySessions(args: SessionArguments, options?: CallOptions): Promise<readonly MySession[]> {
    return this.#call('listMySessions', options, (attempt) => this.#wire.listMySessions(withEmail(args), attempt));
  }

  /** @inheritdoc */
  endMySessions(args: EndMySessionsArguments, options?: CallOptions): Promise<EndedSessions> {
    return this.#call('endMySessions', options, (attempt) => this.#wire.endMySessions(withEmail(args), attempt));
  }

  /** @inheritdoc */
  updateProfile(args: UpdateProfileArguments, options?: CallOptions): Promise<Account> {
    return this.#call('updateProfile', options, (attempt) => this.#wire.updateProfile(withEmail(args), attempt));
  }

  /** @inheritdoc */
  changeEmail(args: ChangeEmailArguments, options?: CallOptions): Promise<void> {
    return this.#call('changeEmail', options, (attempt) => {
      // Without one a second call asks for the same mail; a code is good once.
      if (args.code) {
        attempt.doNotRepeatAfterLoss();
      }
      return this.#wire.changeEmail(withEmail(args), attempt);
    });
  }

  /** @inheritdoc */
  deleteAccount(args: DeleteAccountArguments, options?: CallOptions): Promise<EndedSessions> {
    return this.#callOnce('deleteAccount', options, (attempt) => this.#wire.deleteAccount(withEmail(args), attempt));
  }

  /** @inheritdoc */
  sendLoginCode(args: AddressArguments, options?: CallOptions): Promise<SentLoginCode> {
    return this.#callOnce('sendLoginCode', options, (attempt) => this.#wire.sendLoginCode(args, attempt));
  }

  /** @inheritdoc */
  verifyTotp(args: VerifyCodeArguments, options?: CallOptions): Promise<LoginStep> {
    return this.#callOnce('verifyTotp', options, (attempt) => stepOf(this.#wire.verifyTotp(args, attempt)));
  }

  /** @inheritdoc */
  sendEmailCode({ challenge, clientIp, userAgent }: ChallengeArguments, options?: CallOptions): Promise<SentCode> {
    // By their names: it may be a Challenge itself, of which a copy has no `challenge`.
    const args = { challenge, clientIp, userAgent };
    return this.#callOnce('sendEmailCode', options, (attempt) => this.#wire.sendEmailCode(args, attempt));
  }

  /** @inheritdoc */
  verifyEmailCode(args: VerifyCodeArguments, options?: CallOptions): Promise<LoginStep> {
    return this.#callOnce('verifyEmailCode', options, (attempt) => stepOf(this.#wire.verifyEmailCode(args, attempt)));
  }

  /** @inheritdoc */
  verifyRecoveryCode(args: VerifyRecoveryCodeArguments, options?: CallOptions): Promise<LoginStep<RecoveredSession>> {
    return this.#callOnce('verifyRecoveryCode', options, (attempt) =>
      stepOf(this.#wire.verifyRecoveryCode(args, attempt)),
    );
  }

  /** @inheritdoc */
  enableTotp(args: EnableTotpArguments, options?: CallOptions): Promise<TotpSetup> {
    return this.#callOnce('enableTotp', options, (attempt) =>
      this.#wire.enableTotp(args.challenge === undefined ? withEmail(args) : args, attempt),
    );
  }

  /** @inheritdoc */
  confirmTotp(args: ConfirmTotpArguments, options?: CallOptions): Promise<ConfirmedTotp> {
    return this.#callOnce('confirmTotp', options, (attempt) =>
      this.#wire.confirmTotp(args.challenge === undefined ? withEmail(args) : args, attempt),
    );
  }

  /** @inheritdoc */
  disableTotp(args: ProvenArguments, options?: CallOptions): Promise<void> {
    return this.#callOnce('disableTotp', options, (attempt) => this.#wire.disableTotp(withEmail(args), attempt));
  }

  /** @inheritdoc */
  regenerateRecoveryCodes(args: ProvenArguments, options?: CallOptions): Promise<RecoveryCodes> {
    return this.#callOnce('regenerateRecoveryCodes', options, (attempt) =>
      this.#wire.regenerateRecoveryCodes(withEmail(args), attempt),
    );
  }

  /** @inheritdoc */
  close(): void {
    this.#closing.abort(new AuthFlowError({ code: 'CANCELLED', message: 'The client is closed.' }));
  }

  async #logIn(args: LoginArguments, attempt: Attempt): Promise<Session> {
    const foobar = await this.#nonceFor(args, attempt);
    return this.#wire.login({ ...args, foobar }, attempt);
  }

  async #nonceFor(
    { email, clientIp, userAgent }: Visitor & { readonly email: string },
    attempt: Attempt,
  ): Promise<string> {
    try {
      return (await this.#wire.fooBar({ identity: email, clientIp, userAgent }, attempt)).token;
    } catch (error) {
      if (error instanceof AuthFlowError && error.reason === 'INVALID_ARGUMENT') {
        return NO_NONCE;
      }
      throw error;
    }
  }

  /** A call whose one request must not be sent twice unless it was refused for sure. */
  #callOnce<T>(
    call: Retry['call'],
    options: CallOptions | undefined,
    attempt: (attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    return this.#call(call, options, (each) => {
      each.doNotRepeatAfterLoss();
      return attempt(each);
    });
  }

  async #call<T>(
    call: Retry['call'],
    { signal, deadlineMs }: CallOptions = {},
    attempt: (attempt: Attempt) => Promise<T>,
  ): Promise<T> {
    const signals = signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal];
    return withDeadline(
      deadlineMs === undefined ? this.#deadlineMs : checkDeadlineMs(deadlineMs),
      signals,
      // Also makes a rejection of what a wire throws.
      (deadline) => this.#repeats.run(call, deadline, async (each) => attempt(each)),
    );
  }
}
