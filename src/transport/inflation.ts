import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';

/** The compressions of a request that are taken off, and by what: the same on both ports, and no Brotli (docs/security.md, W1). */
const INFLATE = { deflate: promisify(inflate), gzip: promisify(gunzip) } as const;

/** The name of a compression that is taken off. */
export type Compression = keyof typeof INFLATE;

/** What a caller is told that it could have used (gRPC's specification of compression, "grpc-accept-encoding"). */
export const ACCEPTED_ENCODINGS: string = ['identity', ...Object.keys(INFLATE)].join(',');

/** Whether it is the name of a compression that is taken off, spelled as the protocols spell it. */
export function isCompression(name: string): name is Compression {
  return Object.hasOwn(INFLATE, name);
}

/**
 * What these bytes held before they were compressed; no more than `mostBytes` are inflated. 'too_large' where there are more,
 * 'unreadable' where they are no such bytes.
 */
export async function inflated(
  compression: Compression,
  bytes: Uint8Array,
  mostBytes: number,
): Promise<Uint8Array | 'too_large' | 'unreadable'> {
  try {
    // gRPC and Connect leave a message without a byte as it is.
    return bytes.length === 0 ? bytes : await INFLATE[compression](bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
      ? 'too_large'
      : 'unreadable';
  }
}
