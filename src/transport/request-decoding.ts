import { isUtf8 } from 'node:buffer';
import { type DescMessage, fromBinary, type Message, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
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

/** A lone surrogate: the mark of text that was not UTF-8, which the handlers refuse by its field's name. */
const ILL_FORMED = '\ud800';

/**
 * The message that the bytes hold. Never throws, because grpc-js would answer INTERNAL: bytes that are no such
 * message give an {@link UndecodableRequest}, and a string field that is not UTF-8 becomes ill-formed text.
 */
export function decodeRequest(schema: DescMessage, bytes: Uint8Array): Message | UndecodableRequest {
  try {
    return fromBinary(schema, bytes, DECODING);
  } catch (error) {
    return readIllFormedText(schema, bytes) ?? new UndecodableRequest(error);
  }
}

// What we do not know is not kept either: 64 KiB of unknown fields would otherwise become 30,000 objects.
const DECODING = { readUnknownFields: false };

/**
 * The message that the bytes hold, with ill-formed text where a string field is not UTF-8. Null when there is no such
 * field, or more is wrong.
 */
export function readIllFormedText(schema: DescMessage, bytes: Uint8Array): Message | null {
  const masked = Uint8Array.from(bytes);
  const illFormed = new Set<string>();
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [fieldNumber, wireType] = reader.tag();
      const field = schema.fields.find(({ number }) => number === fieldNumber);
      if (field?.scalar !== ScalarType.STRING || wireType !== WireType.LengthDelimited) {
        reader.skip(wireType, fieldNumber);
        continue;
      }
      const text = reader.bytes();
      if (!isUtf8(text)) {
        illFormed.add(field.localName);
        masked.fill(0x3f, reader.pos - text.length, reader.pos);
      }
    }
    if (illFormed.size === 0) {
      return null;
    }
    const message: Message & Record<string, unknown> = fromBinary(schema, masked, DECODING);
    for (const localName of illFormed) {
      message[localName] = ILL_FORMED;
    }
    return message;
  } catch {
    return null;
  }
}
