import { type DescMessage, type DescMethodUnary, type Message, toBinary } from '@bufbuild/protobuf';
import type { MethodDefinition } from '@grpc/grpc-js';
import { decodeRequest, type UndecodableRequest } from '../request-decoding.ts';
import { rpcPath } from '../rpc-paths.ts';
import { MessageEncoder } from './message-encoder.ts';

/** A unary method as grpc-js wants it for a server. */
export function methodDefinition(method: DescMethodUnary): MethodDefinition<Message | UndecodableRequest, Message> {
  return {
    path: rpcPath(method),
    requestStream: false,
    responseStream: false,
    requestDeserialize: (bytes) => decodeRequest(method.input, bytes),
    responseSerialize: encoderOf(method.output),
    requestSerialize: clientSide,
    responseDeserialize: clientSide,
  };
}

/** The fast encoder, or the library's for messages that it does not know every kind of field of. */
function encoderOf(schema: DescMessage): (message: Message) => Buffer {
  try {
    const encoder = new MessageEncoder(schema);
    return (message) => encoder.encode(message);
  } catch {
    return (message) => Buffer.from(toBinary(schema, message));
  }
}

/** The type wants the other side too, which a server never is. */
function clientSide(): never {
  throw new Error('This definition is for a server.');
}
