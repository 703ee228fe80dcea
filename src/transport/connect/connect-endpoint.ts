import type { Handlers } from '../handlers.ts';
import type { HttpExchange } from '../http/exchange.ts';
import { readBody } from '../http/request-body.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import { crowdedError } from '../net/held-bytes.ts';
import type { CallEndpointOptions } from '../rest/rest-endpoint.ts';
import { stoppingError } from '../stopping.ts';
import type { RpcServer } from './connect-server.ts';

/** The bytes in front of a message of gRPC and gRPC-Web. */
const ENVELOPE_BYTES = 5;

/**
 * The endpoint of all RPCs, by gRPC, gRPC-Web and Connect. The library behind it is loaded behind the start: it
 * would make it longer by more than a bare Node takes (docs/performance.md, B9).
 */
export class RpcEndpoint {
  readonly #handlers: Handlers;
  readonly #options: CallEndpointOptions;
  #server: Promise<RpcServer> | null = null;

  constructor(handlers: Handlers, options: CallEndpointOptions) {
    this.#handlers = handlers;
    this.#options = options;
  }

  /** Loads the library, which calls otherwise wait for. */
  async load(): Promise<void> {
    await this.#load();
  }

  /** Answers a request to the path of an RPC. Rejects only for a fault of ours. */
  async answer(exchange: HttpExchange): Promise<void> {
    const arrivedAt = performance.now();
    const { guard, heldBytes, isDraining } = this.#options;
    const reading = await readBody(exchange, MAX_MESSAGE_BYTES + ENVELOPE_BYTES, heldBytes);
    if (reading.outcome === 'broken') {
      return;
    }
    const { serve } = await this.#load();
    const crowded = reading.outcome === 'crowded' ? crowdedError() : null;
    const refusal = isDraining() ? stoppingError() : (crowded ?? guard.refusal(exchange));
    await serve({ exchange, arrivedAt, body: reading.outcome === 'read' ? reading.body : null, refusal });
  }

  #load(): Promise<RpcServer> {
    const { guard, observer } = this.#options;
    this.#server ??= import('./connect-server.ts').then(({ createRpcServer }) =>
      createRpcServer({
        handlers: this.#handlers,
        observer,
        onOriginRefused: (refused, apiKey) => guard.alarm(refused, apiKey),
      }),
    );
    return this.#server;
  }
}
