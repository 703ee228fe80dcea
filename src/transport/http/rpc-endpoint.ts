import { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import { AuthError } from '../../domain/errors.ts';
import type { Handlers } from '../handlers.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { readBody } from './request-body.ts';
import { type CallEndpointOptions, STOPPING } from './rest-endpoint.ts';
import type { Endpoint } from './route-index.ts';
import type { RpcServer } from './rpc-server.ts';

/** The bytes in front of a message of gRPC and gRPC-Web. */
const ENVELOPE_BYTES = 5;

/** The paths of the RPCs of both services, as `/authflow.v1.AuthService/Validate`. */
export function rpcPaths(): readonly string[] {
  return [AuthService, OrganizationService]
    .flatMap(({ methods }) => methods)
    .map((method) => `/${method.parent.typeName}/${method.name}`);
}

/**
 * The endpoint of all RPCs, by gRPC, gRPC-Web and Connect. The library behind it is loaded with the first of them:
 * it would make every start longer by more than a bare Node takes (performance.md, P9).
 */
export function rpcEndpoint(handlers: Handlers, options: CallEndpointOptions): Endpoint {
  const { guard, observer, isDraining } = options;
  let server: Promise<RpcServer> | null = null;
  return async (exchange) => {
    const reading = await readBody(exchange.request, MAX_MESSAGE_BYTES + ENVELOPE_BYTES);
    if (reading.outcome === 'broken') {
      return;
    }
    server ??= import('./rpc-server.ts').then(({ createRpcServer }) =>
      createRpcServer({ handlers, observer, onOriginRefused: (refused, apiKey) => guard.alarm(refused, apiKey) }),
    );
    const { serve } = await server;
    const refusal = isDraining() ? new AuthError('UNAVAILABLE', { message: STOPPING }) : guard.refusal(exchange);
    await serve(exchange, reading.outcome === 'read' ? reading.body : null, refusal);
  };
}
