import { once } from 'node:events';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';

/** A gRPC server that does to each request what it is told, and counts connections and requests. */
export async function startCutServer(answer: (stream: ServerHttp2Stream, socket: Socket) => void) {
  const server = createServer();
  const sockets = new Set<Socket>();
  let requests = 0;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on('session', (session) => session.on('error', () => {}));
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    requests += 1;
    // The whole request first.
    const socket = [...sockets].at(-1);
    stream.resume().on('end', () => socket !== undefined && answer(stream, socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    stop() {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
    },
  };
}
