import type { ErrorReason } from '../../../src/domain/errors.ts';
import type { CallName, Fields, Success } from './entrance.ts';
import { type Failures, NO_FAILURES } from './store-dump.ts';
import type { World } from './world.ts';

/** What is sent. */
export interface Request {
  readonly params: Fields;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A call that succeeds. */
export interface SuccessScenario {
  readonly title: string;
  readonly call: CallName;
  /** What is sent, with the fields that must come back: no more, no fewer. */
  request(world: World): Promise<Request & Success>;
}

/** A call that is refused. */
export interface RefusalScenario<Name extends string = CallName, W = World> {
  readonly title: string;
  readonly call: Name;
  readonly reason: ErrorReason;
  /** The names of the faulty parameters. */
  readonly violations?: readonly string[];
  /** Whether every place in the queue of hashes is taken. */
  readonly overloaded?: boolean;
  /** Whether a wait is named; by default with OVERLOADED alone. */
  readonly waits?: boolean;
  /** What it counts against whoever guesses, where the call and the reason do not say it. */
  readonly failed?: Partial<Failures>;
  /** How the login goes on that is refused so: a challenge is handed out for these. */
  readonly methods?: readonly string[];
  /** Whether the row of a challenge comes to the store without being handed out. */
  readonly makesChallenge?: boolean;
  /** Whether something was proven, so that the store is another. */
  readonly proves?: boolean;
  /** The only entrances that can be asked so; all of them by default. */
  readonly only?: 'rpc' | 'http port';
  request(world: W): Promise<Request> | Request;
}

/** What a scenario is called in the report of a test. */
export function titleOf(scenario: { readonly title: string; readonly call: string; readonly reason?: string }): string {
  const outcome = scenario.reason === undefined ? 'succeeds' : `is refused ${scenario.reason}`;
  return `${scenario.call} ${outcome}: ${scenario.title}`;
}

/** Whether a refusal comes from the account check, which spends the nonce. */
export function spendsNonce({ call, reason }: RefusalScenario<string, never>): boolean {
  return (call === 'signUp' || call === 'login') && ACCOUNT_REASONS.has(reason);
}

/** What a refusal counts against whoever guesses. */
export function failuresOf({ call, reason, failed }: RefusalScenario<string, never>): Failures {
  const isFailure = reason === 'CREDENTIALS_INVALID' || reason === 'USER_NOT_FOUND';
  return {
    ...NO_FAILURES,
    logins: Number(isFailure && call === 'login'),
    currentPasswords: Number(isFailure && TAKE_CURRENT_PASSWORD.has(call)),
    ...failed,
  };
}

const TAKE_CURRENT_PASSWORD: ReadonlySet<string> = new Set([
  'changePassword',
  'changeEmail',
  'deleteAccount',
  'enableTotp',
  'disableTotp',
  'regenerateRecoveryCodes',
]);

const ACCOUNT_REASONS: ReadonlySet<ErrorReason> = new Set([
  'USER_EXISTS',
  'USER_NOT_FOUND',
  'CREDENTIALS_INVALID',
  'USER_DISABLED',
  'EMAIL_NOT_VERIFIED',
  'SECOND_FACTOR_REQUIRED',
  'PASSWORD_CHANGE_REQUIRED',
]);
