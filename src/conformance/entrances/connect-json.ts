import { base64Decode } from '@bufbuild/protobuf/wire';
import { status } from '@grpc/grpc-js';
import { type CallOptions, type Fields, type Reply, type RpcEntrance, type RpcName, rpcPath } from '../entrance.ts';
import { type HttpClient, type HttpReply, isObject, jsonObject } from '../http-client.ts';
import type { Patience } from '../patience.ts';
import { type ErrorDetail, rpcRefusal } from './error-details.ts';
import { EMPTY_SUCCESS } from './messages.ts';

/** Connect with JSON, as curl would speak it: the names on the wire are seen as they are. */
export function connectJsonEntrance(http: HttpClient, patience: Patience): RpcEntrance {
  const send = async (name: RpcName, fields: Fields, { headers = {}, timeoutMs }: CallOptions): Promise<Reply> =>
    connectReply(
      await http.send({
        method: 'POST',
        path: rpcPath(name),
        headers: {
          'content-type': 'application/json',
          'connect-protocol-version': '1',
          ...(timeoutMs === undefined ? {} : { 'connect-timeout-ms': String(timeoutMs) }),
          ...headers,
        },
        body: JSON.stringify(fields),
      }),
    );
  return {
    name: 'connect-json',
    family: 'rpc',
    port: 'http',
    isJson: true,
    call: (name, fields, options = {}) =>
      patience.send(
        () => send(name, fields, options),
        ({ retryAfterMs }) => retryAfterMs,
      ),
    close() {},
  };
}

/** Takes apart what Connect answers in JSON. */
export function connectReply(http: HttpReply): Reply {
  const body = jsonObject(http) ?? {};
  if (http.status === 200) {
    return { ...EMPTY_SUCCESS, fields: body, http };
  }
  const { code, message, details } = body;
  const sent = Array.isArray(details) ? details.flatMap(detailOf) : [];
  return rpcRefusal(codeOf(code), typeof message === 'string' ? message : '', sent, http);
}

function codeOf(code: unknown): number {
  const name = String(code).toUpperCase();
  return name in status ? status[name as keyof typeof status] : status.UNKNOWN;
}

function detailOf(detail: unknown): ErrorDetail[] {
  if (!isObject(detail) || typeof detail.type !== 'string' || typeof detail.value !== 'string') {
    return [];
  }
  try {
    return [{ type: detail.type, value: base64Decode(detail.value) }];
  } catch {
    return [];
  }
}
