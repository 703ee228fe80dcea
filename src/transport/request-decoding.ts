import { type DescMessage, fromBinary, type Message } from '@bufbuild/protobuf';
import { AuthError } from '../domain/errors.ts';

/** Bytes that are no message of the type asked for. */
export class UndecodableRequest {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/** What the caller is told of such bytes. */
export function unreadableError(): AuthError {
  return new AuthError('INVALID_ARGUMENT', { message: 'The request is not a readable message.' });
}

/**
 * The message that the bytes hold. Never throws: bytes that are no such message, text that is not UTF-8 included, give an
 * {@link UndecodableRequest}.
 */
export function decodeRequest(schema: DescMessage, bytes: Uint8Array): Message | UndecodableRequest {
  try {
    return fromBinary(schema, bytes, DECODING);
  } catch (error) {
    return new UndecodableRequest(error);
  }
}

// What we do not know is not kept either: 64 KiB of unknown fields would otherwise become 30,000 objects.
const DECODING = { readUnknownFields: false };
