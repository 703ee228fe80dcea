import { constants } from 'node:http2';
import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { type Timestamp, TimestampSchema } from '@bufbuild/protobuf/wkt';
import type { NextStep } from '../../domain/errors.ts';
import { retryAfterSeconds, type WireError } from '../error-mapping.ts';
import { formatInstant } from '../instant.ts';
import { LINGER_MS } from '../limits.ts';
import { type HttpExchange, isHttp2 } from './exchange.ts';
import { ReplyBatch } from './reply-batch.ts';

/**
 * The replies of `/auth` and `/organizations` (docs/contract.md, section 1). Their JSON is put together by hand from the
 * descriptors, read once at the start: this is the hot path of Validate.
 */

/** Of all servers of the process: what they share is the turn of its event loop. */
const REPLIES = new ReplyBatch();

/** Writes the fields of a message as members of a JSON object, each preceded by a comma. */
export type MembersWriter = (message: object) => string;

/** The writer of a message's members in the order of its fields. Zero values are written, absent messages are not. */
export function membersWriter(desc: DescMessage): MembersWriter {
  const fields = desc.fields.map((field) => ({ name: field.localName, write: fieldWriter(field) }));
  return (message) => {
    const values = message as Record<string, unknown>;
    let members = '';
    for (const { name, write } of fields) {
      members += write(values[name]);
    }
    return members;
  };
}

/** The body of a success. `members` comes from a {@link MembersWriter}. */
export function successBody(message: string, members: string): string {
  return `{"statusCode":200,"message":${JSON.stringify(message)}${members}}`;
}

/** The body of an error. */
function errorBody({ httpStatus, reason, message, violations, nextStep }: WireError): string {
  const detail = violations.length === 0 ? '' : `,"violations":${JSON.stringify(violations)}`;
  const next = nextStep === null ? '' : nextStepMembers(nextStep);
  return `{"statusCode":${httpStatus},"error":"${reason}","message":${JSON.stringify(message)}${detail}${next}}`;
}

/** How a login goes on, each member preceded by a comma. */
function nextStepMembers({ challenge, methods, expiresAt }: NextStep): string {
  const told = { challenge, methods, expires_at: formatInstant(expiresAt) };
  return `,${JSON.stringify(told).slice(1, -1)}`;
}

/** Sends a JSON body that nobody may keep. */
export function sendJson(exchange: HttpExchange, status: number, body: string, headers: HeaderFields = {}): void {
  const { response } = exchange;
  if (response.headersSent) {
    return;
  }
  const length = Buffer.byteLength(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': length,
    ...headers,
  });
  // ASCII alone: Node copies latin1 faster than it encodes UTF-8.
  const encoding = length === body.length ? 'latin1' : 'utf8';
  if (isHttp2(exchange)) {
    response.end(body, encoding);
  } else {
    REPLIES.end(response, body, encoding);
  }
}

export type HeaderFields = Readonly<Record<string, string | number>>;

/** Sends an error in the envelope, with the headers that belong to it. */
export function sendError(exchange: HttpExchange, error: WireError, headers: HeaderFields = {}): void {
  sendJson(exchange, error.httpStatus, errorBody(error), { ...headers, ...errorHeaders(error) });
}

/**
 * Sends an error while the caller may still be sending its body, and closes the connection after it. The rest of
 * the body is dropped for a moment first: closing at once would reset the connection, and the caller would never
 * see the reply.
 */
export function sendErrorAndLinger(exchange: HttpExchange, error: WireError, headers: HeaderFields = {}): void {
  const { response } = exchange;
  if (response.headersSent) {
    return;
  }
  const body = errorBody(error);
  response.writeHead(error.httpStatus, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
    ...(isHttp2(exchange) ? {} : { connection: 'close' }),
    ...headers,
    ...errorHeaders(error),
  });
  endAndLinger(exchange, body);
}

/**
 * Ends a response while the rest of the request may still be on its way. Over HTTP/1.1 the end waits until the request has
 * ended or a second has passed; a stream of HTTP/2 is closed after the reply (RFC 9113, section 8.1), or it would stay open.
 */
export function endAndLinger({ request, response, stream }: HttpExchange, body: string | Uint8Array): void {
  if (stream !== null) {
    // Node's own listener, which came before, hands over the trailers in the next turn.
    stream.once('wantTrailers', () => setImmediate(() => setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR))));
    request.resume();
    response.end(body);
    return;
  }
  const timer = setTimeout(end, LINGER_MS);
  request.once('end', end);
  request.once('close', end);
  response.write(body);
  request.resume();

  function end(): void {
    clearTimeout(timer);
    request.off('end', end);
    request.off('close', end);
    response.end();
  }
}

/** The headers that an error of any HTTP entrance carries. */
export function errorHeaders(error: WireError): Record<string, string | number> {
  const headers: Record<string, string | number> = {};
  if (error.httpStatus === 401) {
    headers['www-authenticate'] = 'Bearer';
  }
  const seconds = retryAfterSeconds(error);
  if (seconds !== null) {
    headers['retry-after'] = seconds;
  }
  return headers;
}

function fieldWriter(field: DescField): (value: unknown) => string {
  const key = `,${JSON.stringify(field.jsonName)}:`;
  if (field.fieldKind === 'scalar') {
    return field.scalar === ScalarType.STRING ? (value) => key + JSON.stringify(value) : (value) => key + String(value);
  }
  if (field.fieldKind === 'message') {
    const write = messageWriter(field.message);
    return (value) => (value === undefined ? '' : key + write(value as object));
  }
  if (field.fieldKind === 'list' && field.scalar === ScalarType.STRING) {
    return (value) => key + JSON.stringify(value);
  }
  if (field.fieldKind === 'list' && field.listKind === 'message') {
    const write = messageWriter(field.message);
    return (value) => `${key}[${(value as object[]).map(write).join(',')}]`;
  }
  throw new Error(`No writer for the field ${field.toString()}.`);
}

function messageWriter(desc: DescMessage): (message: object) => string {
  if (desc.typeName === TimestampSchema.typeName) {
    return (message) => `"${formatInstant(Number((message as Timestamp).seconds) * 1000)}"`;
  }
  const write = membersWriter(desc);
  return (message) => `{${write(message).slice(1)}}`;
}
