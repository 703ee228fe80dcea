import { AuthError, type FieldViolation } from '../domain/errors.ts';
import type { CallContext } from '../domain/ports.ts';

/** The longest time a call may take; a longer deadline, or none, is cut to this (docs/contract.md, section 2). */
export const MAX_CALL_MS = 10_000;

/** What a handler knows of the call it serves, whichever entrance it came by. */
export interface IncomingCall extends CallContext {
  /**
   * A header (gRPC: metadata) by its lower-case name; null when it was not sent. Several values of one header are
   * joined by ', '.
   */
  header(name: string): string | null;
  /** Faults of parameters that the entrance found while it read the request: types, repetitions. */
  readonly faults: readonly FieldViolation[];
  /** When the caller stops waiting, on the clock of `performance.now()`. */
  readonly deadlineAt: number;
}

/**
 * The instant at which a call is answered DEADLINE_EXCEEDED. `timeoutMs` is what the caller asked for; null: nothing.
 * `arrivedAt` is when its headers came; by default now. Both instants are on the clock of `performance.now()`.
 */
export function deadlineAfter(timeoutMs: number | null, arrivedAt = performance.now()): number {
  return arrivedAt + Math.min(timeoutMs ?? MAX_CALL_MS, MAX_CALL_MS);
}

/** Whether a deadline made by {@link deadlineAfter} has passed. */
export function hasPassed(deadlineAt: number): boolean {
  return performance.now() >= deadlineAt;
}

/**
 * The result of `work`, or AuthError DEADLINE_EXCEEDED once the call's deadline has passed. The work is not broken
 * off then: it goes on to a safe end, and what comes of it is dropped. It is not begun when the deadline has
 * passed already. Costs one timer.
 */
export function withDeadline<T>(call: IncomingCall, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const remainingMs = call.deadlineAt - performance.now();
    if (remainingMs <= 0) {
      reject(new AuthError('DEADLINE_EXCEEDED'));
      return;
    }
    // Whole milliseconds: Node keeps one list of timers for each duration, and nearly all calls share one here.
    const timer = setTimeout(() => reject(new AuthError('DEADLINE_EXCEEDED')), Math.ceil(remainingMs));
    work().then(
      (result) => {
        clearTimeout(timer);
        resolve(result);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
