import type { ErrorReason } from '../../../src/domain/errors.ts';
import type { CallName, Fields, Success } from './entrance.ts';
import type { Failures } from './store-dump.ts';
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
export function failuresOf({ call, reason }: RefusalScenario<string, never>): Failures {
  const isFailure = reason === 'CREDENTIALS_INVALID' || reason === 'USER_NOT_FOUND';
  return {
    logins: Number(isFailure && call === 'login'),
    currentPasswords: Number(isFailure && TAKE_CURRENT_PASSWORD.has(call)),
  };
}

const TAKE_CURRENT_PASSWORD: ReadonlySet<string> = new Set(['changePassword', 'changeEmail', 'deleteAccount']);

const ACCOUNT_REASONS: ReadonlySet<ErrorReason> = new Set([
  'USER_EXISTS',
  'USER_NOT_FOUND',
  'CREDENTIALS_INVALID',
  'USER_DISABLED',
]);
