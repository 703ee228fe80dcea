import type { AddressArguments, CallOptions, LoginArguments, Session, Visitor } from './calls.ts';
import { stepOf } from './challenge.ts';
import { addressOf, FakeAccounts } from './fake-accounts.ts';
import { type FakeChallenge, type FakeMailLogin, isMailed, keepCode } from './fake-challenges.ts';
import { inWholeSeconds, MINUTE_MS } from './fake-clock.ts';
import {
  codeInvalid,
  confirmingStep,
  type FakeFactor,
  forgetWrongCodes,
  renewRecoveryCodes,
  spendEmailCode,
  spendRecoveryCode,
  spendTotp,
} from './fake-codes.ts';
import { failure } from './fake-failure.ts';
import { Parameters } from './fake-parameters.ts';
import { TotpSecret } from './fake-totp.ts';
import type { FakeSession, FakeUser } from './fake-users.ts';
import { type FakeWorld, type LoginProgress, requireFreshLogin, requireFreshProof } from './fake-world.ts';
import { recoveredSessionOf } from './results.ts';
import type {
  ChallengeArguments,
  ConfirmedTotp,
  ConfirmTotpArguments,
  EnableTotpArguments,
  LoginStep,
  ProvenArguments,
  RecoveredSession,
  RecoveryCodes,
  SecondFactorCalls,
  SentCode,
  SentLoginCode,
  SessionOrChallenge,
  TotpSetup,
  VerifyCodeArguments,
  VerifyRecoveryCodeArguments,
} from './second-factor-calls.ts';
import { confirmedTotpOf, recoveryCodesOf, sentCodeOf, sentLoginCodeOf, totpSetupOf } from './second-factor-results.ts';

// docs/contract.md.
const PENDING_TTL_MS = 10 * MINUTE_MS;

/** The calls of SecondFactorService beside those of the other services, in memory. */
export class FakeSecondFactors extends FakeAccounts implements SecondFactorCalls {
  readonly #world: FakeWorld;

  /** Shares what other calls of the fake see. */
  constructor(world: FakeWorld) {
    super(world);
    this.#world = world;
  }

  /** @inheritdoc */
  loginStep(args: LoginArguments, options?: CallOptions): Promise<LoginStep> {
    return stepOf(this.login(args, options));
  }

  /** @inheritdoc */
  async sendLoginCode(args: AddressArguments, options?: CallOptions): Promise<SentLoginCode> {
    this.#world.begin(options);
    const address = addressOf(args);
    const { challenges, mailbox, settings, users } = this.#world;
    if (!settings.loginByEmail) {
      throw failure('PERMISSION_DENIED', 'ACCESS_DENIED', 'The organization takes no logins by mail.');
    }
    const user = users.at(address);
    const login = challenges.openMailLogin(address, user?.isDisabled === true ? undefined : user);
    if (login.user !== undefined) {
      keepCode(login, mailbox.sendCode('login_code', address));
    }
    return sentLoginCodeOf(login.token, login.expiresAt);
  }

