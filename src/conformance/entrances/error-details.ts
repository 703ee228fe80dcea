import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { durationMs } from '@bufbuild/protobuf/wkt';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '#gen/google/rpc/error_details_pb.js';
import type { NextStep, Reply } from '../entrance.ts';

/** A detail of an error, by the full name of its message. */
export interface ErrorDetail {
  readonly type: string;
  readonly value: Uint8Array;
}

/** A refusal on gRPC or Connect: its code, and what `google.rpc` details tell. Details that cannot be read count as none. */
export function rpcRefusal(
  status: number,
  message: string,
  details: readonly ErrorDetail[],
  http: Reply['http'] = null,
): Reply {
  const info = find(details, ErrorInfoSchema);
  const delay = find(details, RetryInfoSchema)?.retryDelay;
  const faults = find(details, BadRequestSchema)?.fieldViolations ?? [];
  return {
    ok: false,
    codes: 'grpc',
    status,
    fields: {},
    reason: info === null || info.reason === '' ? null : info.reason,
    domain: info?.domain ?? null,
    nextStep: nextStepIn(info?.metadata ?? {}),
    violations: faults.map(({ field }) => field).sort(),
    message,
    retryAfterMs: delay === undefined ? null : durationMs(delay),
    http,
  };
}

/** Metadata is text alone: the methods stand with commas between. */
function nextStepIn({ challenge, methods, expires_at: expiresAt }: Readonly<Record<string, string>>): NextStep | null {
  return challenge === undefined || methods === undefined || expiresAt === undefined
    ? null
    : { challenge, methods: methods.split(','), expiresAt };
}

function find<Schema extends DescMessage>(
  details: readonly ErrorDetail[],
  schema: Schema,
): MessageShape<Schema> | null {
  const detail = details.find(({ type }) => type === schema.typeName);
  try {
    return detail === undefined ? null : fromBinary(schema, detail.value);
  } catch {
    return null;
  }
}
