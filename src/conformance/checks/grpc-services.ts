import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Client, ServiceError } from '@grpc/grpc-js';
import { AccountService } from '#gen/authflow/v1/account_service_pb.js';
import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { SecondFactorService } from '#gen/authflow/v1/second_factor_service_pb.js';
import type { Check, GrpcPort } from '../check.ts';
import { demand, demandEqual, shown } from '../mismatch.ts';

const SECTION = '6 Beside the calls';
const SERVICES = [AuthService, AccountService, SecondFactorService];
const REPLY_TIMEOUT_MS = 15_000;
/** `ServingStatus` of grpc.health.v1. */
const SERVING = 1;

/** Health and reflection. Their messages are read by hand: their field numbers are the standard's. */
export const GRPC_CHECKS: readonly Check<GrpcPort>[] = [
  {
    section: SECTION,
    title: 'health: the server and its services are SERVING',
    async run({ client }) {
      for (const service of ['', ...SERVICES.map(({ typeName }) => typeName)]) {
        demandEqual(`the health of '${service}'`, SERVING, await healthOf(client, service));
      }
    },
  },
  ...['v1', 'v1alpha'].map(
    (version): Check<GrpcPort> => ({
      section: SECTION,
      title: `reflection ${version} lists and describes the services`,
      async run({ client }) {
        const names = servicesIn(await reflect(client, version, LIST_SERVICES, '*'));
        for (const { typeName, name: ofService, methods } of SERVICES) {
          demand(names.includes(typeName), typeName, shown(names.join(', ')));
          const files = filesIn(await reflect(client, version, FILE_CONTAINING_SYMBOL, typeName));
          const described = files.flatMap(({ service }) =>
            service.filter(({ name }) => name === ofService).flatMap(({ method }) => method.map(({ name }) => name)),
          );
          const expected = methods.map(({ name }) => name).join(', ');
          demandEqual(`the methods of ${ofService}`, expected, described.join(', '));
        }
      },
    }),
  ),
];

// Field numbers of ServerReflectionRequest and ServerReflectionResponse.
const FILE_CONTAINING_SYMBOL = 4;
const LIST_SERVICES = 7;
const FILE_DESCRIPTOR_RESPONSE = 4;
const LIST_SERVICES_RESPONSE = 6;

function healthOf(client: Client, service: string): Promise<number> {
  const request = new BinaryWriter().tag(1, WireType.LengthDelimited).string(service).finish();
  return new Promise((resolve, reject) => {
    const done = (error: ServiceError | null, bytes: Uint8Array = new Uint8Array()): void => {
      if (error !== null) {
        reject(error);
        return;
      }
      resolve(servingStatusIn(bytes));
    };
    const deadline = Date.now() + REPLY_TIMEOUT_MS;
    client.makeUnaryRequest('/grpc.health.v1.Health/Check', asBuffer, asIs, request, { deadline }, done);
  });
}

function servingStatusIn(answer: Uint8Array): number {
  const reader = new BinaryReader(answer);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.Varint) {
      return reader.int32();
    }
    reader.skip(type, field);
  }
  return 0;
}

/** One question of reflection, and the first answer to it. */
function reflect(client: Client, version: string, question: number, value: string): Promise<Uint8Array> {
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
  const request = new BinaryWriter().tag(question, WireType.LengthDelimited).string(value).finish();
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + REPLY_TIMEOUT_MS;
    const stream = client.makeBidiStreamRequest(path, asBuffer, asIs, { deadline });
    stream.on('error', reject);
    stream.on('data', (answer: Uint8Array) => {
      resolve(answer);
      stream.end();
    });
    stream.on('end', () => reject(new Error('The stream ended without an answer.')));
    stream.write(request);
  });
}

function servicesIn(answer: Uint8Array): readonly string[] {
  const list = fieldsOf(answer, LIST_SERVICES_RESPONSE).flatMap((response) => fieldsOf(response, 1));
  return list.flatMap((service) => fieldsOf(service, 1)).map((name) => Buffer.from(name).toString('utf8'));
}

function filesIn(answer: Uint8Array) {
  const files = fieldsOf(answer, FILE_DESCRIPTOR_RESPONSE).flatMap((response) => fieldsOf(response, 1));
  return files.map((file) => fromBinary(FileDescriptorProtoSchema, file));
}

/** The values of a field of bytes, text or messages. */
function fieldsOf(message: Uint8Array, number: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const values: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === number && type === WireType.LengthDelimited) {
      values.push(reader.bytes());
    } else {
      reader.skip(type, field);
    }
  }
  return values;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}

function asIs(bytes: Buffer): Uint8Array {
  return bytes;
}
