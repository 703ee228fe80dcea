import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import type { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import type { Ports } from '../domain/ports.ts';
import { createAuthHandlers } from './auth-handlers.ts';
import type { IncomingCall } from './call.ts';
import { createOrganizationHandlers } from './organization-handlers.ts';

/** The operations behind every entrance: a protobuf message in, one out, or an AuthError. */
export interface Handlers {
  readonly auth: AuthHandlers;
  readonly organization: OrganizationHandlers;
}

export type AuthHandlers = ServiceHandlers<typeof AuthService>;
export type OrganizationHandlers = ServiceHandlers<typeof OrganizationService>;

/** One function for each unary method of a generated service, by its local name. */
export type ServiceHandlers<S extends UnaryService> = {
  readonly [M in keyof S['method']]: (
    request: MessageShape<S['method'][M]['input']>,
    call: IncomingCall,
  ) => Promise<MessageShape<S['method'][M]['output']>>;
};

interface UnaryService {
  readonly method: Record<string, { readonly input: DescMessage; readonly output: DescMessage }>;
}

/**
 * The handlers over the rules. They read credentials and text, ask one use case, and shape its answer. They keep no
 * deadline: that is the entrance's part ({@link withDeadline}).
 */
export function createHandlers(ports: Ports): Handlers {
  return { auth: createAuthHandlers(ports), organization: createOrganizationHandlers(ports) };
}
