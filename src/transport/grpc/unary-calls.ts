import type { DescMethod, Message } from '@bufbuild/protobuf';
import { type handleUnaryCall, Metadata, type ServerUnaryCall, type StatusObject } from '@grpc/grpc-js';
import { AuthError, type FieldViolation } from '../../domain/errors.ts';
import { deadlineAfter, hasPassed, type IncomingCall, withDeadline } from '../call.ts';
import type { CallObserver } from '../call-observer.ts';
import { toStatusBytes, toWireError } from '../error-mapping.ts';
import { UndecodableRequest } from './request-decoding.ts';
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
    const startedAt = performance.now();
    answer(call, handle, options).then(
      (response) => {
        options.observer.answered({
          entrance: 'grpc',
          method: method.name,
          reason: null,
          durationMs: performance.now() - startedAt,
        });
        callback(null, response);
      },
      (error: unknown) => callback(refuse(error, method.name, startedAt, options.observer)),
    );
  };
}

async function answer(
  call: ServerUnaryCall<Message | UndecodableRequest, Message>,
  handle: Handle,
  options: UnaryCallOptions,
): Promise<Message> {
  if (options.isDraining()) {
    throw new AuthError('UNAVAILABLE', { message: 'The server is stopping. Nothing was done.' });
  }
  const { request } = call;
  if (request instanceof UndecodableRequest) {
    throw new AuthError('INVALID_ARGUMENT', { message: 'The request is not a readable message.' });
  }
  const incoming = new GrpcCall(call);
  return withDeadline(incoming, () => handle(request, incoming));
}

function refuse(error: unknown, method: string, startedAt: number, observer: CallObserver): Partial<StatusObject> {
  const wire = toWireError(error);
  if (wire.requestId !== null || (error instanceof AuthError && error.cause !== undefined)) {
    observer.failed({ method, requestId: wire.requestId, error });
  }
  observer.answered({ entrance: 'grpc', method, reason: wire.reason, durationMs: performance.now() - startedAt });
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(toStatusBytes(wire)));
  return { code: wire.grpcCode, details: wire.message, metadata };
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
