import type { Entrance, IncomingCall, ReadRequest, RequestIdentity } from '../../operations/call.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import { type HttpExchange, headerOf, isGone } from './exchange.ts';

/** What a call is, beside its exchange. */
export interface HttpCallOptions {
  readonly entrance: Entrance;
  readonly arrivedAt: number;
  readonly timeoutMs: number | null;
  readonly proxies: TrustedProxies;
  /** As {@link IncomingCall.read}. */
  read(asked: RequestIdentity): ReadRequest;
}

/** As {@link IncomingCall.peerAddress}. */
export function peerAddressOf(exchange: HttpExchange, proxies: TrustedProxies): string {
  return proxies.callerOf(exchange.peer, headerOf(exchange, 'x-forwarded-for'));
}

/** A call that came by the HTTP port. */
export class HttpCall implements IncomingCall {
  readonly entrance: Entrance;
  readonly arrivedAt: number;
  readonly timeoutMs: number | null;
  readonly read: (asked: RequestIdentity) => ReadRequest;
  readonly #proxies: TrustedProxies;
  readonly #exchange: HttpExchange;

  constructor(exchange: HttpExchange, { entrance, arrivedAt, timeoutMs, proxies, read }: HttpCallOptions) {
    this.#exchange = exchange;
    this.entrance = entrance;
    this.arrivedAt = arrivedAt;
    this.timeoutMs = timeoutMs;
    this.#proxies = proxies;
    this.read = read;
  }

  header(name: string): string | null {
    return headerOf(this.#exchange, name);
  }

  peerAddress(): string {
    return peerAddressOf(this.#exchange, this.#proxies);
  }

  forwardedAddress(): string | null {
    return this.#proxies.forwardedCallerOf(this.#exchange.peer, this.header('x-forwarded-for'));
  }

  isGone(): boolean {
    return isGone(this.#exchange);
  }
}
