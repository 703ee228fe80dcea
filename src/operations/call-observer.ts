import type { CallerClass } from '../domain/caller.ts';
import type { ErrorReason, RefusalSubject } from '../domain/errors.ts';
import type { Entrance } from './call.ts';

/** What the entrances tell the log and the metrics. Nothing here holds a secret, a header or a message. */
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
  /** Who made it and from where. Looked up when it is asked for: nearly no call is written down. */
  origin(): CallOrigin;
  /** Whom a refusal concerns, where that is known. */
  readonly subject: RefusalSubject;
}

export interface CallOrigin {
  /** How the caller proved itself; null where it did not, or was refused before it could. */
  readonly caller: CallerClass | 'administrator' | 'management_key' | null;
  /** The organization that the caller speaks for; null where that is not known. */
  readonly orgId: string | null;
  /** The public id of the key; null without one that is good. */
  readonly keyId: string | null;
  /** Of the connection, or behind listed proxies of who called these; '' where it has gone or was refused before it was a call. */
  readonly address: string;
  /**
   * What a backend with a key of its own says of the person behind it, as it was sent: it may be anything. '' where nothing was
   * sent, and from every other caller: whoever read a key in a token could name anybody.
   */
  readonly clientIp: string;
  /** The same of the person's program. */
  readonly userAgent: string;
  /** Random; the same in every line and row that tells of the call. */
  readonly requestId: string;
}

export interface FailedCall {
  readonly method: string;
  readonly reason: ErrorReason;
  /** The id of the request, which the caller was told; null where the answer was a reason of its own (UNAVAILABLE). */
  readonly requestId: string | null;
  readonly error: unknown;
}
