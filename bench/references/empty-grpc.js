// The reference of Validate over gRPC: an empty unary RPC on grpc-js. Prints its address.
import { Server, ServerCredentials } from '@grpc/grpc-js';

const EMPTY = Buffer.alloc(0);
const service = {
  empty: {
    path: '/bench.Reference/Empty',
    requestStream: false,
    responseStream: false,
    requestSerialize: () => EMPTY,
    requestDeserialize: () => EMPTY,
    responseSerialize: () => EMPTY,
    responseDeserialize: () => EMPTY,
  },
};

const server = new Server();
server.addService(service, {
  /** @type {import('@grpc/grpc-js').handleUnaryCall<Buffer, Buffer>} */
  empty: (_call, callback) => callback(null, EMPTY),
});
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) {
    throw error;
  }
  console.log(`address 127.0.0.1:${port}`);
});
