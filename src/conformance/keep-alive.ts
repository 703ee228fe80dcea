import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Target } from './target.ts';

/** An agent for HTTP/1.1 to the target whose connections are kept. Its owner destroys it. */
export function keepAliveAgent({ baseUrl, tls }: Target): HttpAgent {
  return baseUrl.protocol === 'https:'
    ? new PromptHttpsAgent({ keepAlive: true, ...tls })
    : new HttpAgent({ keepAlive: true });
}

/**
 * The agent of Node 20 turns Nagle's algorithm off on plain sockets alone: over TLS a body that is written after its
 * headers would wait 40 ms for the server's acknowledgement, in each call.
 */
class PromptHttpsAgent extends HttpsAgent {
  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const socket = super.createConnection(options, callback);
    return socket instanceof TLSSocket ? socket.setNoDelay(true) : socket;
  }
}