  /** @inheritdoc */
  verifyTotp(args: VerifyCodeArguments, options?: CallOptions): Promise<LoginStep> {
    return stepOf(this.#verifyTotp(args, options));
  }

  /** @inheritdoc */
  async sendEmailCode(args: ChallengeArguments, options?: CallOptions): Promise<SentCode> {
    this.#world.begin(options);
    answerOf(args, () => '');
    const { challenges, mailbox } = this.#world;
    const challenge = challenges.find(args.challenge, 'email');
    return sentCodeOf(challenges.keepCode(challenge, mailbox.sendCode('second_factor_code', challenge.user.email)));
  }

  /** @inheritdoc */
  verifyEmailCode(args: VerifyCodeArguments, options?: CallOptions): Promise<LoginStep> {
    return stepOf(this.#verifyEmailCode(args, options));
  }

  /** @inheritdoc */
  verifyRecoveryCode(args: VerifyRecoveryCodeArguments, options?: CallOptions): Promise<LoginStep<RecoveredSession>> {
    return stepOf(this.#verifyRecoveryCode(args, options));
  }

  /** Makes a secret. The picture is no QR code: it says the link in words. */
  async enableTotp(args: EnableTotpArguments, options?: CallOptions): Promise<TotpSetup> {
    this.#world.begin(options);
    const parameters = new Parameters();
    const { user, session } = this.#owner(args, parameters, (token) => this.#world.challenges.find(token, 'setup'));
    requireNoFactor(user);
    if (this.#world.settings.secondFactor === 'off') {
      throw notEnabled();
    }
    if (session !== null) {
      requireFreshLogin(session, args.currentPassword);
    }
    const secret = new TotpSecret();
    const expiresAt = inWholeSeconds(PENDING_TTL_MS);
    user.pendingFactor = { secret, expiresAt: expiresAt.getTime() };
    const otpauthUrl = `otpauth://totp/Fake:${encodeURIComponent(user.email)}?secret=${secret.base32}&issuer=Fake`;
    const picture = `<svg xmlns="http://www.w3.org/2000/svg"><text>${otpauthUrl.replace('&', '&amp;')}</text></svg>`;
    const qrCode = `data:image/svg+xml;base64,${btoa(picture)}`;
    return totpSetupOf({ secret: secret.base32, otpauthUrl, qrCode, expiresAt });
  }

  /** @inheritdoc */
  async confirmTotp(args: ConfirmTotpArguments, options?: CallOptions): Promise<ConfirmedTotp> {
    this.#world.begin(options);
    const shown = await this.#world.shownTo(args);
    const parameters = new Parameters();
    const code = parameters.digits('code', args.code);
    const { user, session } = this.#owner(args, parameters, (token) => this.#world.challenges.take(token, 'setup'));
    requireNoFactor(user);
    const { pendingFactor } = user;
    if (pendingFactor === null || pendingFactor.expiresAt <= Date.now()) {
      throw notEnabled();
    }
    const usedStep = confirmingStep(user, pendingFactor, code, shown);
    const factor = { secret: pendingFactor.secret, usedStep, recoveryCodes: new Set<string>() };
    const recoveryCodes = renewRecoveryCodes(factor);
    this.#putFactor(user, factor, session);
    const opened = session === null && !user.mustChangePassword ? this.#world.users.open(user, args) : null;
    return confirmedTotpOf(recoveryCodes, opened);
  }

  /** @inheritdoc */
  async disableTotp(args: ProvenArguments, options?: CallOptions): Promise<void> {
    const { session } = await this.#proven(args, options);
    this.#putFactor(session.user, null, session);
  }

  /** @inheritdoc */
  async regenerateRecoveryCodes(args: ProvenArguments, options?: CallOptions): Promise<RecoveryCodes> {
    const { session, factor } = await this.#proven(args, options);
    session.user.credentialVersion += 1;
    return recoveryCodesOf(renewRecoveryCodes(factor));
  }

  async #verifyTotp(args: VerifyCodeArguments, options: CallOptions | undefined): Promise<Session> {
    this.#world.begin(options);
    const shown = await this.#world.shownTo(args);
    const code = answerOf(args, (parameters) => parameters.digits('code', args.code));
    const challenge = this.#world.challenges.take(args.challenge, 'totp');
    spendTotp(challenge.user, factorOf(challenge.user), code, shown);
    return this.#complete(challenge, args, { provedBy: 'password', hasProvenFactor: true });
  }

  async #verifyEmailCode(args: VerifyCodeArguments, options: CallOptions | undefined): Promise<Session> {
    this.#world.begin(options);
    const code = answerOf(args, (parameters) => parameters.digits('code', args.code));
    const { challenges } = this.#world;
    const login = challenges.takeMailLogin(args.challenge);
    if (login !== null) {
      return this.#logInByMail(login, code, args);
    }
    const challenge = challenges.take(args.challenge, 'email');
    const { user } = challenge;
    spendEmailCode(user, () => isMailed(challenge, code));
    const hasProvenFactor = user.factor !== null;
    return this.#complete(challenge, args, { provedBy: 'password', hasProvenEmail: true, hasProvenFactor });
  }

  #logInByMail(login: FakeMailLogin, code: string, visitor: Visitor): Session {
    const user = this.#world.challenges.userOf(login);
    if (user === null || !isMailed(login, code)) {
      throw codeInvalid();
    }
    user.emailVerified = true;
    return this.#complete({ ...login, user }, visitor, { provedBy: 'email' });
  }

