import { Code, type ConnectError } from '@connectrpc/connect';
import {
  encodeEnvelope,
  type UniversalServerRequest,
  type UniversalServerResponse,
} from '@connectrpc/connect/protocol';
import { codeFromString, codeToHttpStatus, errorToJsonBytes } from '@connectrpc/connect/protocol-connect';
import { setTrailerStatus } from '@connectrpc/connect/protocol-grpc';
import { trailerFlag, trailerSerialize } from '@connectrpc/connect/protocol-grpc-web';
import { readGrpcTimeout } from '../grpc/grpc-timeout.ts';
import { type HttpExchange, headerOf, pathOf } from '../http/exchange.ts';

/** What differs between gRPC, gRPC-Web and Connect and is not the library's business. */

/** A reply in one piece. */
export interface WholeReply {
  readonly status: number;
  readonly header: Headers;
  readonly body: Uint8Array;
  readonly trailer: Headers | null;
}

/** Reads a reply of the library to its end. Its trailers are right only then. */
export async function wholeReply(response: Promise<UniversalServerResponse>): Promise<WholeReply> {
  const { status, header, body, trailer } = await response;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
  }
  return { status, header: header ?? new Headers(), body: Buffer.concat(chunks), trailer: trailer ?? null };
}

/** An error in the form of the protocol that a content type names, as the library itself would write it. */
export function refusalReply(mediaType: string, error: ConnectError): WholeReply {
  if (!mediaType.startsWith('application/grpc')) {
    const header = new Headers(error.metadata);
    header.set('content-type', 'application/json');
    const body = errorToJsonBytes(error, { alwaysEmitImplicit: true });
    return { status: codeToHttpStatus(error.code), header, body, trailer: null };
  }
  const form = mediaType.endsWith('json') ? 'json' : 'proto';
  const trailer = setTrailerStatus(new Headers(), error);
  if (mediaType.startsWith('application/grpc-web')) {
    const header = new Headers({ 'content-type': `application/grpc-web+${form}` });
    return { status: 200, header, body: encodeEnvelope(trailerFlag, trailerSerialize(trailer)), trailer: null };
  }
  const header = new Headers({ 'content-type': `application/grpc+${form}` });
  return { status: 200, header, body: new Uint8Array(0), trailer };
}

/** The request as the library sees it: without what it must not act on (timeouts, wishes for compressed replies). */
export function requestOf(exchange: HttpExchange, mediaType: string, body: Uint8Array): UniversalServerRequest {
  const header = new Headers({ 'content-type': mediaType });
  for (const name of ['content-encoding', 'grpc-encoding', 'connect-protocol-version']) {
    const value = headerOf(exchange, name);
    if (value !== null) {
      header.set(name, value);
    }
  }
  return {
    httpVersion: exchange.request.httpVersion,
    // The library wants a whole URL and uses its path alone.
    url: `http://localhost${pathOf(exchange)}`,
    method: 'POST',
    header,
    body: once(body),
    signal: new AbortController().signal,
  };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/**
 * Whether the frame of a message of gRPC or gRPC-Web has a flag beside the one of compression. The library overlooks
 * some, and takes one for the trailers that a request has none of.
 */
export function hasUnknownFlag(contentType: string, body: Uint8Array): boolean {
  return contentType.startsWith('application/grpc') && (body[0] ?? 0) > 1;
}

/** The code with which the library refused a request by itself. */
export function codeOf({ status, body, trailer }: WholeReply): Code {
  const text = Buffer.from(body).toString('latin1');
  const grpcStatus = trailer?.get('grpc-status') ?? /(?:^|\n)grpc-status: *(\d+)/.exec(text.slice(5))?.[1];
  if (grpcStatus !== undefined && grpcStatus !== null) {
    return Number(grpcStatus) as Code;
  }
  const connectCode = status === 200 ? undefined : /"code" *: *"(\w+)"/.exec(text)?.[1];
  return (connectCode === undefined ? undefined : codeFromString(connectCode)) ?? Code.Unknown;
}

/**
 * The timeout that a caller names; null without one. A malformed one counts as none, as on the gRPC port: deadlines
 * are cut, never refused (docs/contract.md, section 2).
 */
export function timeoutOf(grpcTimeout: string | null, connectTimeoutMs: string | null): number | null {
  const grpc = readGrpcTimeout(grpcTimeout ?? '');
  if (grpc !== null) {
    return grpc;
  }
  return /^\d{1,10}$/.test(connectTimeoutMs ?? '') ? Number(connectTimeoutMs) : null;
}
