import { isUuid } from '../domain/uuid.ts';

/** The 16 bytes of a UUID in lower case. Throws RangeError for anything else. */
export function parseUuid(uuid: string): Buffer {
  if (!isUuid(uuid)) {
    throw new RangeError('This is no UUID in lower case.');
  }
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

/** The UUID, in lower case, of the 16 bytes that begin at `offset`. */
export function formatUuid(bytes: Buffer, offset = 0): string {
  const hex = bytes.toString('hex', offset, offset + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
