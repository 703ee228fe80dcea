import { fromJson, type JsonObject, type Message, toJson } from '@bufbuild/protobuf';
import { type Fields, methodOf, type Reply, type RpcName } from '../entrance.ts';

/** Parameters as a message; names that it does not have are left out. */
export function requestMessage(name: RpcName, fields: Fields): Message {
  return fromJson(methodOf(name).input, fields as JsonObject, { ignoreUnknownFields: true });
}

/** A message as a success. */
export function rpcSuccess(name: RpcName, message: Message): Reply {
  const fields = toJson(methodOf(name).output, message, { alwaysEmitImplicit: true });
  return { ...EMPTY_SUCCESS, fields: fields as Fields };
}

/** A success of gRPC or Connect without its fields. */
export const EMPTY_SUCCESS: Reply = {
  ok: true,
  codes: 'grpc',
  status: 0,
  fields: {},
  reason: null,
  domain: null,
  nextStep: null,
  violations: [],
  message: '',
  retryAfterMs: null,
  http: null,
};
