import { create, createRegistry } from '@bufbuild/protobuf';
import { type Any, anyPack, anyUnpack } from '@bufbuild/protobuf/wkt';
import type { IncomingCall } from '../../../src/operations/call.ts';
import type { ErrorDetail, WireError } from '../../../src/transport/error-mapping.ts';
import {
  type ConformancePayload_RequestInfo,
  ConformancePayload_RequestInfoSchema,
  ConformanceService,
  type Error as RequestedError,
  type UnaryRequest,
  UnaryRequestSchema,
  type UnaryResponse,
  UnaryResponseSchema,
} from './gen/connectrpc/conformance/v1/service_pb.js';

/** The one header that the suite wants to have told back. */
const ECHOED = 'x-conformance-test';
/** The gRPC port gives calls without a deadline one of ten seconds. The suite asks for two at most. */
const NO_DEADLINE_MS = 5_000;

const registry = createRegistry(ConformanceService.file);

/** An error that a request asks for, with whatever code, sentence and details it names. */
export class AskedFor extends Error {
  readonly failure: WireError;

  constructor(failure: WireError) {
    super('as the suite asked');
    this.failure = failure;
  }
}

/**
 * `connectrpc.conformance.v1.ConformanceService/Unary`: does what the request says, and tells what came in. Throws
 * {@link AskedFor}.
 */
export async function unary(request: UnaryRequest, call: IncomingCall): Promise<UnaryResponse> {
  const { response, responseDelayMs = 0 } = request.responseDefinition ?? {};
  const requestInfo = describe(request, call);
  await new Promise((resolve) => setTimeout(resolve, responseDelayMs));
  if (response?.case === 'error') {
    throw new AskedFor(failureOf(response.value, requestInfo));
  }
  const data = response?.case === 'responseData' ? response.value : new Uint8Array();
  return create(UnaryResponseSchema, { payload: { data, requestInfo } });
}

function describe(request: UnaryRequest, call: IncomingCall): ConformancePayload_RequestInfo {
  const echoed = call.header(ECHOED);
  const timeoutMs = Math.round(call.timeoutMs ?? NO_DEADLINE_MS);
  return create(ConformancePayload_RequestInfoSchema, {
    requestHeaders: echoed === null ? [] : [{ name: ECHOED, value: echoed.split(', ') }],
    ...(timeoutMs < NO_DEADLINE_MS ? { timeoutMs: BigInt(timeoutMs) } : {}),
    requests: [anyPack(UnaryRequestSchema, request)],
  });
}

function failureOf({ code, message, details }: RequestedError, info: ConformancePayload_RequestInfo): WireError {
  return {
    reason: 'INTERNAL',
    message: message ?? '',
    violations: [],
    retryAfterMs: null,
    requestId: null,
    nextStep: null,
    grpcCode: code,
    httpStatus: 500,
    details: [...details, anyPack(ConformancePayload_RequestInfoSchema, info)].map(unpacked),
  };
}

function unpacked(any: Any): ErrorDetail {
  const value = anyUnpack(any, registry);
  const desc = registry.getMessage(value?.$typeName ?? '');
  if (value === undefined || desc === undefined) {
    throw new Error(`The suite has no message ${any.typeUrl}.`);
  }
  return { desc, value };
}
