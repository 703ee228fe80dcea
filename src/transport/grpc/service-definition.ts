import { type DescService, fromBinary, type Message } from '@bufbuild/protobuf';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { decodeRequest } from '../request-decoding.ts';
import { rpcPath } from '../rpc-paths.ts';
import { MessageEncoder } from './message-encoder.ts';

/** A generated service of unary methods as grpc-js wants it for a server, under the methods' local names. */
export function toServiceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(
    service.methods.map((method) => {
      const request = new MessageEncoder(method.input);
      const response = new MessageEncoder(method.output);
      const definition = {
        path: rpcPath(method),
        requestStream: false,
        responseStream: false,
        requestSerialize: (message: Message) => request.encode(message),
        requestDeserialize: (bytes: Buffer) => decodeRequest(method.input, bytes),
        responseSerialize: (message: Message) => response.encode(message),
        responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
      };
      return [method.localName, definition];
    }),
  );
}
