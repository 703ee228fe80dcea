import { AuthError, type FieldViolation } from '../../domain/errors.ts';
import { deadlineAfter, hasPassed, type IncomingCall } from '../call.ts';
import type { AnsweredCall, CallObserver } from '../call-observer.ts';
import { toWireError, type WireError } from '../error-mapping.ts';
import { type HttpExchange, headerOf, isGone } from './exchange.ts';

/** A call that came by the HTTP port, as the handlers see it. */
export class HttpCall implements IncomingCall {
  readonly faults: readonly FieldViolation[];
  readonly deadlineAt: number;
  readonly #exchange: HttpExchange;

  /** `timeoutMs` is what the caller asked for; null: nothing. */
  constructor(exchange: HttpExchange, faults: readonly FieldViolation[], timeoutMs: number | null) {
    this.#exchange = exchange;
    this.faults = faults;
    this.deadlineAt = deadlineAfter(timeoutMs);
  }

  header(name: string): string | null {
    return headerOf(this.#exchange, name);
  }

  isAbandoned(): boolean {
    return isGone(this.#exchange) || hasPassed(this.deadlineAt);
  }
}

/** Tells the observer of one call, which begins now, and gives errors of it in their form for the wire. */
export class CallReport {
  readonly #observer: CallObserver;
  readonly #entrance: AnsweredCall['entrance'];
  readonly #method: string;
  readonly #startedAt = performance.now();

  constructor(observer: CallObserver, entrance: AnsweredCall['entrance'], method: string) {
    this.#observer = observer;
    this.#entrance = entrance;
    this.#method = method;
  }

  succeeded(): void {
    this.#answered(null);
  }

  /** What the caller is told of a failure, which is reported. */
  failed(error: unknown): WireError {
    const wire = toWireError(error);
    if (wire.requestId !== null || (error instanceof AuthError && error.cause !== undefined)) {
      this.#observer.failed({ method: this.#method, requestId: wire.requestId, error });
    }
    this.#answered(wire.reason);
    return wire;
  }

  #answered(reason: AnsweredCall['reason']): void {
    const durationMs = performance.now() - this.#startedAt;
    this.#observer.answered({ entrance: this.#entrance, method: this.#method, reason, durationMs });
  }
}
