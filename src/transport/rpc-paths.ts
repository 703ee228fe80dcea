import type { DescMethod } from '@bufbuild/protobuf';
import type { Operation, Service } from '../operations/operation.ts';

/** The path of a method, as `/authflow.v1.AuthService/Validate`. */
export function rpcPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** Every operation of the services, by the path of its RPC. */
export function byRpcPath(services: readonly Service[]): ReadonlyMap<string, Operation> {
  const operations = services.flatMap((service) => service.operations);
  return new Map(operations.map((operation) => [rpcPath(operation.method), operation]));
}
