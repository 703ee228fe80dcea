import { MAX_CALL_MS } from '../../operations/call.ts';

const MS_PER_UNIT: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * The time that a caller's `grpc-timeout` leaves, in whole milliseconds, rounded up; null for ''. A malformed one
 * counts as none: deadlines are cut, never refused (docs/contract.md, section 2).
 */
export function readGrpcTimeout(header: string): number | null {
  const match = /^(\d{1,8})([HMSmun])$/.exec(header);
  return match === null ? null : Math.ceil(Number(match[1]) * (MS_PER_UNIT[match[2] ?? ''] ?? 1));
}

/** The same as every call keeps to it: cut to the longest there is, which none at all is too. */
export function cutGrpcTimeout(header: string): number {
  return Math.min(readGrpcTimeout(header) ?? MAX_CALL_MS, MAX_CALL_MS);
}
