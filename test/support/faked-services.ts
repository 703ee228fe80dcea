import type { DescMessage, Message, MessageShape } from '@bufbuild/protobuf';
import type { AuthService } from '#gen/authflow/v1/auth_service_pb.js';
import type { OrganizationService } from '#gen/authflow/v1/organization_service_pb.js';
import type { FieldViolation } from '../../src/domain/errors.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { deadlineOf, type IncomingCall } from '../../src/operations/call.ts';
import type { AnsweredCall, CallObserver, FailedCall } from '../../src/operations/call-observer.ts';
import type { Operation, Service } from '../../src/operations/operation.ts';
import { Operations } from '../../src/operations/pipeline.ts';
import { SERVICES } from '../../src/operations/services.ts';
import { unlimited } from './limits.ts';

/** What a fake is told of its call. */
export interface FakedCall extends Pick<IncomingCall, 'header' | 'peerAddress' | 'forwardedAddress'> {
  readonly faults: readonly FieldViolation[];
  /** On the clock of `performance.now()`. */
  readonly deadlineAt: number;
  isAbandoned(): boolean;
}

/** A function for each method of a generated service, by its local name. */
export type Fakes<S extends { readonly method: Record<string, { input: DescMessage; output: DescMessage }> }> = {
  readonly [M in keyof S['method']]: (
    request: MessageShape<S['method'][M]['input']>,
    call: FakedCall,
  ) => Promise<MessageShape<S['method'][M]['output']>>;
};

export type AuthFakes = Fakes<typeof AuthService>;
export type OrganizationFakes = Fakes<typeof OrganizationService>;

/** What the observer of a test has seen. */
export interface Observed {
  readonly answered: AnsweredCall[];
  readonly failed: FailedCall[];
  readonly refusedConnection: string[];
}

/** The table of operations where functions of a test stand in for the rules, and what is told of the calls. */
export function fakedOperations(
  fakes: Partial<AuthFakes & OrganizationFakes>,
): Observed & { readonly operations: Operations } {
  const observed: Observed = { answered: [], failed: [], refusedConnection: [] };
  const observer: CallObserver = {
    answered: (call) => observed.answered.push(call),
    failed: (call) => observed.failed.push(call),
    refusedConnection: (port) => observed.refusedConnection.push(port),
  };
  const services = SERVICES.map((service): Service => {
    return { ...service, operations: service.operations.map((operation) => faked(operation, fakes)) };
  });
  return { ...observed, operations: new Operations({ services, ports: NO_PORTS, observer, limiter: unlimited() }) };
}

/** No fake touches them. */
const NO_PORTS = {} as Ports;

type Fake = (request: Message, call: FakedCall) => Promise<Message>;

function faked(operation: Operation, fakes: object): Operation {
  const fake: Fake | undefined = Reflect.get(fakes, operation.method.localName);
  return {
    ...operation,
    async perform({ message, faults }, { call, context }) {
      if (fake === undefined) {
        throw new Error(`The test fakes no ${operation.method.name}.`);
      }
      return fake(message, {
        faults,
        deadlineAt: deadlineOf(call, operation.limits.longestMs),
        isAbandoned: context.isAbandoned,
        header: (name) => call.header(name),
        peerAddress: () => call.peerAddress(),
        forwardedAddress: () => call.forwardedAddress(),
      });
    },
  };
}
