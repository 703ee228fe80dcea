import type { DescMethod, Message } from '@bufbuild/protobuf';
import { type handleUnaryCall, Metadata, type ServerUnaryCall, type StatusObject } from '@grpc/grpc-js';
import type { FieldViolation } from '../../domain/errors.ts';
import { deadlineAfter, hasPassed, type IncomingCall, withDeadline } from '../call.ts';
import type { CallObserver } from '../call-observer.ts';
import { CallReport } from '../call-report.ts';
import { toStatusBytes, type WireError } from '../error-mapping.ts';
import { UndecodableRequest, unreadableError } from '../request-decoding.ts';
import { stoppingError } from '../stopping.ts';
import { DEADLINE_GRACE_MS } from './stream-gate.ts';

/** What every unary call of a server shares. */
export interface UnaryCallOptions {
  readonly observer: CallObserver;
  /** Whether the server is stopping: calls that arrive now are refused UNAVAILABLE. */
  isDraining(): boolean;
}

type Handle = (request: Message, call: IncomingCall) => Promise<Message>;

/** A handler as grpc-js calls it: keeps the deadline, and tells every error by its codes and details. */
export function unaryCall(
  method: DescMethod,
  handle: Handle,
  options: UnaryCallOptions,
): handleUnaryCall<Message | UndecodableRequest, Message> {
  return (call, callback) => {
    const report = new CallReport(options.observer, 'grpc', method.name);
    answer(call, handle, options).then(
      (response) => {
        report.succeeded();
        callback(null, response);
      },
      (error: unknown) => callback(statusOf(report.failed(error))),
    );
  };
}

async function answer(
  call: ServerUnaryCall<Message | UndecodableRequest, Message>,
  handle: Handle,
  options: UnaryCallOptions,
): Promise<Message> {
  if (options.isDraining()) {
    throw stoppingError();
  }
  const { request } = call;
  if (request instanceof UndecodableRequest) {
    throw unreadableError();
  }
  const incoming = new GrpcCall(call);
  return withDeadline(incoming, () => handle(request, incoming));
}

function statusOf(error: WireError): Partial<StatusObject> {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(toStatusBytes(error)));
  return { code: error.grpcCode, details: error.message, metadata };
}

/** A call of grpc-js as the handlers see it. */
class GrpcCall implements IncomingCall {
  readonly faults: readonly FieldViolation[] = [];
  readonly deadlineAt: number;
  readonly #call: ServerUnaryCall<unknown, unknown>;

  constructor(call: ServerUnaryCall<unknown, unknown>) {
    this.#call = call;
    this.deadlineAt = deadlineAfter(Number(call.getDeadline()) - DEADLINE_GRACE_MS - Date.now());
  }

  header(name: string): string | null {
    const values = this.#call.metadata.get(name);
    return values.length === 0 ? null : values.join(', ');
  }

  isAbandoned(): boolean {
    return this.#call.cancelled || hasPassed(this.deadlineAt);
  }
}
