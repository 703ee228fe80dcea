import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Compression } from '@connectrpc/connect/protocol';
import { compressionGzip } from '@connectrpc/connect-node';
import { ACCEPTED_ENCODINGS, inflated } from '../inflation.ts';

const deflateAsync = promisify(deflate);

/** The library has none of its own, and the other port takes it. */
const compressionDeflate: Compression = {
  name: 'deflate',
  compress: async (bytes) => new Uint8Array(await deflateAsync(bytes)),
  async decompress(bytes, readMaxBytes) {
    const message = await inflated('deflate', bytes, readMaxBytes);
    if (typeof message === 'string') {
      const code = message === 'too_large' ? Code.ResourceExhausted : Code.InvalidArgument;
      throw new ConnectError('It cannot be inflated.', code);
    }
    return new Uint8Array(message);
  },
};

/** The compressions of a request that are taken off. The same on both ports, and no Brotli (docs/security.md, W1). */
export const ACCEPTED_COMPRESSIONS: readonly Compression[] = [compressionDeflate, compressionGzip];

/** Tells a caller what it could have used (gRPC's specification of compression; Connect's protocol, "Unary-Request"). */
export const ACCEPTED_HEADERS = {
  'grpc-accept-encoding': ACCEPTED_ENCODINGS,
  'accept-encoding': ACCEPTED_COMPRESSIONS.map(({ name }) => name).join(','),
};
