import type { Message } from '@bufbuild/protobuf';
import { AuthError, type FieldViolation } from '../domain/errors.ts';

/** The longest time a call may take; a longer deadline, or none, is cut to this (docs/contract.md, section 2). */
export const MAX_CALL_MS = 10_000;

/** Where a call came in. */
export type Entrance = 'grpc' | 'connect' | 'http';

/** One call, as the entrance that it came by knows it. */
export interface IncomingCall {
  readonly entrance: Entrance;
  /** When its headers came, on the clock of `performance.now()`. */
  readonly arrivedAt: number;
  /** How long the caller waits from then on; null where it does not say. */
  readonly timeoutMs: number | null;
  /**
   * A header (gRPC: metadata) by its lower-case name; null when it was not sent. Several values of one header are
   * joined by ', '.
   */
  header(name: string): string | null;
  /** The IP address of the caller as the call came, behind the proxies that the settings trust; '' where its connection had gone then. */
  peerAddress(): string;
  /** The same where a proxy that the settings trust tells it; null where the caller itself connected, or had gone. */
  forwardedAddress(): string | null;
  /** Whether the caller has gone away. */
  isGone(): boolean;
  /**
   * The request. Throws AuthError for one that cannot be read, and for what the entrance refuses before anything is read.
   */
  read(asked: RequestIdentity): ReadRequest;
}

/** By what lines of the log and rows of the audit log know a request. */
export interface RequestIdentity {
  readonly requestId: string;
}

/** A request message with what is already known to be wrong with its fields. */
export interface ReadRequest {
  readonly message: Message;
  /** Faults of types and of repetitions, which only JSON and forms can have. */
  readonly faults: readonly FieldViolation[];
}

/** When a call is answered DEADLINE_EXCEEDED, on the clock of `performance.now()`. `longestMs` is what it may take at most. */
export function deadlineOf(
  { arrivedAt, timeoutMs }: Pick<IncomingCall, 'arrivedAt' | 'timeoutMs'>,
  longestMs: number,
): number {
  return arrivedAt + Math.min(timeoutMs ?? longestMs, longestMs);
}

/**
 * The result of `work`, or AuthError DEADLINE_EXCEEDED once the deadline has passed. The work is not broken off then: it
 * goes on to a safe end, and what comes of it is dropped. It is not begun when the deadline has passed already. Costs one
 * timer.
 */
export function withDeadline<T>(deadlineAt: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const remainingMs = deadlineAt - performance.now();
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
