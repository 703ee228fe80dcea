import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { StatusSchema } from '#gen/google/rpc/status_pb.js';
import { methodOf, type Reply, type RpcEntrance, rpcPath } from '../entrance.ts';
import type { Patience } from '../patience.ts';
import type { Target } from '../target.ts';
import { type ErrorDetail, rpcRefusal } from './error-details.ts';
import { requestMessage, rpcSuccess } from './messages.ts';

const REPLY_TIMEOUT_MS = 15_000;

/** Names nothing, and never will (RFC 6761, section 6.4). */
const NO_NAME = 'address.invalid';

/** A client of the gRPC port. Its owner closes it. */
export function openGrpcClient({ baseUrl, tls }: Target, address: string): Client {
  if (baseUrl.protocol === 'http:') {
    return new Client(address, credentials.createInsecure());
  }
  const pems = [tls.ca ?? null, tls.key ?? null, tls.cert ?? null] as const;
  const host = new URL(`https://${address}`).hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) === 0) {
    return new Client(address, credentials.createSsl(...pems));
  }
  // The library names the address as the server's name in TLS, which no name of an address may be (RFC 6066, section
  // 3): Node 26 refuses it. The certificate is held against the address all the same.
  const verifyOptions = { checkServerIdentity: (_: string, cert: PeerCertificate) => checkServerIdentity(host, cert) };
  return new Client(address, credentials.createSsl(...pems, verifyOptions), {
    'grpc.ssl_target_name_override': NO_NAME,
  });
}

/** gRPC on the gRPC port, by grpc-js. */
export function grpcEntrance(client: Client, patience: Patience): RpcEntrance {
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

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}
