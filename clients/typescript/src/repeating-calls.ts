import type {
  AuthFlow,
  CallOptions,
  ChangePasswordArguments,
  FooBarArguments,
  LoginArguments,
  Nonce,
  PasswordChange,
  Session,
  SessionArguments,
  SessionUser,
  SignUpArguments,
  User,
  Wire,
} from './calls.ts';
import { checkDeadlineMs, withDeadline } from './deadline.ts';
import { AuthFlowError } from './errors.ts';
import { type Attempt, Repeats } from './repeats.ts';

/** As long as a server gives a call (docs/clients.md, behaviour 6). */
const DEFAULT_DEADLINE_MS = 10_000;

/** The six calls over any wire: nonces, deadlines and repeats. */
export class RepeatingCalls implements AuthFlow {
  readonly #wire: Wire;
  readonly #deadlineMs: number;
  readonly #repeats = new Repeats();
  readonly #closing = new AbortController();

  /** Makes calls over a wire, each within the deadline. Throws RangeError for one that is not above 0. */
  constructor(wire: Wire, deadlineMs: number = DEFAULT_DEADLINE_MS) {
    this.#wire = wire;
    this.#deadlineMs = checkDeadlineMs(deadlineMs);
  }

  /** @inheritdoc */
  fooBar(args: FooBarArguments, options?: CallOptions): Promise<Nonce> {
    return this.#call(options, (attempt) => this.#wire.fooBar(args, attempt));
  }

  /** @inheritdoc */
  signUp(args: SignUpArguments, options?: CallOptions): Promise<User> {
    return this.#call(options, async (attempt) => {
      const { token } = await this.#wire.fooBar({ identity: args.email }, attempt);
      attempt.doNotRepeatAfterLoss();
      return this.#wire.signUp({ ...args, foobar: token }, attempt);
    });
  }

  /** @inheritdoc */
  login(args: LoginArguments, options?: CallOptions): Promise<Session> {
    return this.#call(options, async (attempt) => {
      const { token } = await this.#wire.fooBar({ identity: args.email }, attempt);
      return this.#wire.login({ ...args, foobar: token }, attempt);
    });
  }

  /** @inheritdoc */
  validate(args: SessionArguments, options?: CallOptions): Promise<SessionUser> {
    return this.#call(options, (attempt) => this.#wire.validate(args, attempt));
  }

  /** @inheritdoc */
  changePassword(args: ChangePasswordArguments, options?: CallOptions): Promise<PasswordChange> {
    return this.#call(options, (attempt) => {
      attempt.doNotRepeatAfterLoss();
      return this.#wire.changePassword(args, attempt);
    });
  }

  /** @inheritdoc */
  logout(args: SessionArguments, options?: CallOptions): Promise<void> {
    return this.#call(options, (attempt) => this.#wire.logout(args, attempt));
  }

  /** @inheritdoc */
  close(): void {
    this.#closing.abort(new AuthFlowError({ code: 'CANCELLED', message: 'The client is closed.' }));
  }

  async #call<T>({ signal, deadlineMs }: CallOptions = {}, attempt: (attempt: Attempt) => Promise<T>): Promise<T> {
    const signals = signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal];
    return withDeadline(
      deadlineMs === undefined ? this.#deadlineMs : checkDeadlineMs(deadlineMs),
      signals,
      // Also makes a rejection of what a wire throws.
      (deadline) => this.#repeats.run(deadline, async (each) => attempt(each)),
    );
  }
}
