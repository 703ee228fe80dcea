import { type Agent, request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { keepAliveAgent } from './keep-alive.ts';
import type { Patience } from './patience.ts';
import type { Target } from './target.ts';

/** A request as it goes out: nothing is escaped, resolved or added but `host`, the framing and `connection`. */
export interface HttpRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

/** A reply as it came. */
export interface HttpReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const REPLY_TIMEOUT_MS = 15_000;

/** Plain HTTP/1.1 over connections that are kept. */
export class HttpClient {
  readonly #target: Target;
  readonly #patience: Patience;
  readonly #agent: Agent;

  constructor(target: Target, patience: Patience) {
    this.#target = target;
    this.#patience = patience;
    this.#agent = keepAliveAgent(target);
  }

  /** Sends, and again after a wait that the server names. Rejects when there is no whole reply within 15 s. */
  send(request: HttpRequest): Promise<HttpReply> {
    return this.#patience.send(() => this.#sendOnce(request), waitOf);
  }

  close(): void {
    this.#agent.destroy();
  }

  #sendOnce(request: HttpRequest): Promise<HttpReply> {
    const { method, path, body, headers = {} } = request;
    const open = this.#target.baseUrl.protocol === 'https:' ? httpsRequest : httpRequest;
    // Node frames the body of some methods only when it is told to.
    const framing = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const outgoing = open(this.#target.baseUrl, {
        agent: this.#agent,
        method,
        path,
        headers: { ...framing, ...headers },
        signal: AbortSignal.timeout(REPLY_TIMEOUT_MS),
      });
      outgoing.on('response', (incoming) => {
        const { statusCode: status = 0, headers: received } = incoming;
        buffer(incoming).then((bytes) => resolve({ status, headers: received, body: bytes }), reject);
      });
      outgoing.on('error', (error) => {
        // A kept connection that the server closed at that moment: the request was not read.
        if (outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET') {
          resolve(this.#sendOnce(request));
        } else {
          reject(error);
        }
      });
      outgoing.end(body);
    });
  }
}

/** The object that the body holds; null when it holds none. */
export function jsonObject({ body }: HttpReply): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The wait that `Retry-After` names, in milliseconds; null without one in seconds. */
export function waitOf({ headers }: HttpReply): number | null {
  const seconds = headers['retry-after'];
  return seconds !== undefined && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : null;
}
