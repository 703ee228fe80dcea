import type { Message } from '@bufbuild/protobuf';
import { type handleUnaryCall, Metadata, type ServerUnaryCall, type StatusObject } from '@grpc/grpc-js';
import type { IncomingCall, ReadRequest } from '../../operations/call.ts';
import type { Failure } from '../../operations/failure.ts';
import type { Operation } from '../../operations/operation.ts';
import type { Operations } from '../../operations/pipeline.ts';
import { toStatusBytes, wireError } from '../error-mapping.ts';
import { UndecodableRequest, unreadableError } from '../request-decoding.ts';
import { stoppingError } from '../stopping.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import { DEADLINE_GRACE_MS } from './stream-gate.ts';

/** What every unary call of a server shares. */
export interface UnaryCallOptions {
  readonly operations: Operations;
  readonly proxies: TrustedProxies;
  /** Whether the server is stopping: calls that arrive now are refused UNAVAILABLE. */
  isDraining(): boolean;
}

/** An operation as grpc-js calls it. */
export function unaryCall(
  operation: Operation,
  options: UnaryCallOptions,
): handleUnaryCall<Message | UndecodableRequest, Message> {
  return async (call, callback) => {
    const answer = await options.operations.answer(operation, new GrpcCall(call, options));
    if ('reply' in answer) {
      callback(null, answer.reply);
    } else {
      callback(statusOf(answer.failure));
    }
  };
}

function statusOf(failure: Failure): Partial<StatusObject> {
  const error = wireError(failure);
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(toStatusBytes(error)));
  return { code: error.grpcCode, details: error.message, metadata };
}

/** A call of grpc-js. */
class GrpcCall implements IncomingCall {
  readonly entrance = 'grpc';
  readonly arrivedAt = performance.now();
  readonly timeoutMs: number;
  readonly #call: ServerUnaryCall<Message | UndecodableRequest, Message>;
  readonly #options: UnaryCallOptions;

  constructor(call: ServerUnaryCall<Message | UndecodableRequest, Message>, options: UnaryCallOptions) {
    this.#call = call;
    this.#options = options;
    this.timeoutMs = Number(call.getDeadline()) - DEADLINE_GRACE_MS - Date.now();
  }

  header(name: string): string | null {
    const values = this.#call.metadata.get(name);
    return values.length === 0 ? null : values.join(', ');
  }

  peerAddress(): string {
    // `address:port`, an IPv6 address without brackets.
    const address = this.#call.getPeer().replace(/:\d+$/, '');
    return this.#options.proxies.callerOf(address, this.header('x-forwarded-for'));
  }

  isGone(): boolean {
    return this.#call.cancelled;
  }

  read(): ReadRequest {
    if (this.#options.isDraining()) {
      throw stoppingError();
    }
    const { request } = this.#call;
    if (request instanceof UndecodableRequest) {
      throw unreadableError();
    }
    return { message: request, faults: NO_FAULTS };
  }
}

const NO_FAULTS = [] as const;
