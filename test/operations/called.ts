import type { DescMessage, Message, MessageShape } from '@bufbuild/protobuf';
import type { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import type { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import type { FieldViolation } from '../../src/domain/errors.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { AUTH } from '../../src/operations/auth.ts';
import type { CallOrigin } from '../../src/operations/call-observer.ts';
import type { HeaderReader } from '../../src/operations/credentials.ts';
import type { Operation, Service } from '../../src/operations/operation.ts';
import { ORGANIZATIONS } from '../../src/operations/organizations.ts';
import { unlimited } from '../support/limits.ts';

const ORIGIN: CallOrigin = {
  caller: null,
  orgId: null,
  keyId: null,
  address: '192.0.2.1',
  clientIp: '',
  userAgent: '',
  requestId: 'some request',
};

/** What an entrance knows of a call beside its message. */
export interface Called {
  readonly header: HeaderReader;
  readonly faults: readonly FieldViolation[];
}

/** Asks one operation, without an entrance and without a deadline. */
export function perform(operation: Operation, ports: Ports, message: Message, { header, faults }: Called) {
  const request = { message, faults };
  const call = {
    entrance: 'http',
    arrivedAt: 0,
    timeoutMs: null,
    header,
    peerAddress: () => '192.0.2.1',
    forwardedAddress: () => null,
    isGone: () => false,
    read: () => request,
  } as const;
  return operation.perform(request, {
    ports,
    limiter: unlimited(),
    call,
    context: { isAbandoned: () => false },
    report: { identified: () => {}, origin: () => ORIGIN },
  });
}

type Callable<S extends { readonly method: Record<string, { input: DescMessage; output: DescMessage }> }> = {
  readonly [M in keyof S['method']]: (
    request: MessageShape<S['method'][M]['input']>,
    call: Called,
  ) => Promise<MessageShape<S['method'][M]['output']>>;
};

/** The operations of both services as functions, by the local names of their methods. */
export function byLocalName(ports: Ports) {
  return {
    auth: callable(AUTH, ports) as unknown as Callable<typeof AuthService>,
    organization: callable(ORGANIZATIONS, ports) as unknown as Callable<typeof OrganizationService>,
  };
}

function callable({ operations }: Service, ports: Ports) {
  return Object.fromEntries(
    operations.map((operation) => [
      operation.method.localName,
      (message: Message, call: Called) => perform(operation, ports, message, call),
    ]),
  );
}
