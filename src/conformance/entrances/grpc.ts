import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { StatusSchema } from '#gen/google/rpc/status_pb.js';
import { type Entrance, methodOf, type Reply, rpcPath } from '../entrance.ts';
import type { Patience } from '../patience.ts';
import type { Target } from '../target.ts';
import { type ErrorDetail, rpcRefusal } from './error-details.ts';
import { requestMessage, rpcSuccess } from './messages.ts';

const REPLY_TIMEOUT_MS = 15_000;

/** A client of the gRPC port. Its owner closes it. */
export function openGrpcClient(target: Target, address: string): Client {
  return new Client(address, channelCredentials(target));
}

/** gRPC on the gRPC port, by grpc-js. */
export function grpcEntrance(client: Client, patience: Patience): Entrance {
  return {
    name: 'grpc',
    family: 'rpc',
    port: 'grpc',
    isJson: false,
    close() {},
    call(call, fields, { headers = {}, timeoutMs } = {}) {
      const { input, output } = methodOf(call);
      const request = toBinary(input, requestMessage(call, fields));
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(headers)) {
        metadata.set(name, value);
      }
      const send = (): Promise<Reply> =>
        new Promise((resolve, reject) => {
          const done = (error: ServiceError | null, bytes: Buffer = Buffer.alloc(0)): void => {
            clearTimeout(timer);
            try {
              resolve(error === null ? rpcSuccess(call, fromBinary(output, bytes)) : refusalOf(error));
            } catch (unreadable) {
              reject(unreadable);
            }
          };
          const options = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
          const sent = client.makeUnaryRequest(rpcPath(call), asBuffer, asIs, request, metadata, options, done);
          const timer = setTimeout(() => sent.cancel(), REPLY_TIMEOUT_MS);
        });
      return patience.send(send, ({ retryAfterMs }) => retryAfterMs);
    },
  };
}

function refusalOf(error: ServiceError): Reply {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  return rpcRefusal(error.code, error.details, bytes instanceof Buffer ? detailsOf(bytes) : []);
}

function detailsOf(bytes: Buffer): ErrorDetail[] {
  try {
    const { details } = fromBinary(StatusSchema, bytes);
    return details.map(({ typeUrl, value }) => ({ type: typeUrl.slice(typeUrl.lastIndexOf('/') + 1), value }));
  } catch {
    return [];
  }
}

function channelCredentials({ baseUrl, tls }: Target): ChannelCredentials {
  if (baseUrl.protocol === 'http:') {
    return credentials.createInsecure();
  }
  return credentials.createSsl(tls.ca ?? null, tls.key ?? null, tls.cert ?? null);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
