import { Code } from '@connectrpc/connect';
import type { UniversalServerRequest, UniversalServerResponse } from '@connectrpc/connect/protocol';
import { codeFromString } from '@connectrpc/connect/protocol-connect';

/** What differs between gRPC, gRPC-Web and Connect and is not the library's business. */

/** A response of the library that was read to its end. */
export interface WholeResponse {
  readonly status: number;
  readonly header: Headers;
  readonly body: Uint8Array;
  readonly trailer: Headers | null;
}

/** Reads a response of the library to its end. Its trailers are right only then. */
export async function readWhole(response: UniversalServerResponse): Promise<WholeResponse> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
  }
  return {
    status: response.status,
    header: response.header ?? new Headers(),
    body: Buffer.concat(chunks),
    trailer: response.trailer ?? null,
  };
}

/** A request of the same protocol and form whose message is empty: the library shapes a refusal for it. */
export function blankRequest(contentType: string, url: string): UniversalServerRequest {
  const isJson = contentType.includes('json');
  const message = Buffer.from(isJson ? '{}' : '');
  return {
    httpVersion: '2.0',
    url,
    method: 'POST',
    header: new Headers({ 'content-type': contentType }),
    body: once(contentType.startsWith('application/grpc') ? enveloped(message) : message),
    signal: new AbortController().signal,
  };
}

/** The code with which the library refused a request by itself. */
export function codeOf({ status, body, trailer }: WholeResponse): Code {
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
 * are cut, never refused (contract.md, section 2).
 */
export function timeoutOf(grpcTimeout: string | null, connectTimeoutMs: string | null): number | null {
  const grpc = /^(\d{1,8})([HMSmun])$/.exec(grpcTimeout ?? '');
  if (grpc !== null) {
    return Number(grpc[1]) * (MILLISECONDS[grpc[2] ?? ''] ?? 0);
  }
  return /^\d{1,10}$/.test(connectTimeoutMs ?? '') ? Number(connectTimeoutMs) : null;
}

/** A body in one piece. */
export async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** The units of the gRPC protocol's Timeout header. */
const MILLISECONDS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

function enveloped(message: Uint8Array): Uint8Array {
  const envelope = Buffer.alloc(5 + message.length);
  envelope.writeUInt32BE(message.length, 1);
  envelope.set(message, 5);
  return envelope;
}