  async #verifyRecoveryCode(
    args: VerifyRecoveryCodeArguments,
    options: CallOptions | undefined,
  ): Promise<RecoveredSession> {
    this.#world.begin(options);
    const code = answerOf(args, (parameters) => parameters.recoveryCode('recovery_code', args.recoveryCode));
    const challenge = this.#world.challenges.take(args.challenge, 'recovery');
    const factor = factorOf(challenge.user);
    spendRecoveryCode(challenge.user, factor, code);
    const session = this.#complete(challenge, args, { provedBy: 'password', hasProvenFactor: true });
    return recoveredSessionOf(session, factor.recoveryCodes.size);
  }

  /** Opens the session of a challenge that was answered. Throws what else the login needs. */
  #complete(
    challenge: { readonly token: string; readonly user: FakeUser },
    visitor: Visitor,
    progress: LoginProgress,
  ): Session {
    this.#world.challenges.spend(challenge);
    this.#world.requireNothingMore(challenge.user, progress);
    return this.#world.users.open(challenge.user, visitor);
  }

  #owner(
    args: SessionOrChallenge,
    parameters: Parameters,
    challengeOfToken: (token: string) => FakeChallenge,
  ): { readonly user: FakeUser; readonly session: FakeSession | null } {
    if (args.challenge === undefined) {
      const { session } = this.#world.users.live(args, parameters);
      return { user: session.user, session };
    }
    parameters.required('challenge', args.challenge);
    parameters.check();
    return { user: challengeOfToken(args.challenge).user, session: null };
  }

  /** The session and the factor of a user who proved to be the one. */
  async #proven(args: ProvenArguments, options: CallOptions | undefined) {
    this.#world.begin(options);
    const shown = await this.#world.shownTo(args);
    const parameters = new Parameters();
    const code = parameters.required('code', args.code) && parameters.code('code', args.code);
    const { session } = this.#world.users.live(args, parameters);
    const factor = factorOf(session.user);
    requireFreshProof(session, { ...args, code, shown });
    return { session, factor };
  }

  /** Sets or takes off a factor: what was begun before is void, and other sessions end. */
  #putFactor(user: FakeUser, factor: FakeFactor | null, session: FakeSession | null): void {
    user.factor = factor;
    user.pendingFactor = null;
    user.withholdsEmail = false;
    forgetWrongCodes(user);
    user.credentialVersion += 1;
    this.#world.users.endSessions(user, (each) => each !== session);
  }
}

/** What answers a challenge, in its one spelling. Throws INVALID_ARGUMENT with all faults. */
function answerOf({ challenge }: ChallengeArguments, read: (parameters: Parameters) => string): string {
  const parameters = new Parameters();
  parameters.required('challenge', challenge);
  const answer = read(parameters);
  parameters.check();
  return answer;
}

function requireNoFactor({ factor }: FakeUser): void {
  if (factor !== null) {
    throw failure('ALREADY_EXISTS', 'SECOND_FACTOR_ALREADY_ENABLED', 'The user has a second factor already.');
  }
}

function factorOf({ factor }: FakeUser): FakeFactor {
  if (factor === null) {
    throw notEnabled();
  }
  return factor;
}

function notEnabled(): Error {
  return failure('FAILED_PRECONDITION', 'SECOND_FACTOR_NOT_ENABLED', 'The user has no second factor.');
}
