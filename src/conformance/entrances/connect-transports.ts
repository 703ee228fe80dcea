import { ConnectError, type Transport } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { type EntranceName, methodOf, type Reply, type RpcEntrance } from '../entrance.ts';
import { keepAliveAgent } from '../keep-alive.ts';
import type { Patience } from '../patience.ts';
import type { Target } from '../target.ts';
import { rpcRefusal } from './error-details.ts';
import { requestMessage, rpcSuccess } from './messages.ts';

const REPLY_TIMEOUT_MS = 15_000;

/** Connect with binary messages, over HTTP/1.1. */
export function connectEntrance(target: Target, patience: Patience): RpcEntrance {
  const { baseUrl, agent, nodeOptions } = http1(target);
  const transport = createConnectTransport({ baseUrl, httpVersion: '1.1', useBinaryFormat: true, nodeOptions });
  return transportEntrance('connect', transport, patience, () => agent.destroy());
}

/** gRPC-Web, over HTTP/1.1. */
export function grpcWebEntrance(target: Target, patience: Patience): RpcEntrance {
  const { baseUrl, agent, nodeOptions } = http1(target);
  const transport = createGrpcWebTransport({ baseUrl, httpVersion: '1.1', nodeOptions });
  return transportEntrance('grpc-web', transport, patience, () => agent.destroy());
}

/** gRPC on the HTTP port, over HTTP/2: in clear text with prior knowledge. */
export function grpcOnHttpEntrance({ baseUrl: { origin }, tls }: Target, patience: Patience): RpcEntrance {
  const sessionManager = new Http2SessionManager(origin, {}, tls);
  const transport = createGrpcTransport({ baseUrl: origin, sessionManager });
  return transportEntrance('grpc-on-http', transport, patience, () => sessionManager.abort());
}

function http1(target: Target) {
  const agent = keepAliveAgent(target);
  return { baseUrl: target.baseUrl.origin, agent, nodeOptions: { agent } };
}

function transportEntrance(
  name: EntranceName,
  transport: Transport,
  patience: Patience,
  close: () => void,
): RpcEntrance {
  return {
    name,
    family: 'rpc',
    port: 'http',
    isJson: false,
    close,
    call(call, fields, { headers, timeoutMs } = {}) {
      const request = requestMessage(call, fields);
      const send = async (): Promise<Reply> => {
        const signal = AbortSignal.timeout(REPLY_TIMEOUT_MS);
        try {
          const { message } = await transport.unary(methodOf(call), signal, timeoutMs, headers, request);
          return rpcSuccess(call, message);
        } catch (error) {
          return refusalOf(ConnectError.from(error));
        }
      };
      return patience.send(send, ({ retryAfterMs }) => retryAfterMs);
    },
  };
}

function refusalOf(error: ConnectError): Reply {
  // What Node itself says of a connection: there was no answer.
  if (error.cause instanceof Error && 'syscall' in error.cause) {
    throw error.cause;
  }
  // Those of a reply are bytes; the other form is what a handler would send.
  const details = error.details.filter((detail) => 'type' in detail);
  return rpcRefusal(error.code, error.rawMessage, details);
}
