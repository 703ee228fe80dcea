import type {
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
} from './calls.ts';

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
}
