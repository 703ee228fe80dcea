import { hkdfSync } from 'node:crypto';

/** The least a secret may hold, in bytes (contract, `AUTHFLOW_SECRET`; 256 bits as RFC 5869 3.3 wants of weak input). */
const MIN_SECRET_BYTES = 32;

/**
 * Derives key material for one purpose from the secret: HKDF-SHA-256 (RFC 5869) with `context` as its salt.
 * Different purposes or contexts give unrelated keys, so that one that leaks opens nothing else.
 * Throws RangeError for a secret of fewer than 32 bytes.
 */
export function deriveKey(secret: Uint8Array, purpose: string, context: readonly string[], bytes: number): Buffer {
  if (secret.byteLength < MIN_SECRET_BYTES) {
    throw new RangeError('The secret must hold at least 32 bytes.');
  }
  return Buffer.from(hkdfSync('sha256', secret, encodeParts(context), purpose, bytes));
}

/**
 * Joins texts so that no two lists give the same bytes: each is preceded by its length (4 bytes, big-endian).
 * Mere concatenation would let `ab|c` stand for `a|bc`.
 */
export function encodeParts(parts: readonly string[]): Buffer {
  const size = parts.reduce((sum, part) => sum + 4 + Buffer.byteLength(part), 0);
  const encoded = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const part of parts) {
    const written = encoded.write(part, offset + 4);
    encoded.writeUInt32BE(written, offset);
    offset += 4 + written;
  }
  return encoded;
}
