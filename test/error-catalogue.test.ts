import { readFileSync } from 'node:fs';
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { ErrorReasonSchema } from '#gen/authflow/v1/error_reason_pb.js';
import { ERROR_REASONS, type ErrorReason } from '../src/domain/errors.ts';
import { WIRE_CODES } from '../src/transport/error-mapping.ts';

const README = new URL('../README.md', import.meta.url);
const PREFIX = 'ERROR_REASON_';

function grpcName(reason: ErrorReason): string | null {
  const { grpc } = WIRE_CODES[reason];
  return grpc === null ? null : (status[grpc] ?? null);
}

describe('the proto', () => {
  test('lists the reasons that the code throws', () => {
    const listed = ErrorReasonSchema.values.map(({ name }) => name.slice(PREFIX.length));
    expect(listed[0]).toBe('UNSPECIFIED');
    expect(listed.slice(1)).toEqual(ERROR_REASONS);
  });

  test('documents each with the codes that are sent', () => {
    const proto = readFileSync(new URL('../proto/authflow/v1/error_reason.proto', import.meta.url), 'utf8');
    const documented = Array.from(
      proto.matchAll(/\/\/ (?:([A-Z_]+), |HTTP )(\d{3}):(?:.*\n {2}\/\/)*.*\n {2}ERROR_REASON_([A-Z_]+) =/g),
      ([, grpc = null, http, reason]) => ({ reason, grpc, http: Number(http) }),
    );
    const sent = ERROR_REASONS.map((reason) => ({
      reason,
      grpc: grpcName(reason),
      http: WIRE_CODES[reason].http,
    }));
    expect(documented).toEqual(sent);
  });
});

test('the README names every reason with the codes that are sent', () => {
  const sent = ERROR_REASONS.map((reason) => ({ reason, grpc: grpcName(reason), http: WIRE_CODES[reason].http }));
  expect(errorRows()).toEqual(sent);
});

interface ErrorRow {
  readonly reason: string;
  readonly grpc: string | null;
  readonly http: number;
}

/** The rows `| reason | gRPC code | HTTP | when |` under the heading "Errors". A row may name several reasons. */
function errorRows(): ErrorRow[] {
  const [, section = ''] = readFileSync(README, 'utf8').split(/^#+ Errors\b.*$/m);
  const rows = section.split(/^#+ /m)[0]?.match(/^\| *`.*$/gm) ?? [];
  return rows.flatMap((row) => {
    const [, reasons = '', grpc = '', http = ''] = row.split('|');
    return Array.from(reasons.matchAll(/[A-Z_]{2,}/g), ([reason]) => ({
      reason,
      grpc: /[A-Z_]{2,}/.exec(grpc)?.[0] ?? null,
      http: Number(/\d{3}/.exec(http)?.[0]),
    }));
  });
}
