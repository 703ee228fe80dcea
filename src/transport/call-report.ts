import { AuthError, type ErrorReason } from '../domain/errors.ts';
import type { AnsweredCall, CallObserver } from './call-observer.ts';
import { toWireError, type WireError } from './error-mapping.ts';

/** Tells the observer of one call, which begins now, and gives errors of it in their form for the wire. */
export class CallReport {
  /** When the call began, on the clock of `performance.now()`. */
  readonly startedAt = performance.now();
  readonly #observer: CallObserver;
  readonly #entrance: AnsweredCall['entrance'];
  readonly #method: string;

  constructor(observer: CallObserver, entrance: AnsweredCall['entrance'], method: string) {
    this.#observer = observer;
    this.#entrance = entrance;
    this.#method = method;
  }

  succeeded(): void {
    this.#answered(null);
  }

  /** For what is answered with a library's code: `reason` is for the metrics alone. */
  refused(reason: ErrorReason): void {
    this.#answered(reason);
  }

  /** What the caller is told of a failure, which is reported. */
  failed(error: unknown): WireError {
    const wire = toWireError(error);
    if (wire.requestId !== null || (error instanceof AuthError && error.cause !== undefined)) {
      this.#observer.failed({ method: this.#method, reason: wire.reason, requestId: wire.requestId, error });
    }
    this.#answered(wire.reason);
    return wire;
  }

  #answered(reason: AnsweredCall['reason']): void {
    const durationMs = performance.now() - this.startedAt;
    this.#observer.answered({ entrance: this.#entrance, method: this.#method, reason, durationMs });
  }
}
