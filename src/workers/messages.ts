import type { HashJob } from '../crypto/hash-threads.ts';
import type { Caller } from '../domain/caller.ts';
import type { ErrorReason } from '../domain/errors.ts';
import type { Charge, ChargeRefusal } from '../domain/limits/rate-limit.ts';
import type { MetricsSnapshot } from '../observability/metrics-snapshot.ts';

/** The two ports, which all workers share. */
export const PORT_NAMES = ['http', 'grpc'] as const;

export type PortName = (typeof PORT_NAMES)[number];

/** How many connections a worker holds, by port. */
export type OpenConnections = Readonly<Record<PortName, number>>;

/** What the supervisor tells a worker, in this order at a start and at a stop. */
export type ToWorker =
  | { readonly kind: 'welcome'; readonly worker: number; readonly ports: Readonly<Record<PortName, number>> }
  /** With its socket, unless its peer has gone meanwhile. */
  | { readonly kind: 'connection'; readonly port: PortName; readonly id: number }
  /** Of the connections that it is handed this follows all up to `handed`. */
  | { readonly kind: 'ping'; readonly handed: number }
  | { readonly kind: 'reload_tls' }
  /** Asks for a snapshot. */
  | { readonly kind: 'snapshot' }
  /** Answers who asked for the metrics of all. */
  | { readonly kind: 'metrics'; readonly id: number; readonly snapshot: MetricsSnapshot }
  | HashingReply
  /** What became of charges, by the numbers that their worker gave them. */
  | { readonly kind: 'charged'; readonly outcomes: readonly ChargeOutcome[] }
  /** What became of writes, in the words of who asked. */
  | { readonly kind: 'written'; readonly replies: readonly unknown[] }
  /** Health turns; connections still come. */
  | { readonly kind: 'stop' }
  /** No more connections come. */
  | { readonly kind: 'line_ended' };

/** What a worker tells the supervisor. */
export type ToSupervisor =
  | { readonly kind: 'ready' }
  /** It ends: what one process would tell its operator, and with which exit code. */
  | { readonly kind: 'not_started'; readonly exitCode: number; readonly lines: readonly string[] }
  /** It has this connection, and has read nothing of it yet. */
  | { readonly kind: 'taken'; readonly id: number; readonly open: OpenConnections }
  /** Answers a ping, after all that came before it. */
  | { readonly kind: 'pong'; readonly handed: number; readonly open: OpenConnections }
  | { readonly kind: 'snapshot'; readonly snapshot: MetricsSnapshot }
  /** Asks for the metrics of all. */
  | { readonly kind: 'metrics'; readonly id: number }
  | HashingRequest
  /** Charges calls to the machine's buckets, in this order. */
  | { readonly kind: 'charge'; readonly calls: readonly ChargedCall[] }
  /** Asks for writes to the store's file, in the words of who answers. */
  | { readonly kind: 'writes'; readonly requests: readonly unknown[] };

/** What one call is charged to. */
export interface ChargedCall {
  readonly id: number;
  readonly charges: readonly Charge[];
}

/** `refusal` is null where it was charged. */
export interface ChargeOutcome {
  readonly id: number;
  readonly refusal: ChargeRefusal | null;
}

/** What a worker asks of the machine's hashing. `turn` names a turn from when it is asked for until it is given back. */
export type HashingRequest =
  /** `remainingMs`: how long its caller still waits; null: for as long as it takes. */
  | { readonly kind: 'acquire'; readonly turn: number; readonly caller: Caller; readonly remainingMs: number | null }
  /** Nobody waits for the call any more. */
  | { readonly kind: 'abandoned'; readonly turn: number }
  | { readonly kind: 'run'; readonly turn: number; readonly run: number; readonly job: HashJob }
  | { readonly kind: 'release'; readonly turn: number };

export type HashingReply =
  | { readonly kind: 'acquired'; readonly turn: number }
  /** `waits`: what `Hashing.waitFor` says then, of its caller and of one of whom nothing is known. */
  | {
      readonly kind: 'refused';
      readonly turn: number;
      readonly failure: HashingFailure;
      readonly waits: { readonly ofCaller: number | null; readonly ofAnybody: number | null };
    }
  | { readonly kind: 'hashed'; readonly run: number; readonly value: string | boolean }
  | { readonly kind: 'not_hashed'; readonly run: number; readonly failure: HashingFailure };

/** An AuthError, or where `reason` is null any other, by its message. */
export interface HashingFailure {
  readonly reason: ErrorReason | null;
  readonly retryAfterMs: number | null;
  readonly message: string;
}
