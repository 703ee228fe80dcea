import type { IncomingMessage } from 'node:http';
import { GatheredBytes } from '../net/gathered-bytes.ts';
import type { HeldBytes, Hold } from '../net/held-bytes.ts';
import { type UnfinishedRequest, UnfinishedRequests } from '../net/unfinished-requests.ts';
import { type HttpExchange, isGone } from './exchange.ts';
import { waitsToSend } from './rest-of-request.ts';

/** What became of reading a body. */
export type BodyReading =
  | { readonly outcome: 'read'; readonly body: Uint8Array }
  /** The rest of the body is still to come. */
  | { readonly outcome: 'too_large' }
  /** So is this one's; too many others wait for theirs. */
  | { readonly outcome: 'crowded' }
  /** The caller went away, or the body's framing is wrong: there is nobody to answer. */
  | { readonly outcome: 'broken' };

/** Of all servers of the process: what they share is the turn of its event loop. */
const UNFINISHED = new UnfinishedRequests();

/** Reads a body of at most `maxBytes`, which is counted where it waits for its end. A caller that waits to send it is told to. Never rejects. */
export function readBody(exchange: HttpExchange, maxBytes: number, heldBytes: HeldBytes): Promise<BodyReading> {
  const { request, response } = exchange;
  return new Promise((resolve) => {
    if (Number(request.headers['content-length']) > maxBytes) {
      resolve({ outcome: 'too_large' });
    } else {
      if (waitsToSend(request) && !isGone(exchange)) {
        response.writeContinue();
      }
      new ArrivingBody(request, { maxBytes, heldBytes, resolve }).begin();
    }
  });
}

interface ArrivingBodyOptions {
  readonly maxBytes: number;
  readonly heldBytes: HeldBytes;
  resolve(reading: BodyReading): void;
}

class ArrivingBody implements UnfinishedRequest {
  readonly #request: IncomingMessage;
  readonly #options: ArrivingBodyOptions;
  readonly #bytes: GatheredBytes;
  /** Null until it waits for its end. */
  #hold: Hold | null = null;
  isUnfinished = true;

  constructor(request: IncomingMessage, options: ArrivingBodyOptions) {
    this.#request = request;
    this.#options = options;
    this.#bytes = new GatheredBytes(options.maxBytes);
  }

  begin(): void {
    // All of them stay: what comes after the body's end must find a listener too.
    this.#request.on('data', (piece: Uint8Array) => this.#take(piece));
    this.#request.on('end', () => this.isUnfinished && this.#finish({ outcome: 'read', body: this.#bytes.bytes() }));
    const breakOff = (): void => this.#finish({ outcome: 'broken' });
    this.#request.on('close', breakOff);
    this.#request.on('error', breakOff);
    UNFINISHED.add(this);
  }

  waitForEnd(): void {
    this.#hold = this.#options.heldBytes.begin(this.#request.headers, () => this.#refuse('crowded'));
    this.#hold.set(this.#bytes.roomBytes);
  }

  #take(piece: Uint8Array): void {
    if (!this.isUnfinished) {
      return;
    }
    if (this.#bytes.add(piece)) {
      this.#hold?.set(this.#bytes.roomBytes);
    } else {
      this.#refuse('too_large');
    }
  }

  #refuse(outcome: 'too_large' | 'crowded'): void {
    this.#request.pause();
    this.#finish({ outcome });
  }

  #finish(reading: BodyReading): void {
    if (this.isUnfinished) {
      this.isUnfinished = false;
      this.#hold?.release();
      this.#options.resolve(reading);
    }
  }
}
