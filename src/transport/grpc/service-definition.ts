import type { DescMethodUnary, Message } from '@bufbuild/protobuf';
import type { MethodDefinition } from '@grpc/grpc-js';
import { decodeRequest, type UndecodableRequest } from '../request-decoding.ts';
import { rpcPath } from '../rpc-paths.ts';
import { MessageEncoder } from './message-encoder.ts';

/** A unary method as grpc-js wants it for a server. */
export function methodDefinition(method: DescMethodUnary): MethodDefinition<Message | UndecodableRequest, Message> {
  const reply = new MessageEncoder(method.output);
  return {
    path: rpcPath(method),
    requestStream: false,
    responseStream: false,
    requestDeserialize: (bytes) => decodeRequest(method.input, bytes),
    responseSerialize: (message) => reply.encode(message),
    requestSerialize: clientSide,
    responseDeserialize: clientSide,
  };
}

/** The type wants the other side too, which a server never is. */
function clientSide(): never {
  throw new Error('This definition is for a server.');
}
