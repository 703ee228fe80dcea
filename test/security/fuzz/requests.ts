import { deflateSync, gzipSync } from 'node:zlib';
import { CALLS, type FuzzedCall, goodParameters, type Parameter, type Value } from './calls.ts';
import { type Change, changedBytes, changedParameters, changedText, HOSTILE_TEXTS, picked } from './changes.ts';
import { protobufOf } from './protobuf.ts';
import { formOf, jsonOf } from './texts.ts';

/** The ways in. */
export const ENTRANCES = [
  'gRPC',
  'gRPC on the HTTP port',
  'gRPC-Web',
  'Connect with protobuf',
  'Connect with JSON',
  'JSON',
  'form',
  'query',
] as const;

export type Entrance = (typeof ENTRANCES)[number];

/** Everything that one input is made of: a good request of a call, and what is changed about it. */
export interface Recipe {
  readonly entrance: Entrance;
  /** Of {@link CALLS}. */
  readonly call: number;
  /** Whose values the good request has. */
  readonly who: number;
  /** Changes to parameters, to how they are written, to the bytes of that, and to headers. */
  readonly parameters: readonly Change[];
  readonly writing: readonly Change[];
  readonly bytes: readonly Change[];
  readonly headers: readonly Change[];
}

/** A request as it is sent. Header values are latin1. */
export interface FuzzedRequest {
  readonly entrance: Entrance;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer | null;
}

/** Values with which calls succeed, by the JSON names of parameters. */
export interface Known {
  of(rpc: string, who: number): Readonly<Record<string, Value>>;
  readonly adminToken: string;
}

const CONTENT_TYPES: Readonly<Record<Entrance, string>> = {
  gRPC: 'application/grpc',
  'gRPC on the HTTP port': 'application/grpc+proto',
  'gRPC-Web': 'application/grpc-web+proto',
  'Connect with protobuf': 'application/proto',
  'Connect with JSON': 'application/json',
  JSON: 'application/json',
  form: 'application/x-www-form-urlencoded',
  query: '',
};

/** The request of a recipe: the same for the same values. */
export function requestOf(recipe: Recipe, known: Known): FuzzedRequest {
  const call = picked(CALLS, recipe.call);
  const good = goodParameters(call, known.of(call.rpc, recipe.who));
  const parameters = recipe.parameters.reduce(changedParameters, good);
  const { path, method, body, encoding } = written(recipe, call, parameters);
  const type = CONTENT_TYPES[recipe.entrance];
  const headers: Record<string, string | readonly string[]> = {
    ...(type === '' ? {} : { 'content-type': type }),
    ...(call.rpc.includes('Organization') ? { authorization: `Bearer ${known.adminToken}` } : {}),
    ...encoding,
  };
  for (const change of recipe.headers) {
    changeHeaders(headers, change);
  }
  return { entrance: recipe.entrance, method, path, headers, body };
}

interface Written extends Pick<FuzzedRequest, 'path' | 'method' | 'body'> {
  readonly encoding: Readonly<Record<string, string>>;
}

function written({ entrance, ...recipe }: Recipe, call: FuzzedCall, parameters: readonly Parameter[]): Written {
  const bytesOf = (bytes: Buffer): Buffer => recipe.bytes.reduce(changedBytes, bytes);
  const post = { method: 'POST', path: call.rpc };
  switch (entrance) {
    case 'gRPC':
    case 'gRPC on the HTTP port':
    case 'gRPC-Web': {
      const { flags, content, name } = compressed(protobufOf(parameters, recipe.writing), recipe.who);
      return { ...post, body: bytesOf(framed(flags, content)), encoding: name ? { 'grpc-encoding': name } : {} };
    }
    case 'Connect with protobuf': {
      const { content, name } = compressed(protobufOf(parameters, recipe.writing), recipe.who);
      return { ...post, body: bytesOf(content), encoding: name ? { 'content-encoding': name } : {} };
    }
    case 'Connect with JSON':
      return { ...post, body: bytesOf(Buffer.from(jsonOf(parameters, recipe.writing))), encoding: {} };
    default:
      return plain(entrance, call, parameters, recipe);
  }
}

