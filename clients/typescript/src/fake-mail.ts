import { DAY_MS, MINUTE_MS } from './fake-clock.ts';
import { failure } from './fake-failure.ts';
import type { FakeUser, FakeUsers } from './fake-users.ts';

/** What a mail of the fake asks its reader to do: the first three by a link with a token, the others by a code. */
export type FakeMailKind = FakeLinkKind | FakeCodeKind;

/** A mail with a token. */
type FakeLinkKind = 'verify' | 'reset' | 'change_email';

/** A mail with a code: of sendLoginCode, and of sendEmailCode. */
type FakeCodeKind = 'login_code' | 'second_factor_code';

const TTL_MS: Readonly<Record<FakeLinkKind, number>> = {
  verify: DAY_MS,
  reset: 30 * MINUTE_MS,
  change_email: 60 * MINUTE_MS,
};

/** A mail that the fake would have sent. Neither consoles nor serializers nor copies show its token or code: take them by name. */
export class FakeMail {
  readonly kind: FakeMailKind;
  /** The address that it went to. */
  readonly to: string;
  readonly #token: string;
  readonly #code: string;

  /** Makes a mail. */
  constructor(kind: FakeMailKind, to: string, { token = '', code = '' }: { token?: string; code?: string }) {
    this.kind = kind;
    this.to = to;
    this.#token = token;
    this.#code = code;
  }

  /** What verifyEmail or resetPassword takes; `''` in a mail with a code. */
  get token(): string {
    return this.#token;
  }

  /** What verifyEmailCode takes, six digits; `''` in a mail with a token. */
  get code(): string {
    return this.#code;
  }
}

interface FakeMailToken {
  readonly kind: FakeLinkKind;
  readonly user: FakeUser;
  /** The user's address when it was made. */
  readonly email: string;
  /** The address that it proves. */
  readonly newEmail: string;
  readonly credentialVersion: number;
  readonly expiresAt: number;
}

/** What the fake would have mailed. */
export class FakeMailbox {
  readonly #users: FakeUsers;
  readonly #mails: FakeMail[] = [];
  readonly #tokens = new Map<string, FakeMailToken>();

  /** Mails to users. */
  constructor(users: FakeUsers) {
    this.#users = users;
  }

  /** The oldest first. */
  get mails(): readonly FakeMail[] {
    return [...this.#mails];
  }

  /** Mails a token. */
  sendLink(kind: FakeLinkKind, user: FakeUser, newEmail = user.email): void {
    const token = `fake.mail.${crypto.randomUUID()}`;
    const { email, credentialVersion } = user;
    this.#tokens.set(token, { kind, user, email, newEmail, credentialVersion, expiresAt: Date.now() + TTL_MS[kind] });
    this.#mails.push(new FakeMail(kind, newEmail, { token }));
  }

  /** Mails a code, and tells it. */
  sendCode(kind: FakeCodeKind, to: string): string {
    const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
    const code = String(number % 1_000_000).padStart(6, '0');
    this.#mails.push(new FakeMail(kind, to, { code }));
    return code;
  }

  /** What a token stands for. Throws TOKEN_INVALID and TOKEN_EXPIRED. */
  read(token: string, kinds: readonly FakeLinkKind[]): FakeMailToken {
    const mailed = this.#tokens.get(token);
    if (mailed === undefined || !kinds.includes(mailed.kind)) {
      throw failure('UNAUTHENTICATED', 'TOKEN_INVALID', 'The token is not valid.');
    }
    const { kind, user, email, credentialVersion, expiresAt } = mailed;
    if (expiresAt <= Date.now()) {
      throw failure('UNAUTHENTICATED', 'TOKEN_EXPIRED', 'The token is too old.');
    }
    // That of a verification is bound to the address alone.
    const isVoid = kind !== 'verify' && credentialVersion !== user.credentialVersion;
    if (isVoid || user.isDisabled || this.#users.at(email) !== user) {
      throw failure('UNAUTHENTICATED', 'TOKEN_INVALID', 'The token is not valid.');
    }
    return mailed;
  }
}
