import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { WireError } from '../error-mapping.ts';
import { endRefused, statusHeaders } from './stream-refusal.ts';

/** Waits are whole seconds, and of the order of the queue: a few differ. */
const MOST_PREPARED = 64;

/** Refusals for want of room, whose trailers are put together once: under a flood nearly all calls are told the same. */
export class PreparedRefusals {
  readonly #headers = new Map<string, OutgoingHttpHeaders>();

  /** As `refuseStreamWith`. */
  refuse(stream: ServerHttp2Stream, error: WireError): void {
    endRefused(stream, error.reason === 'OVERLOADED' ? this.#prepared(error) : statusHeaders(error));
  }

  #prepared(error: WireError): OutgoingHttpHeaders {
    const name = `${error.retryAfterMs} ${error.message}`;
    let headers = this.#headers.get(name);
    if (headers === undefined) {
      if (this.#headers.size >= MOST_PREPARED) {
        this.#headers.clear();
      }
      headers = statusHeaders(error);
      this.#headers.set(name, headers);
    }
    return headers;
  }
}
