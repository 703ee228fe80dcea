import { Server, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Logger } from '../../observability/logger.ts';
import type { Service } from '../../operations/operation.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import { redirectLibraryLog } from './library-log.ts';
import { methodDefinition } from './service-definition.ts';
import { type UnaryCallOptions, unaryCall } from './unary-calls.ts';

/** All others of the library's limits are of connections, which it never sees. */
const LIBRARY_OPTIONS = { 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES, 'grpc.enable_channelz': 0 };

/** grpc-js with all services of the table; it listens nowhere. To be made once in a process, whose log it takes. */
export function createLibraryServer(options: UnaryCallOptions, log: Logger): Server {
  redirectLibraryLog(log);
  const server = new Server(LIBRARY_OPTIONS);
  for (const service of options.operations.services) {
    addService(server, service, options);
  }
  return server;
}

function addService(server: Server, { operations }: Service, options: UnaryCallOptions): void {
  const definition: ServiceDefinition = Object.fromEntries(
    operations.map(({ method }) => [method.localName, methodDefinition(method)]),
  );
  const implementation: UntypedServiceImplementation = Object.fromEntries(
    operations.map((operation) => [operation.method.localName, unaryCall(operation, options)]),
  );
  server.addService(definition, implementation);
}
