import type { DescMethod } from '@bufbuild/protobuf';
import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';

/** The path of a method, as `/authflow.v1.AuthService/Validate`. */
export function rpcPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** The paths of all methods of both services. */
export function rpcPaths(): readonly string[] {
  return [AuthService, OrganizationService].flatMap(({ methods }) => methods.map(rpcPath));
}
