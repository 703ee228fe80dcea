import { execFileSync } from 'node:child_process';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { createFileRegistry, create as createMessage, fromBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import {
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  makeGenericClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ROOT } from '../../support/readme-blocks.ts';
import { settlesBefore } from '../../support/settles-before.ts';
import { frame, rawCall, shown, startTestServer } from './test-server.ts';

const SERVICES = [
  '',
  'authflow.v1.AuthService',
  'authflow.v1.AccountService',
  'authflow.v1.OrganizationService',
  'authflow.v1.AuditService',
];

describe('health', () => {
  test('of the server and of each service is SERVING, and turns when it is told to', async () => {
    const server = await startTestServer();
    const client = healthClient(server.address);
    const check = () => Promise.all(SERVICES.map((service) => checkHealth(client, service)));
    expect(await check()).toEqual(SERVICES.map(() => 'SERVING'));
    server.setServing(false);
    expect(await check()).toEqual(SERVICES.map(() => 'NOT_SERVING'));
    server.setServing(true);
    expect(await check()).toEqual(SERVICES.map(() => 'SERVING'));
    expect(await checkHealth(client, 'authflow.v1.Nothing')).toBe(5);
  });

  test('that was turned before anybody asked is told as it is', async () => {
    const server = await startTestServer();
    server.setServing(false);
    expect(await checkHealth(healthClient(server.address), '')).toBe('NOT_SERVING');
  });

  test('turns for a watcher before a stop ends, and the watcher does not hold the stop up', async () => {
    const server = await startTestServer();
    const statuses: string[] = [];
    const watch = Reflect.get(healthClient(server.address), 'watch') as (
      request: object,
    ) => ClientReadableStream<{ status: string }>;
    const stream = watch.call(healthClient(server.address), { service: '' });
    stream.on('data', ({ status }) => statuses.push(status));
    const ended = new Promise((resolve) => stream.on('error', resolve));
    await vi.waitUntil(() => statuses.length === 1, { timeout: 120_000, interval: 5 });
    expect(await settlesBefore(5_000, server.drain(10_000))).toBe(true);
    await ended;
    expect(statuses).toEqual(['SERVING', 'NOT_SERVING']);
  });

  test.each(['soon', '720H'])('is told whatever deadline is asked for: %s', async (timeout) => {
    const server = await startTestServer();
    const headers = { 'grpc-timeout': timeout };
    expect(await rawCall(server.address, '/grpc.health.v1.Health/Check', Buffer.alloc(5), headers)).toMatchObject({
      grpcStatus: 0,
    });
  });

  test('and reflection refuse a request that is longer than any name they know', async () => {
    const server = await startTestServer();
    const named = (bytes: number) =>
      frame(new BinaryWriter().tag(1, WireType.LengthDelimited).string('n'.repeat(bytes)).finish());
    const check = async (bytes: number) => rawCall(server.address, '/grpc.health.v1.Health/Check', named(bytes));
    expect((await check(500)).grpcStatus).toBe(5);
    const refused = await check(600);
    expect([refused.grpcStatus, shown(refused.details).reason]).toEqual([3, 'INVALID_ARGUMENT']);
    for (const version of ['v1', 'v1alpha']) {
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      expect((await rawCall(server.address, path, named(500))).grpcStatus).toBe(0);
      expect((await rawCall(server.address, path, named(600))).grpcStatus).toBe(3);
    }
  });

  test('survives a caller that goes while the service is being loaded', async () => {
    const server = await startTestServer();
    const session = connect(`http://${server.address}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
    });
    stream.on('error', () => {});
    await new Promise((resolve) => session.once('remoteSettings', resolve));
    stream.close(2);
    await new Promise((resolve) => session.ping(resolve));
    session.destroy();
    expect(await checkHealth(healthClient(server.address), '')).toBe('SERVING');
  });
});

test('reflection takes as many questions as a client has, and ends a stream of very many', async () => {
  const { address } = await startTestServer();
  const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
  // list_services, field 7.
  const question = frame(Uint8Array.of((7 << 3) | 2, 1, 0x2a));
  const some = await rawCall(address, path, Buffer.concat(Array.from({ length: 60 }, () => question)));
  expect([some.grpcStatus, some.resetCode]).toEqual([0, 0]);
  const many = await rawCall(address, path, Buffer.alloc(65_536));
  // Before it was answered at all, or in the midst of the answers.
  expect(many.grpcStatus === 8 || many.resetCode === 11).toBe(true);
});

describe.each(['v1', 'v1alpha'])('reflection %s', (version) => {
  test('lists the services', async () => {
    const ask = reflection((await startTestServer()).address, version);
    const services = (await ask(LIST_SERVICES, '*')).names;
    expect(services).toEqual(expect.arrayContaining([...SERVICES.slice(1), 'grpc.health.v1.Health']));
  });

  test('describes a service and all that it needs as the proto files do', async () => {
    const warn = vi.spyOn(console, 'warn');
    const ask = reflection((await startTestServer()).address, version);
    const { files } = await ask(FILE_CONTAINING_SYMBOL, 'authflow.v1.AuthService');
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['authflow/v1/auth_service.proto', 'google/protobuf/timestamp.proto']),
    );
    const registry = createFileRegistry(createMessage(FileDescriptorSetSchema, { file: files.toReversed() }));
    const fields = registry.getService('authflow.v1.AuthService')?.method.validate?.input.fields;
    expect(fields?.map(({ jsonName }) => jsonName)).toEqual([
      'sessionToken',
      'email',
      'org_id',
      'api_key',
      'client_ip',
      'user_agent',
    ]);
    expect(warn).not.toHaveBeenCalled();
  });

  test('tells each declaration of ours with the comment of its proto, as the compiler reads it', async () => {
    const ask = reflection((await startTestServer()).address, version);
    const compiled = compiledProtos().filter(({ name }) => name.startsWith('authflow/'));
    expect(compiled).toHaveLength(7);
    for (const file of compiled) {
      const [told] = (await ask(FILE_BY_FILENAME, file.name)).files;
      expect(Object.keys(commentsOf(told)).length).toBeGreaterThan(20);
      expect(commentsOf(told)).toEqual(commentsOf(file));
    }
  });

  test('finds files by name and by message, and says NOT_FOUND for others', async () => {
    const ask = reflection((await startTestServer()).address, version);
    const byName = await ask(FILE_BY_FILENAME, 'authflow/v1/error_reason.proto');
    expect(byName.files[0]?.enumType[0]?.name).toBe('ErrorReason');
    const byMessage = await ask(FILE_CONTAINING_SYMBOL, 'authflow.v1.ApiKey');
    expect(byMessage.files.map(({ name }) => name)).toContain('authflow/v1/organization_service.proto');
    expect((await ask(FILE_CONTAINING_SYMBOL, 'authflow.v1.Nothing')).errorCode).toBe(5);
  });
});

test('an unknown service is UNIMPLEMENTED', async () => {
  const server = await startTestServer();
  expect(await rawCall(server.address, '/grpc.health.v2.Health/Check', Buffer.alloc(5))).toMatchObject({
    grpcStatus: 12,
  });
});

function compiledProtos(): readonly FileDescriptorProto[] {
  const buf = join(ROOT, 'node_modules/.bin/buf');
  return fromBinary(FileDescriptorSetSchema, execFileSync(buf, ['build', 'proto', '-o', '-'], { cwd: ROOT })).file;
}

/** The words of the comment before each declaration, by its path. */
function commentsOf(file: FileDescriptorProto | undefined): Record<string, string> {
  const locations = file?.sourceCodeInfo?.location ?? [];
  // Of a path of one number is what stands before the package.
  const commented = locations.filter(({ path, leadingComments }) => path.length > 1 && leadingComments !== '');
  return Object.fromEntries(
    commented.map(({ path, leadingComments }) => [path.join('.'), leadingComments.trim().split(/\s+/).join(' ')]),
  );
}

function healthClient(address: string): Client {
  const Constructor = makeGenericClientConstructor(healthService, 'Health');
  const client = new Constructor(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  return client;
}

/** The status of a service, or the code of the error. */
function checkHealth(client: Client, service: string): Promise<string | number> {
  const check = Reflect.get(client, 'check') as (...args: unknown[]) => void;
  return new Promise((resolve) => {
    check.call(client, { service }, (error: ServiceError | null, response: { status: string }) =>
      resolve(error === null ? response.status : error.code),
    );
  });
}

// Field numbers of grpc.reflection.v1 (and v1alpha) requests and responses.
const FILE_BY_FILENAME = 3;
const FILE_CONTAINING_SYMBOL = 4;
const LIST_SERVICES = 7;
const FILE_DESCRIPTOR_RESPONSE = 4;
const LIST_SERVICES_RESPONSE = 6;
const ERROR_RESPONSE = 7;

interface ReflectionAnswer {
  readonly files: FileDescriptorProto[];
  readonly names: string[];
  readonly errorCode: number | null;
}

/** A client of reflection by hand: one question for each stream. */
function reflection(address: string, version: string): (question: number, value: string) => Promise<ReflectionAnswer> {
  const Constructor = makeGenericClientConstructor(
    {
      ask: {
        path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
        requestStream: true,
        responseStream: true,
        requestSerialize: (bytes: Buffer) => bytes,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    'ServerReflection',
  );
  const client = new Constructor(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  return (question, value) =>
    new Promise((resolve, reject) => {
      const stream: ClientDuplexStream<Buffer, Buffer> = Reflect.get(client, 'ask').call(client);
      let answer: Buffer | null = null;
      stream.on('data', (bytes: Buffer) => {
        answer = bytes;
      });
      stream.on('error', reject);
      stream.on('end', () => resolve(readAnswer(answer ?? Buffer.alloc(0))));
      const request = new BinaryWriter().tag(question, WireType.LengthDelimited).string(value).finish();
      stream.end(Buffer.from(request));
    });
}

function readAnswer(bytes: Uint8Array): ReflectionAnswer {
  const [files] = lengthDelimited(bytes, FILE_DESCRIPTOR_RESPONSE);
  const [services] = lengthDelimited(bytes, LIST_SERVICES_RESPONSE);
  const [error] = lengthDelimited(bytes, ERROR_RESPONSE);
  return {
    files: (files ? lengthDelimited(files, 1) : []).map((file) => fromBinary(FileDescriptorProtoSchema, file)),
    names: (services ? lengthDelimited(services, 1) : []).flatMap((service) =>
      lengthDelimited(service, 1).map((name) => Buffer.from(name).toString()),
    ),
    errorCode: error === undefined ? null : (error[1] ?? null),
  };
}

function lengthDelimited(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const reader = new BinaryReader(bytes);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === wanted && wireType === WireType.LengthDelimited) {
      found.push(reader.bytes());
    } else {
      reader.skip(wireType, number);
    }
  }
  return found;
}
