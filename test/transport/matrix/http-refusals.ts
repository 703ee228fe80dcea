import type { OutgoingHttpHeaders } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { ErrorReason } from '../../../src/domain/errors.ts';
import type { HttpOperation, HttpRequest } from './http-operations.ts';

/** A request that plain HTTP refuses; but for one fault it would succeed. */
export interface HttpAttempt {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

type Attempts = (operation: HttpOperation, request: HttpRequest) => readonly HttpAttempt[];

/** For each reason of HTTP alone, the requests to an operation that are refused for it. */
export const HTTP_REFUSALS: Partial<Readonly<Record<ErrorReason, Attempts>>> = {
  ROUTE_NOT_FOUND: (operation, request) =>
    misspelled(request.path).map((path) => ({
      ...wellFormed(operation, request),
      ...located(operation, request, path),
    })),

  METHOD_NOT_ALLOWED: (operation, request) =>
    ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
      .filter((method) => !operation.allow.split(', ').includes(method))
      .map((method) => ({
        ...(method === 'GET' || method === 'HEAD' ? { headers: request.headers } : jsonBody(request)),
        path: `${request.path}?${operation.isRpc ? connectGet(request) : request.form}`,
        method,
      })),

  PAYLOAD_TOO_LARGE(operation, request) {
    if (operation.method === 'GET' || operation.isRpc) {
      return [];
    }
    const { path, params, form, headers } = request;
    const padding = 'x'.repeat(64 * 1024);
    const bodies = {
      json: JSON.stringify({ ...params, role: padding }),
      'x-www-form-urlencoded': `${form}&role=${padding}`,
    };
    return Object.entries(bodies).flatMap(([type, body]) =>
      [{ 'content-length': body.length }, { 'transfer-encoding': 'chunked' }].map((length) => ({
        method: operation.method,
        path,
        headers: { ...headers, 'content-type': `application/${type}`, ...length },
        body,
      })),
    );
  },

  UNSUPPORTED_MEDIA_TYPE(operation, request) {
    if (operation.method === 'GET') {
      return [];
    }
    const { path, params, headers } = request;
    const json = JSON.stringify(params);
    const attempt = (added: OutgoingHttpHeaders, body: string | Uint8Array = json): HttpAttempt => ({
      method: operation.method,
      path,
      headers: { ...headers, 'content-length': body.length, ...added },
      body,
    });
    const types = operation.isRpc ? RPC_TYPES : REST_TYPES;
    return [
      attempt({}),
      ...types.map((type) => attempt({ 'content-type': type })),
      // Connect takes gzip.
      ...(operation.isRpc ? [] : [attempt({ ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync(json))]),
    ];
  },
};

const JSON_TYPE = { 'content-type': 'application/json' };
const REST_TYPES = ['text/plain', 'application/x', 'multipart/form-data', 'application/json; charset=latin1'];
const RPC_TYPES = [...REST_TYPES.slice(0, 3), 'application/connect+json', 'application/grpc-web-text'];

/** The request as it would be served. */
export function wellFormed({ method }: HttpOperation, request: HttpRequest): HttpAttempt {
  return method === 'GET'
    ? { method, path: `${request.path}?${request.form}`, headers: request.headers }
    : { method, path: request.path, ...jsonBody(request) };
}

function located({ method }: HttpOperation, { form }: HttpRequest, path: string): Pick<HttpAttempt, 'path'> {
  return { path: method === 'GET' ? `${path}?${form}` : path };
}

/** Other spellings of a path, and a neighbour of it. */
function misspelled(path: string): readonly string[] {
  return [
    `${path}/`,
    `/${path}`,
    `/x/..${path}`,
    path.replace(/[a-z]/g, (letter) => letter.toUpperCase()),
    path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    `${path};x`,
    `${path}%00`,
  ];
}

function jsonBody({ params, headers }: HttpRequest): Pick<HttpAttempt, 'headers' | 'body'> {
  const body = JSON.stringify(params);
  // Node frames the body of a DELETE only when it is told to.
  return { headers: { ...headers, ...JSON_TYPE, 'content-length': Buffer.byteLength(body) }, body };
}

/** What a Connect client would ask by GET of a method without side effects: there is none here. */
function connectGet({ params }: HttpRequest): string {
  return String(new URLSearchParams({ connect: 'v1', encoding: 'json', message: JSON.stringify(params) }));
}
