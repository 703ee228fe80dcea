import type { ErrorReason } from '../domain/errors.ts';
import type { Entrance } from './call.ts';

/** What the entrances tell the log and the metrics. Nothing here holds a parameter, a header or a message. */
export interface CallObserver {
  /** After every call that was answered. */
  answered(call: AnsweredCall): void;
  /** After every call that failed by the server's fault. `error` is for the log, which must mask it. */
  failed(call: FailedCall): void;
  /** After every connection that was closed at once because its port holds as many as it may. */
  refusedConnection(port: 'grpc' | 'http'): void;
}

export interface AnsweredCall {
  /** Where it came in. */
  readonly entrance: Entrance;
  /** The RPC's name, as `Validate`. One of a closed set. */
  readonly method: string;
  /** Null for a success. */
  readonly reason: ErrorReason | null;
  readonly durationMs: number;
}

export interface FailedCall {
  readonly method: string;
  readonly reason: ErrorReason;
  /** The id that the caller was told; null where the answer was a reason of its own (UNAVAILABLE). */
  readonly requestId: string | null;
  readonly error: unknown;
}
