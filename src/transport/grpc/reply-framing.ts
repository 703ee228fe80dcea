import { type DescMessage, type Message, toBinary } from '@bufbuild/protobuf';
import { MessageEncoder } from './message-encoder.ts';
import { PREFIX_BYTES } from './request-message.ts';

/** A message as it is sent: encoded, with the prefix of gRPC, not compressed. */
export type ReplyFraming = (message: Message) => Buffer;

/** The framing of messages of one type, by the fast encoder, or by the library's where that does not know every kind of field. */
export function replyFraming(schema: DescMessage): ReplyFraming {
  const encode = encoderOf(schema);
  return (message) => {
    const frame = encode(message);
    frame.writeUInt8(0, 0);
    frame.writeUInt32BE(frame.length - PREFIX_BYTES, 1);
    return frame;
  };
}

/** Leaves the prefix free. */
function encoderOf(schema: DescMessage): (message: Message) => Buffer {
  try {
    const encoder = new MessageEncoder(schema);
    return (message) => encoder.encode(message, PREFIX_BYTES);
  } catch {
    return (message) => Buffer.concat([Buffer.alloc(PREFIX_BYTES), toBinary(schema, message)]);
  }
}