function plain(
  entrance: 'JSON' | 'form' | 'query',
  { rest: { methods, path: template } }: FuzzedCall,
  parameters: readonly Parameter[],
  { who, writing, bytes }: Pick<Recipe, 'who' | 'writing' | 'bytes'>,
): Written {
  const { path, others } = filled(template, parameters);
  const text = entrance === 'JSON' ? jsonOf(others, writing) : formOf(others, writing);
  const body = bytes.reduce(changedBytes, Buffer.from(text));
  const method = picked(methods, who);
  if (entrance === 'query' || method === 'GET') {
    // What a client of HTTP lets through; the rest is the raw fuzzers' matter.
    const query = (entrance === 'query' ? body.toString('latin1') : formOf(others, [])).replaceAll(/[^!-~]|#/g, '%80');
    return { method, path: `${path}?${query.slice(0, 12_000)}`, body: null, encoding: {} };
  }
  return { method, path, body, encoding: {} };
}

function filled(template: string, parameters: readonly Parameter[]) {
  const inPath = new Set<string>();
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    inPath.add(name);
    const value = String(parameters.find((parameter) => parameter.name === name)?.value ?? '');
    return encodeURIComponent(value.toWellFormed()).slice(0, 2_000);
  });
  return { path, others: parameters.filter(({ name }) => !inPath.has(name)) };
}

/** It inflates to three times what a message may have. */
const BOMB = gzipSync(Buffer.alloc(200_000));

/** One message in sixteen is compressed, one in as many is told to be so and is not. */
function compressed(message: Buffer, who: number): { flags: number; content: Buffer; name?: string } {
  switch (who % 64) {
    case 0:
    case 1:
      return { flags: 1, content: gzipSync(message), name: 'gzip' };
    case 2:
    case 3:
      return { flags: 1, content: deflateSync(message), name: 'deflate' };
    case 4:
      return { flags: 1, content: message, name: 'gzip' };
    case 5:
      return { flags: 1, content: BOMB, name: 'gzip' };
    case 6:
      return { flags: 1, content: gzipSync(message).subarray(0, -3), name: 'gzip' };
    case 7:
      return { flags: who & 0xff, content: message };
    default:
      return { flags: 0, content: message };
  }
}

function framed(flags: number, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

const HEADER_NAMES = [
  'authorization',
  'authorization',
  'x-api-key',
  'content-type',
  'content-encoding',
  'grpc-encoding',
  'grpc-accept-encoding',
  'grpc-timeout',
  'connect-timeout-ms',
  'connect-protocol-version',
  'accept',
  'origin',
  'cookie',
  'user-agent',
  'x-forwarded-for',
  'x-request-id',
  'x-http-method-override',
  'x-note-bin',
  'grpc-status',
  'grpc-message',
  'x-grpc-web',
  'expect-ct',
];

const HEADER_VALUES = [
  'Bearer ',
  'Bearer a.b.c',
  'Bearer af_, Bearer x',
  'Basic YTpi',
  'gzip',
  'br',
  'identity, *;q=0',
  '1n',
  '99999999H',
  '-1S',
  '0m',
  '1e3',
  '1',
  '0',
  'application/json; charset=utf-16',
  'application/grpc+json',
  'application/grpc-web-text',
  'multipart/form-data; boundary=x',
  'text/html',
  'https://example.com',
  'null',
  '2001:db8::1, 10.0.0.1',
  '%',
  'AAA=',
];

/** Of two headers together: beyond 16 KiB the answer is HTTP/2's own. */
const MAX_VALUE = 6_000;

function changeHeaders(headers: Record<string, string | readonly string[]>, { kind, place, at, text }: Change): void {
  const name = picked(HEADER_NAMES, place);
  switch (kind % 4) {
    case 0:
      headers[name] = picked(HEADER_VALUES, at);
      return;
    case 1:
      headers[name] = sendable(changedText(String(headers[name] ?? ''), { kind, place: at, at, text }));
      return;
    case 2:
      headers[name] = sendable(picked(HOSTILE_TEXTS, at));
      return;
    default:
      delete headers[name];
  }
}

/** The text as a header can carry it: what no client can send is the raw fuzzers' matter. */
function sendable(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[^\t -~\x80-\xff]/g, '')
    .slice(0, MAX_VALUE)
    .trim();
}
