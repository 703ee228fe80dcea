import type { DescMessage, Message } from '@bufbuild/protobuf';
import { Code } from '@connectrpc/connect';
import type { UniversalServerRequest, UniversalServerResponse } from '@connectrpc/connect/protocol';
import { codeFromString } from '@connectrpc/connect/protocol-connect';
import { readGrpcTimeout } from '../grpc-timeout.ts';
import { readIllFormedText } from '../request-decoding.ts';

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

/** The message that the library could not read, where all that is wrong is text that is not UTF-8. */
export function illFormedText(schema: DescMessage, contentType: string, body: Uint8Array): Message | null {
  const bytes = plainMessage(contentType, body);
  return bytes === null ? null : readIllFormedText(schema, bytes);
}

/**
 * The bytes of the one protobuf message of a request that is not compressed; null where there is no such message. A
 * compressed body of Connect is given too: the first byte of gzip begins no message.
 */
function plainMessage(contentType: string, body: Uint8Array): Uint8Array | null {
  if (contentType.includes('json')) {
    return null;
  }
  if (!contentType.startsWith('application/grpc')) {
    return body;
  }
  const isOneAndPlain = body.length >= 5 && enveloped(body.subarray(5)).equals(body);
  return isOneAndPlain ? body.subarray(5) : null;
}

/**
 * Whether the frame of a message of gRPC or gRPC-Web has a flag beside the one of compression. The library overlooks
 * some, and takes one for the trailers that a request has none of.
 */
export function hasUnknownFlag(contentType: string, body: Uint8Array): boolean {
  return contentType.startsWith('application/grpc') && (body[0] ?? 0) > 1;
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
 * are cut, never refused (docs/contract.md, section 2).
 */
export function timeoutOf(grpcTimeout: string | null, connectTimeoutMs: string | null): number | null {
  const grpc = readGrpcTimeout(grpcTimeout ?? '');
  if (grpc !== null) {
    return grpc;
  }
  return /^\d{1,10}$/.test(connectTimeoutMs ?? '') ? Number(connectTimeoutMs) : null;
}

/** A body in one piece. */
export async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function enveloped(message: Uint8Array): Buffer {
  const envelope = Buffer.alloc(5 + message.length);
  envelope.writeUInt32BE(message.length, 1);
  envelope.set(message, 5);
  return envelope;
}
