import type { DescMessage, DescMethodUnary, DescService, Message, MessageShape } from '@bufbuild/protobuf';
import type { ErrorReason, FieldViolation } from '../domain/errors.ts';
import type { Checked } from '../domain/parameters.ts';
import type { CallContext, Ports, Rules } from '../domain/ports.ts';
import type { Access, Principal } from './access.ts';
import type { ReadRequest } from './call.ts';
import type { Charges } from './charges.ts';
import { type Passage, perform } from './pipeline.ts';
import type { ShedClass } from './shedding.ts';
import { type SessionUse, textReader } from './text.ts';

/**
 * What a call is, said once: the entrances, the public description and the metrics read it from here. `Parameters` are what
 * the rules work with, `Caller` is whom `access` lets in, `Begun` what is
 * under way by then.
 */
export interface OperationDefinition<
  Input extends DescMessage,
  Output extends DescMessage,
  Parameters extends object,
  Caller extends Principal,
  Begun = undefined,
> {
  readonly method: DescMethodUnary<Input, Output>;
  readonly access: Access<NoInfer<Parameters>, Caller>;
  readonly limits: Limits;
  /** What a session token that is sent along is to it; by default a credential. */
  readonly session?: SessionUse;
  /** How an overloaded server refuses it before it is read; by default never. */
  readonly shedAs?: ShedClass;
  readonly rest: RestDescription;
  /** The reasons of its own, beside those that every operation has. */
  readonly reasons: readonly ErrorReason[];
  /** Checks the text of a request. Throws INVALID_ARGUMENT with `faults` and all that it finds itself. */
  read(input: MessageShape<Input>, faults: FieldViolation[], rules: Rules): Checked<Parameters>;
  /** Asks for what is needed whoever calls, while that is found out. Changes nothing, and throws nothing. */
  readonly begin?: (ports: Ports, parameters: Checked<Parameters>) => Begun;
  /** Does it. What it throws is what the caller is told. */
  run(
    ports: Ports,
    parameters: Checked<Parameters>,
    caller: Caller,
    call: CallContext,
    begun: Begun,
  ): Promise<MessageShape<Output>> | MessageShape<Output>;
}

/** What one call may take. */
export interface Limits {
  /** The longest deadline, in milliseconds: a longer one, or none, is cut to it. */
  readonly longestMs: number;
  /** What it is charged to; by default nothing: how often it is called is not limited. */
  readonly charges?: Charges;
}

export type RestMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** An operation as JSON over HTTP. */
export interface RestDescription {
  readonly methods: readonly RestMethod[];
  /** With parameters as `{org_id}`. */
  readonly path: string;
  /** Other paths of the same methods, which name more parameters; by default none. */
  readonly morePaths?: readonly FurtherPath[];
  /** What it does, in a few words. */
  readonly summary: string;
  /** The sentence of its success. */
  readonly success: string;
  /** What the comments in the protos do not say of it; by default nothing. */
  readonly note?: string;
  /** The parameters without which it is refused, beside those of the path; by default none. */
  readonly required?: readonly string[];
  /** What bounds a parameter, by its JSON name, in the words of JSON Schema; lengths in code points. */
  readonly bounds?: Readonly<Record<string, Bounds>>;
}

/** A further path of an operation, with what it is called there. */
export interface FurtherPath {
  readonly path: string;
  /** As a method of a generated client. */
  readonly name: string;
  readonly summary: string;
}

export interface Bounds {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: number;
}

/** An operation as the entrances see it: its definition, but for the types that are its own. */
export interface Operation {
  readonly method: DescMethodUnary;
  readonly opens: Access<never, Principal>['opens'];
  readonly limits: Limits;
  /** Null: never. */
  readonly shedAs: ShedClass | null;
  readonly rest: RestDescription;
  readonly reasons: readonly ErrorReason[];
  /** Does what a request asks for, by every step of the pipeline. Rejected with what the caller is told. */
  perform(request: ReadRequest, passage: Passage): Promise<Message>;
}

/** A service of the API with its operations: one for each of its methods. */
export interface Service {
  readonly descriptor: DescService;
  /** Its name for people, in one word. */
  readonly title: string;
  /** JSON names of fields of its replies that are left out where they have no value. */
  readonly sometimes: readonly string[];
  /** JSON names of ids of its replies that are there and empty where they have no value. */
  readonly mayBeEmpty: readonly string[];
  readonly operations: readonly Operation[];
}

/** Every path of an operation, its own first. */
export function pathsOf({ path, morePaths = [] }: RestDescription): readonly string[] {
  return [path, ...morePaths.map((further) => further.path)];
}

/** Makes an operation of its definition. */
export function operation<
  Input extends DescMessage,
  Output extends DescMessage,
  Parameters extends object,
  Caller extends Principal,
  Begun = undefined,
>(definition: OperationDefinition<Input, Output, Parameters, Caller, Begun>): Operation {
  const { method, access, limits, session = 'credential', shedAs = null, rest, reasons } = definition;
  const readText = textReader(method.input, session);
  return {
    method,
    opens: access.opens,
    limits,
    shedAs,
    rest,
    reasons,
    perform: (request, passage) => perform(definition, { readText, request }, passage),
  };
}
