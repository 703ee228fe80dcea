import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import type { RestMethod } from '../../../src/operations/operation.ts';
import { SERVICES } from '../../../src/operations/services.ts';

/** A call of the table as a fuzzer needs it. */
export interface FuzzedCall {
  /** `/package.Service/Method`. */
  readonly rpc: string;
  readonly input: DescMessage;
  readonly rest: { readonly methods: readonly RestMethod[]; readonly path: string };
}

/** Every call that the server has, whatever service it is of. */
export const CALLS: readonly FuzzedCall[] = SERVICES.flatMap(({ operations }) =>
  operations.map(({ method, rest }) => ({
    rpc: `/${method.parent.typeName}/${method.name}`,
    input: method.input,
    rest: { methods: rest.methods, path: rest.path },
  })),
);

/** What a parameter may be sent as; what stands for JSON of any other shape is spelled out. */
export type Value = string | boolean | number;

/** One parameter: its name in JSON, its number in protobuf. */
export interface Parameter {
  readonly name: string;
  readonly number: number;
  readonly value: Value;
}

/** The parameters of a call with which it could succeed, of those values that are known by name. */
export function goodParameters({ input }: FuzzedCall, known: Readonly<Record<string, Value>>): readonly Parameter[] {
  return input.fields.map((field) => ({
    name: field.jsonName,
    number: field.number,
    value: known[field.jsonName] ?? fallback(field),
  }));
}

function fallback(field: DescField): Value {
  const scalar = field.fieldKind === 'scalar' ? field.scalar : ScalarType.STRING;
  if (scalar === ScalarType.BOOL) {
    return true;
  }
  return scalar === ScalarType.STRING ? '' : 1;
}
