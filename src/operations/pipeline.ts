import type { DescMessage, Message, MessageShape } from '@bufbuild/protobuf';
import { AuthError, type FieldViolation } from '../domain/errors.ts';
import type { CallContext, Ports } from '../domain/ports.ts';
import type { Principal } from './access.ts';
import { auditOriginOf } from './audit-origin.ts';
import { deadlineOf, type IncomingCall, type ReadRequest, withDeadline } from './call.ts';
import type { CallObserver } from './call-observer.ts';
import { CallReport } from './call-report.ts';
import { deviceOf } from './device.ts';
import type { Failure } from './failure.ts';
import type { Limiter } from './limiter.ts';
import type { Operation, OperationDefinition, Service } from './operation.ts';
import type { TextReader } from './text.ts';

/** What a call is answered with. */
export type Answer = { readonly reply: Message } | { readonly failure: Failure };

export interface OperationsOptions {
  readonly services: readonly Service[];
  readonly ports: Ports;
  readonly observer: CallObserver;
  readonly limiter: Limiter;
}

/** Everything that can be called, and the one way in which all of it is answered. */
export class Operations {
  readonly services: readonly Service[];
  readonly observer: CallObserver;
  readonly #ports: Ports;
  readonly #limiter: Limiter;
  #refusal: Error | null = null;

  constructor({ services, ports, observer, limiter }: OperationsOptions) {
    this.services = services;
    this.observer = observer;
    this.#ports = ports;
    this.#limiter = limiter;
  }

  /** From now on every call is UNAVAILABLE, with this cause. Calls in flight are answered. */
  refuseAll(cause: Error): void {
    this.#refusal = cause;
  }

  /** Answers a call, within its deadline, and tells the observer. Never rejected. */
  async answer(operation: Operation, call: IncomingCall): Promise<Answer> {
    const report = new CallReport(this.observer, call.entrance, operation.method.name, call.arrivedAt, call);
    const deadlineAt = deadlineOf(call, operation.limits.longestMs);
    const context = {
      isAbandoned: () => call.isGone() || performance.now() >= deadlineAt,
      remainingMs: () => deadlineAt - performance.now(),
    };
    let reply: Message;
    try {
      if (this.#refusal !== null) {
        throw new AuthError('UNAVAILABLE', { cause: this.#refusal });
      }
      const request = call.read(report);
      reply = await withDeadline(deadlineAt, () =>
        operation.perform(request, { ports: this.#ports, limiter: this.#limiter, call, context, report }),
      );
    } catch (error) {
      return { failure: report.failed(error) };
    }
    report.succeeded();
    return { reply };
  }
}

/** One call on its way. */
export interface Passage {
  readonly ports: Ports;
  readonly limiter: Pick<Limiter, 'charge'>;
  readonly call: IncomingCall;
  readonly context: CallContext;
  /** Is told who calls, as soon as that is known. */
  readonly report: Pick<CallReport, 'identified' | 'origin'>;
}

/**
 * The steps of every call, in the order of the contract's checks (docs/contract.md, section 1): the text of
 * what was read is checked, the caller is identified, its limits are charged, and the rules do the rest. A caller that headers alone prove is asked before
 * any parameter is looked at, and whether it may do that to what they name, after.
 */
export async function perform<
  Input extends DescMessage,
  Output extends DescMessage,
  Parameters extends object,
  Caller extends Principal,
  Begun,
>(
  { method, access, limits, read, begin, run }: OperationDefinition<Input, Output, Parameters, Caller, Begun>,
  { readText, request }: { readonly readText: TextReader<Input>; readonly request: ReadRequest },
  { ports, limiter, call, context, report }: Passage,
): Promise<MessageShape<Output>> {
  const header = (name: string): string | null => call.header(name);
  let caller: Caller | undefined;
  if (access.opens !== 'api_key') {
    caller = await access.identify(ports, header);
    report.identified(caller, request.message);
  }
  const faults: FieldViolation[] = [...request.faults];
  const input = readText(request.message as MessageShape<Input>, header, faults);
  const parameters = read(input, faults, ports.rules);
  if (access.opens !== 'api_key') {
    access.admit?.(caller as Caller, parameters);
  }
  const begun = begin?.(ports, parameters);
  if (access.opens === 'api_key') {
    caller = await access.identify(ports, parameters);
    report.identified(caller, request.message);
  }
  if (limits.charges !== undefined) {
    const charged = { caller: caller as Caller, message: request.message, call };
    await limiter.charge(method.name, limits.charges, charged);
  }
  // What it writes is told in the audit log as this call's, whether it remembers that or not.
  const storage = ports.storage.causedBy(() => auditOriginOf(report.origin(), ports.clock.now()));
  const known = caller as Caller;
  const told = { ...context, device: () => deviceOf(known, request.message, call) };
  return run({ ...ports, storage }, parameters, known, told, begun as Begun);
}
