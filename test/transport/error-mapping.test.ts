import { readFileSync } from 'node:fs';
import { create, fromBinary, toJson } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import { ErrorReason as ProtoReason } from '#gen/authflow/v1/error_reason_pb.js';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '#gen/google/rpc/error_details_pb.js';
import { StatusSchema } from '#gen/google/rpc/status_pb.js';
import { AuthError, ERROR_REASONS } from '../../src/domain/errors.ts';
import {
  errorDetails,
  retryAfterSeconds,
  toStatusBytes,
  toWireError,
  WIRE_CODES,
  wireError,
} from '../../src/transport/error-mapping.ts';

const GRPC_CODES: Record<string, number> = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  FAILED_PRECONDITION: 9,
  RESOURCE_EXHAUSTED: 8,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
};

describe('the table of wire codes', () => {
  const proto = readFileSync(`${import.meta.dirname}/../../proto/authflow/v1/error_reason.proto`, 'utf8');
  // `// UNAUTHENTICATED, 401: …` or `// HTTP 404: …`, more lines of comment, then the value.
  const documented = proto.matchAll(
    /^ {2}\/\/ (?:([A-Z_]+), (\d{3})|HTTP (\d{3})):.*\n(?: {2}\/\/.*\n)* {2}ERROR_REASON_(\w+) = \d+;$/gm,
  );
  const rows = Array.from(documented, ([, code, status, httpOnly, reason]) => ({
    reason,
    grpc: code === undefined ? null : GRPC_CODES[code],
    http: Number(status ?? httpOnly),
  }));

  test('says what the proto documents, for every reason', () => {
    expect(ERROR_REASONS.map((reason) => ({ reason, ...WIRE_CODES[reason] }))).toEqual(rows);
  });

  test('has the reasons of the proto and no other', () => {
    const names = Object.values(ProtoReason).filter((value) => typeof value === 'string' && value !== 'UNSPECIFIED');
    expect(Object.keys(WIRE_CODES)).toEqual(names);
    expect(Object.keys(WIRE_CODES)).toEqual(ERROR_REASONS);
  });
});

describe('an AuthError', () => {
  test('is told with its sentence, its faults and its wait', () => {
    const error = new AuthError('OVERLOADED', {
      violations: [{ field: 'newPassword', message: 'is required' }],
      retryAfterMs: 1_250,
      cause: new Error('hidden cause'),
    });
    const status = fromBinary(StatusSchema, toStatusBytes(toWireError(error)));
    expect(status).toMatchObject({ code: 8, message: error.message });
    const [info, badRequest, retry] = status.details;
    expect(info && anyUnpack(info, ErrorInfoSchema)).toMatchObject({
      reason: 'OVERLOADED',
      domain: 'authflow',
      metadata: {},
    });
    expect(badRequest && anyUnpack(badRequest, BadRequestSchema)?.fieldViolations).toMatchObject([
      { field: 'newPassword', description: 'is required' },
    ]);
    expect(retry && anyUnpack(retry, RetryInfoSchema)?.retryDelay).toMatchObject({ seconds: 1n, nanos: 250_000_000 });
    expect(JSON.stringify(toWireError(error))).not.toContain('hidden');
  });

  test('carries ErrorInfo alone when it has neither faults nor a wait', () => {
    const details = errorDetails(toWireError(new AuthError('NONCE_USED')));
    expect(details.map(({ desc, value }) => toJson(desc, value))).toEqual([
      { reason: 'NONCE_USED', domain: 'authflow' },
    ]);
  });

  test('rounds its wait up to whole seconds, at least one', () => {
    const seconds = (retryAfterMs: number) =>
      retryAfterSeconds(toWireError(new AuthError('RATE_LIMITED', { retryAfterMs })));
    expect([0, 1, 1_000, 1_001].map(seconds)).toEqual([1, 1, 1, 2]);
    expect(retryAfterSeconds(toWireError(new AuthError('ACCOUNT_LOCKED')))).toBeNull();
  });

  test('keeps the codes and details that it brings', () => {
    const details = [{ desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { domain: 'other' }) }];
    const failure = { ...toWireError(new AuthError('NONCE_USED')), grpcCode: 9, details };
    expect(wireError(failure)).toEqual(failure);
    expect(errorDetails(wireError(failure))).toEqual(details);
  });

  test('is told in well-formed text', () => {
    expect(toWireError(new AuthError('PASSWORD_POLICY', { message: 'a\ud800b' })).message).toBe('a\ufffdb');
  });
});

describe('anything else that is thrown', () => {
  test.each([
    ['an error', new TypeError('secret detail')],
    ['an error that looks like ours', { reason: 'USER_NOT_FOUND', message: 'secret detail' }],
    ['a fault of ours', new AuthError('INTERNAL', { message: 'secret detail' })],
    ['a string', 'secret detail'],
    ['nothing', undefined],
  ])('is INTERNAL with one fixed sentence and a request id: %s', (_, thrown) => {
    const wire = toWireError(thrown);
    expect(wire).toMatchObject({ reason: 'INTERNAL', grpcCode: 13, httpStatus: 500, violations: [] });
    expect(wire.message).toBe(`Something went wrong on the server. Request id: ${wire.requestId}.`);
    expect(errorDetails(wire)[0]?.value).toMatchObject({ metadata: { request_id: wire.requestId } });
    expect(JSON.stringify([wire, Buffer.from(toStatusBytes(wire)).toString('latin1')])).not.toContain('secret');
  });

  test('has a new request id each time', () => {
    expect(toWireError(null).requestId).not.toBe(toWireError(null).requestId);
  });
});
