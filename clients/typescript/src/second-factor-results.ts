import type { Session } from './calls.ts';
import { type Json, rfc3339 } from './results.ts';
import type {
  Challenge,
  ConfirmedTotp,
  LoginMethod,
  RecoveryCodes,
  SentCode,
  SentLoginCode,
  TotpSetup,
} from './second-factor-calls.ts';

/*
 * What the calls of second factors resolve with. What is secret is in private fields, as in results.ts.
 */

/** Makes a challenge that hides its token. */
export function challengeOf(parts: Challenge): Challenge {
  return new LoginChallenge(parts);
}

/** Makes what a mail with a code is told with. */
export function sentCodeOf(expiresAt: Date): SentCode {
  return new SentMail(expiresAt);
}

/** Makes what a mail that logs in is told with; it hides the challenge. */
export function sentLoginCodeOf(challenge: string, expiresAt: Date): SentLoginCode {
  return new SentLogin(challenge, expiresAt);
}

/** Makes a new secret that hides itself. */
export function totpSetupOf(parts: TotpSetup): TotpSetup {
  return new NewTotp(parts);
}

/** Makes recovery codes that hide themselves. */
export function recoveryCodesOf(recoveryCodes: readonly string[]): RecoveryCodes {
  return new NewRecoveryCodes(recoveryCodes);
}

/** Makes what confirming gives; it hides the codes. */
export function confirmedTotpOf(recoveryCodes: readonly string[], session: Session | null): ConfirmedTotp {
  return new Confirmed(recoveryCodes, session);
}

class LoginChallenge implements Challenge {
  readonly reason: Challenge['reason'];
  readonly #challenge: string;
  readonly methods: readonly LoginMethod[];
  readonly expiresAt: Date;

  constructor({ reason, challenge, methods, expiresAt }: Challenge) {
    this.reason = reason;
    this.#challenge = challenge;
    this.methods = Object.freeze([...methods]);
    this.expiresAt = expiresAt;
  }

  get challenge(): string {
    return this.#challenge;
  }

  toJSON(): Json {
    return { reason: this.reason, methods: this.methods, expires_at: rfc3339(this.expiresAt) };
  }
}

class SentMail implements SentCode {
  readonly expiresAt: Date;

  constructor(expiresAt: Date) {
    this.expiresAt = expiresAt;
  }

  toJSON(): Json {
    return { expires_at: rfc3339(this.expiresAt) };
  }
}

class SentLogin extends SentMail implements SentLoginCode {
  readonly #challenge: string;

  constructor(challenge: string, expiresAt: Date) {
    super(expiresAt);
    this.#challenge = challenge;
  }

  get challenge(): string {
    return this.#challenge;
  }
}

class NewTotp implements TotpSetup {
  readonly #secret: string;
  readonly #otpauthUrl: string;
  readonly #qrCode: string;
  readonly expiresAt: Date;

  constructor({ secret, otpauthUrl, qrCode, expiresAt }: TotpSetup) {
    this.#secret = secret;
    this.#otpauthUrl = otpauthUrl;
    this.#qrCode = qrCode;
    this.expiresAt = expiresAt;
  }

  get secret(): string {
    return this.#secret;
  }

  get otpauthUrl(): string {
    return this.#otpauthUrl;
  }

  get qrCode(): string {
    return this.#qrCode;
  }

  toJSON(): Json {
    return { expires_at: rfc3339(this.expiresAt) };
  }
}

class NewRecoveryCodes implements RecoveryCodes {
  readonly #recoveryCodes: readonly string[];

  constructor(recoveryCodes: readonly string[]) {
    this.#recoveryCodes = Object.freeze([...recoveryCodes]);
  }

  get recoveryCodes(): readonly string[] {
    return this.#recoveryCodes;
  }

  toJSON(): Json {
    return {};
  }
}

class Confirmed extends NewRecoveryCodes implements ConfirmedTotp {
  readonly session: Session | null;

  constructor(recoveryCodes: readonly string[], session: Session | null) {
    super(recoveryCodes);
    this.session = session;
  }

  override toJSON(): Json {
    return { session: this.session };
  }
}
