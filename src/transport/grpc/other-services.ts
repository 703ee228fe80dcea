import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Server } from '@grpc/grpc-js';
import type { HealthImplementation } from 'grpc-health-check';
import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { file_authflow_v1_error_reason } from '#gen/authflow/v1/error_reason_pb.js';
import { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';

const SERVICES = [AuthService, OrganizationService];

/**
 * Health (`grpc.health.v1`) and reflection (v1 and v1alpha) of a server. Their libraries are loaded with the first
 * call to one of them: they would make every start longer by more than a bare Node takes (performance.md P9).
 */
export class OtherServices {
  readonly #server: Server;
  #health: HealthImplementation | null = null;
  #isServing = true;

  constructor(server: Server) {
    this.#server = server;
  }

  /** Adds both to the server. To be called once. */
  async load(): Promise<void> {
    const [{ HealthImplementation, service: health }, { ReflectionService }] = await Promise.all([
      import('grpc-health-check'),
      import('@grpc/reflection'),
    ]);
    this.#health = new HealthImplementation();
    this.#tellHealth();
    this.#health.addToServer(this.#server);
    const healthFiles = Object.values(health).flatMap(({ requestType }) => requestType.fileDescriptorProtos);
    // All that @grpc/reflection reads of a definition are its files.
    const fileDescriptorProtos = [...describedFiles(), ...healthFiles];
    const all = { format: 'Protocol Buffer 3 DescriptorProto', type: {}, fileDescriptorProtos } as const;
    new ReflectionService({ all }).addToServer(this.#server);
  }

  /** Turns the health of the server and of both its services, for callers of Check and Watch alike. */
  setServing(isServing: boolean): void {
    this.#isServing = isServing;
    this.#tellHealth();
  }

  #tellHealth(): void {
    for (const name of ['', ...SERVICES.map(({ typeName }) => typeName)]) {
      this.#health?.setStatus(name, this.#isServing ? 'SERVING' : 'NOT_SERVING');
    }
  }
}

function describedFiles(): Buffer[] {
  const files = new Set<DescFile>();
  const add = (file: DescFile): void => {
    files.add(file);
    file.dependencies.forEach(add);
  };
  [...SERVICES.map(({ file }) => file), file_authflow_v1_error_reason].forEach(add);
  return Array.from(files, ({ proto }) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)));
}
