import type { ErrorReason } from '../../../src/domain/errors.ts';
import type { CallName, Fields, Success } from './entrance.ts';
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
export interface RefusalScenario {
  readonly title: string;
  readonly call: CallName;
  readonly reason: ErrorReason;
  /** The names of the faulty parameters. */
  readonly violations?: readonly string[];
  /** Whether every place in the queue of hashes is taken. */
  readonly overloaded?: boolean;
  request(world: World): Promise<Request> | Request;
}

/** Whether a refusal comes from the account check, which spends the nonce. */
export function spendsNonce({ call, reason }: RefusalScenario): boolean {
  return (call === 'signUp' || call === 'login') && ACCOUNT_REASONS.has(reason);
}

const ACCOUNT_REASONS: ReadonlySet<ErrorReason> = new Set([
  'USER_EXISTS',
  'USER_NOT_FOUND',
  'CREDENTIALS_INVALID',
  'USER_DISABLED',
]);
