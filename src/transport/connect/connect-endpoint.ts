import type { Operation } from '../../operations/operation.ts';
import { peerOf } from '../http/admitted.ts';
import type { CallEndpointOptions } from '../http/call-endpoint.ts';
import type { HttpExchange } from '../http/exchange.ts';
import { readBody } from '../http/request-body.ts';
import { dropBody } from '../http/rest-of-request.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import type { ConnectServer } from './connect-server.ts';

/** The bytes in front of a message of gRPC and gRPC-Web. */
const ENVELOPE_BYTES = 5;

/**
 * The endpoint of all RPCs, by gRPC, gRPC-Web and Connect. Its library is loaded after the start: it would make it longer
 * by more than a bare Node takes (docs/performance.md, B9).
 */
export class ConnectEndpoint {
  readonly #options: CallEndpointOptions;
  #server: Promise<ConnectServer> | null = null;

  constructor(options: CallEndpointOptions) {
    this.#options = options;
  }

  /** Loads the library, which calls otherwise wait for. */
  async load(): Promise<void> {
    await this.#load();
  }

  /** Answers a request to the path of an operation's RPC. Rejects only for a fault of ours. */
  async answer(exchange: HttpExchange, operation: Operation): Promise<void> {
    const arrivedAt = performance.now();
    const { admission, isDraining } = this.#options;
    const arrival = isDraining() ? null : admission.arrive(operation, peerOf(exchange));
    if (arrival !== null && arrival.refusal !== null) {
      dropBody(exchange);
      const { serve } = await this.#load();
      await serve({ exchange, arrivedAt, arrival, body: { outcome: 'unread', refusal: arrival.refusal } });
      return;
    }
    const body = await readBody(exchange, MAX_MESSAGE_BYTES + ENVELOPE_BYTES, this.#options.heldBytes);
    if (body.outcome !== 'broken') {
      const { serve } = await this.#load();
      await serve({ exchange, arrivedAt, arrival, body });
    }
  }

  #load(): Promise<ConnectServer> {
    this.#server ??= import('./connect-server.ts').then(({ createConnectServer }) =>
      createConnectServer(this.#options),
    );
    return this.#server;
  }
}
