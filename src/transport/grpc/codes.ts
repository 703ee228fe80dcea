/** The status codes of gRPC that are told without a reason of ours. */
export const GRPC_CODES = { resourceExhausted: 8, unimplemented: 12 } as const;
