import { Server } from '@grpc/grpc-js';
import type { Logger } from '../../observability/logger.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import { redirectLibraryLog } from './library-log.ts';

/** All others of the library's limits are of connections, which it never sees. */
const LIBRARY_OPTIONS = { 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES, 'grpc.enable_channelz': 0 };

/** grpc-js without a service; it listens nowhere. To be made once in a process, whose log it takes. */
export function createLibraryServer(log: Logger): Server {
  redirectLibraryLog(log);
  return new Server(LIBRARY_OPTIONS);
}
