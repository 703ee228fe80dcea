import type { DescService } from '@bufbuild/protobuf';
import type { Server, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { HealthImplementation } from 'grpc-health-check';
import { file_authflow_v1_error_reason } from '#gen/authflow/v1/error_reason_pb.js';
import { file_google_rpc_error_details } from '#gen/google/rpc/error_details_pb.js';
import { file_google_rpc_status } from '#gen/google/rpc/status_pb.js';
import { file_grpc_health_v1_health } from '#gen/grpc/health/v1/health_pb.js';
import type { Service } from '../../operations/operation.ts';
import { describedFiles } from './described-files.ts';

/** What reflection tells besides the services' own files, so that a caller needs nothing but the address. */
const FURTHER_FILES = [
  file_authflow_v1_error_reason,
  // The details of every error: without them grpcurl prints their bytes.
  file_google_rpc_error_details,
  file_google_rpc_status,
  // The health library's own descriptor has a map that protobuf's Go library refuses.
  file_grpc_health_v1_health,
];

/** The path of the one stream that may last: a watcher of health is told when it turns. */
export const WATCH_PATH = '/grpc.health.v1.Health/Watch';

/**
 * Health (`grpc.health.v1`) and reflection (v1 and v1alpha) of a server. Their libraries are loaded after the start:
 * they would make it longer by more than a bare Node takes (docs/performance.md, B9).
 */
export class AuxiliaryServices {
  readonly #services: readonly DescService[];
  #health: HealthImplementation | null = null;
  #isServing = true;

  constructor(services: readonly Service[]) {
    this.#services = services.map(({ descriptor }) => descriptor);
  }

  /** Adds both to a server. To be called once. */
  async load(server: Server): Promise<void> {
    const [{ HealthImplementation }, { ReflectionService }] = await Promise.all([
      import('grpc-health-check'),
      import('@grpc/reflection'),
    ]);
    this.#health = new HealthImplementation();
    this.#tellHealth();
    const bounded = withShortRequests(server);
    this.#health.addToServer(bounded);
    // All that @grpc/reflection reads of a definition are its files.
    const all = {
      format: 'Protocol Buffer 3 DescriptorProto',
      type: {},
      fileDescriptorProtos: describedFiles([...this.#services.map(({ file }) => file), ...FURTHER_FILES]),
    } as const;
    new ReflectionService({ all }).addToServer(bounded);
  }

  /** Turns the health of the server and of its services, for callers of Check and Watch alike. */
  setServing(isServing: boolean): void {
    this.#isServing = isServing;
    this.#tellHealth();
  }

  #tellHealth(): void {
    for (const name of ['', ...this.#services.map(({ typeName }) => typeName)]) {
      this.#health?.setStatus(name, this.#isServing ? 'SERVING' : 'NOT_SERVING');
    }
  }
}

/**
 * The server as both libraries see it, which do no more than add services to it. A request beyond the limit is
 * refused: they say back what they were asked for, reflection up to twice, and text that is not UTF-8 as three bytes
 * for each.
 */
function withShortRequests(server: Server): Server {
  return {
    addService: (service: ServiceDefinition, implementation: UntypedServiceImplementation) =>
      server.addService(Object.fromEntries(Object.entries(service).map(shortened)), implementation),
  } as Server;
}

/** The longest name of a service, symbol or file of ours has 51 bytes. */
const MAX_REQUEST_BYTES = 512;

function shortened([name, method]: [string, ServiceDefinition[string]]): [string, ServiceDefinition[string]] {
  const requestDeserialize = (bytes: Buffer): unknown => {
    if (bytes.length > MAX_REQUEST_BYTES) {
      throw new Error(`A request of health or reflection has at most ${MAX_REQUEST_BYTES} bytes.`);
    }
    return method.requestDeserialize(bytes);
  };
  return [name, { ...method, requestDeserialize }];
}
