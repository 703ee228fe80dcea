import type { FieldViolation } from '../../domain/errors.ts';
import { hasPassed, type IncomingCall } from '../call.ts';
import { type HttpExchange, headerOf, isGone } from './exchange.ts';

/** A call that came by the HTTP port, as the handlers see it. */
export class HttpCall implements IncomingCall {
  readonly faults: readonly FieldViolation[];
  readonly deadlineAt: number;
  readonly #exchange: HttpExchange;

  constructor(exchange: HttpExchange, faults: readonly FieldViolation[], deadlineAt: number) {
    this.#exchange = exchange;
    this.faults = faults;
    this.deadlineAt = deadlineAt;
  }

  header(name: string): string | null {
    return headerOf(this.#exchange, name);
  }

  isAbandoned(): boolean {
    return isGone(this.#exchange) || hasPassed(this.deadlineAt);
  }
}
