import { AuthError, type ErrorReason } from '../domain/errors.ts';
import type { Entrance } from './call.ts';
import type { AnsweredCall, CallObserver } from './call-observer.ts';
import { type Failure, failureOf } from './failure.ts';

/** Tells the observer of one call what became of it. What the observer throws costs no caller its answer. */
export class CallReport {
  readonly #observer: CallObserver;
  readonly #entrance: Entrance;
  readonly #method: string;
  readonly #arrivedAt: number;

  /** `arrivedAt` is on the clock of `performance.now()`. */
  constructor(observer: CallObserver, entrance: Entrance, method: string, arrivedAt = performance.now()) {
    this.#observer = observer;
    this.#entrance = entrance;
    this.#method = method;
    this.#arrivedAt = arrivedAt;
  }

  succeeded(): void {
    this.#answered(null);
  }

  /** For what is answered with a library's code: `reason` is for the metrics alone. */
  refused(reason: ErrorReason): void {
    this.#answered(reason);
  }

  /** What the caller is told of a failure, which is reported. */
  failed(error: unknown): Failure {
    const failure = failureOf(error);
    const { reason, requestId } = failure;
    if (requestId !== null || (error instanceof AuthError && error.cause !== undefined)) {
      ignoringErrors(() => this.#observer.failed({ method: this.#method, reason, requestId, error }));
    }
    this.#answered(reason);
    return failure;
  }

  #answered(reason: AnsweredCall['reason']): void {
    const durationMs = performance.now() - this.#arrivedAt;
    const answered = { entrance: this.#entrance, method: this.#method, reason, durationMs };
    ignoringErrors(() => this.#observer.answered(answered));
  }
}

function ignoringErrors(tell: () => void): void {
  try {
    tell();
  } catch {
    // A log or a metric that cannot be written; both have their own ways to say so.
  }
}
