import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Compression } from '@connectrpc/connect/protocol';
import { compressionGzip } from '@connectrpc/connect-node';

const deflateAsync = promisify(deflate);
const inflateAsync = promisify(inflate);

/** The library has none of its own, and grpc-js on the other port takes it. */
const compressionDeflate: Compression = {
  name: 'deflate',
  compress: async (bytes) => new Uint8Array(await deflateAsync(bytes)),
  async decompress(bytes, readMaxBytes) {
    try {
      return bytes.length === 0
        ? new Uint8Array()
        : new Uint8Array(await inflateAsync(bytes, { maxOutputLength: readMaxBytes }));
    } catch (error) {
      const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      throw new ConnectError('It cannot be inflated.', isTooLarge ? Code.ResourceExhausted : Code.InvalidArgument);
    }
  },
};

/** The compressions of a request that are taken off. The same on both ports, and no Brotli (docs/security.md, W1). */
export const ACCEPTED_COMPRESSIONS: readonly Compression[] = [compressionDeflate, compressionGzip];

/** Tells a caller what it could have used (gRPC's specification of compression; Connect's protocol, "Unary-Request"). */
export const ACCEPTED_HEADERS = {
  'grpc-accept-encoding': ['identity', ...ACCEPTED_COMPRESSIONS.map(({ name }) => name)].join(','),
  'accept-encoding': ACCEPTED_COMPRESSIONS.map(({ name }) => name).join(','),
};
