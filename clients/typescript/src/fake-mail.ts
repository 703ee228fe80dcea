/** What a mail of the fake asks its reader to do. */
export type FakeMailKind = 'verify' | 'reset' | 'change_email';

/** A mail that the fake would have sent. Neither consoles nor serializers nor copies show its token: take it by its name. */
export class FakeMail {
  readonly kind: FakeMailKind;
  /** The address that it went to. */
  readonly to: string;
  readonly #token: string;

  /** Makes a mail. */
  constructor(kind: FakeMailKind, to: string, token: string) {
    this.kind = kind;
    this.to = to;
    this.#token = token;
  }

  /** What verifyEmail or resetPassword takes. */
  get token(): string {
    return this.#token;
  }
}
