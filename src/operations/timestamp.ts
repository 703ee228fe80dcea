import type { Timestamp } from '@bufbuild/protobuf/wkt';

/** An instant in milliseconds as a protobuf Timestamp in whole seconds, rounded down. */
export function timestampOf(at: number): Timestamp {
  return { $typeName: 'google.protobuf.Timestamp', seconds: BigInt(Math.floor(at / 1000)), nanos: 0 };
}
