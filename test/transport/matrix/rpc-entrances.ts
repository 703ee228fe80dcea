import { type DescMessage, fromBinary, fromJson, type Message, toBinary, toJson } from '@bufbuild/protobuf';
import { base64Decode } from '@bufbuild/protobuf/wire';
import { ConnectError, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { createGrpcWebTransport } from '@connectrpc/connect-web';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { expect } from 'vitest';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '#gen/google/rpc/error_details_pb.js';
import { shownBy } from '../grpc/test-server.ts';
import {
  type AnyCallName,
  type Entrance,
  type Fields,
  methodOf,
  type NextStep,
  pathOf,
  type Refusal,
  type Success,
} from './entrance.ts';

/** The entrances that take the calls of every service. */
type AnyCall = AnyCallName;

/** gRPC on the gRPC port, by grpc-js. */
export function grpcEntrance(address: string): Entrance<AnyCall> {
  const client = new Client(address, credentials.createInsecure());
  return {
    close: () => client.close(),
    call(name, params, headers) {
      const metadata = new Metadata();
      for (const [key, value] of Object.entries(headers)) {
        metadata.set(key, value);
      }
      const { input } = methodOf(name);
      const request = toBinary(input, requestOf(input, params));
      return new Promise((resolve) => {
        const done = (error: ServiceError | null, response?: Buffer): void =>
          resolve(error === null ? successOf(name, response ?? Buffer.alloc(0)) : refusalOfGrpc(error));
        client.makeUnaryRequest(pathOf(name), Buffer.from, (bytes) => bytes, request, metadata, done);
      });
    },
  };
}

/** gRPC on the HTTP port, by connect-node. */
export function grpcOnHttpEntrance(baseUrl: string): Entrance<AnyCall> {
  const sessionManager = new Http2SessionManager(baseUrl);
  return transportEntrance(createGrpcTransport({ baseUrl, sessionManager }), () => sessionManager.abort());
}

/** gRPC-Web, by the client of browsers. */
export function grpcWebEntrance(baseUrl: string): Entrance<AnyCall> {
  return transportEntrance(createGrpcWebTransport({ baseUrl }));
}

/** Connect with binary messages. */
export function connectEntrance(baseUrl: string): Entrance<AnyCall> {
  return transportEntrance(createConnectTransport({ baseUrl, httpVersion: '1.1', useBinaryFormat: true }));
}

/** Connect with JSON, as `curl` would speak it: the names on the wire are seen as they are. */
export function connectJsonEntrance(baseUrl: string): Entrance<AnyCall> {
  return {
    close() {},
    async call(name, params, headers) {
      const response = await fetch(`${baseUrl}${pathOf(name)}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(params),
      });
      const body = (await response.json()) as ConnectJsonError & Record<string, unknown>;
      return response.ok ? { ok: body } : refusalOfConnectJson(body);
    },
  };
}

function transportEntrance(transport: Transport, close: () => void = () => {}): Entrance<AnyCall> {
  return {
    close,
    async call(name, params, headers) {
      const method = methodOf(name);
      try {
        const request = requestOf(method.input, params);
        const { message } = await transport.unary(method, undefined, undefined, headers, request);
        return { ok: fieldsOf(method.output, message) };
      } catch (error) {
        return refusalOfConnect(ConnectError.from(error));
      }
    },
  };
}

function requestOf(schema: DescMessage, params: Fields): Message {
  return fromJson(schema, params, { ignoreUnknownFields: true });
}

function successOf(name: AnyCall, bytes: Uint8Array): Success {
  const { output } = methodOf(name);
  return { ok: fieldsOf(output, fromBinary(output, bytes)) };
}

function fieldsOf(schema: DescMessage, message: Message): Success['ok'] {
  return toJson(schema, message, { alwaysEmitImplicit: true }) as Success['ok'];
}

function refusalOfGrpc(error: ServiceError): Refusal {
  const { reason, violations, retrySeconds, metadata } = shownBy(error);
  return {
    ...nextStepOf(metadata),
    reason,
    status: error.code,
    violations: violations.map(({ field }) => field).sort(),
    waits: retrySeconds !== null && retrySeconds > 0,
    message: error.details,
  };
}

function refusalOfConnect(error: ConnectError): Refusal {
  const faults = error.findDetails(BadRequestSchema)[0]?.fieldViolations ?? [];
  const info = error.findDetails(ErrorInfoSchema)[0];
  return {
    ...nextStepOf(info?.metadata),
    reason: info?.reason ?? null,
    status: error.code,
    violations: faults.map(({ field }) => field).sort(),
    waits: error.findDetails(RetryInfoSchema)[0]?.retryDelay !== undefined,
    message: error.rawMessage,
  };
}

interface ConnectJsonError {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

function refusalOfConnectJson({ code, message, details = [] }: ConnectJsonError): Refusal {
  const bytesOf = (schema: DescMessage): Uint8Array | null => {
    const detail = details.find(({ type }) => type === schema.typeName);
    return detail === undefined ? null : base64Decode(detail.value);
  };
  const infoBytes = bytesOf(ErrorInfoSchema);
  const info = infoBytes === null ? null : fromBinary(ErrorInfoSchema, infoBytes);
  const faults = bytesOf(BadRequestSchema);
  const violations = faults === null ? [] : fromBinary(BadRequestSchema, faults).fieldViolations;
  return {
    ...nextStepOf(info?.metadata),
    reason: info?.reason ?? null,
    status: status[code.toUpperCase() as keyof typeof status],
    violations: violations.map(({ field }) => field).sort(),
    waits: bytesOf(RetryInfoSchema) !== null,
    message,
  };
}

/** Metadata is text: methods are divided by commas. INTERNAL has other metadata, and no next step. */
function nextStepOf(metadata: Readonly<Record<string, string>> = {}): Pick<Refusal, 'next'> {
  const { challenge, methods = '', expires_at = '', ...others } = metadata;
  if (challenge === undefined) {
    return {};
  }
  expect(others).toEqual({});
  const next: NextStep = { challenge, methods: methods.split(','), expires_at };
  return { next };
}
