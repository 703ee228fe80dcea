import { isUtf8 } from 'node:buffer';
import { type DescMessage, type Message, ScalarType } from '@bufbuild/protobuf';
import { AuthError, type FieldViolation } from '../../domain/errors.ts';
import type { ReadRequest } from '../../operations/call.ts';
import { readJsonObject } from './json-object.ts';

/**
 * The parameters of a call under `/auth` or `/organizations` (docs/contract.md, section 1): from the path, the query and
 * a JSON or form body, merged. Faults that belong to one field are collected for the use case, which adds its own;
 * what cannot be read at all is INVALID_ARGUMENT at once.
 */

/** Where the parameters of one request come from. */
export interface ParameterSources {
  readonly path: ReadonlyMap<string, string>;
  /** As sent, without the '?'. */
  readonly query: string;
  /** Null when there is none. */
  readonly body: Uint8Array | null;
  readonly bodyKind: BodyKind;
}

export type BodyKind = 'json' | 'form';

export type ParameterReader = (sources: ParameterSources) => ReadRequest;

interface Parameter {
  readonly name: string;
  readonly localName: string;
  readonly kind: 'text' | 'flag' | 'number' | 'list';
}

/** The reader of a request message, with its descriptor read once. Throws INVALID_ARGUMENT for what is unreadable. */
export function parameterReader(desc: DescMessage): ParameterReader {
  const parameters = parametersOf(desc);
  const names = new Set(parameters.map(({ name }) => name));
  const maskable = maskableOf(desc);
  return (sources) => {
    const faults: FieldViolation[] = [];
    const given: Source[] = [];
    if (sources.path.size > 0) {
      given.push({ part: 'path', values: sources.path });
    }
    if (sources.query !== '') {
      given.push({ part: 'query', values: readForm(sources.query, 'query', names, faults) });
    }
    if (sources.body !== null && sources.body.length > 0) {
      given.push({ part: 'body', values: readBody(sources.body, sources.bodyKind, names, faults) });
    }
    // A message as `create` makes it: every field of these is a scalar or a list, and set. It would cost a third of the reading.
    const message: Record<string, unknown> & Message = { $typeName: desc.typeName };
    for (const { name, localName, kind } of parameters) {
      message[localName] = convert(name, kind, merge(name, kind, given, faults), faults);
    }
    if (maskable !== null && !given.some(({ values }) => values.has(MASK))) {
      message.updateMask = maskable.filter((name) =>
        given.some(({ part, values }) => part !== 'path' && values.has(name)),
      );
    }
    return { message, faults };
  };
}

/** Names which fields a call changes; where it is not sent, those are changed that are. */
const MASK = 'update_mask';

/** The parameters that a mask may name: those after it. Null for a message without one. */
function maskableOf({ fields }: DescMessage): readonly string[] | null {
  const mask = fields.findIndex(({ jsonName }) => jsonName === MASK);
  return mask === -1 ? null : fields.slice(mask + 1).map(({ jsonName }) => jsonName);
}

function parametersOf(desc: DescMessage): readonly Parameter[] {
  return desc.fields.map((field) => {
    const { jsonName: name, localName } = field;
    if (field.fieldKind === 'list' && field.scalar === ScalarType.STRING) {
      return { name, localName, kind: 'list' };
    }
    switch (field.fieldKind === 'scalar' ? field.scalar : undefined) {
      case ScalarType.STRING:
        return { name, localName, kind: 'text' };
      case ScalarType.BOOL:
        return { name, localName, kind: 'flag' };
      case ScalarType.INT32:
        return { name, localName, kind: 'number' };
      default:
        throw new Error(`A parameter cannot have the type of ${field.toString()}.`);
    }
  });
}

/** The values that one part of the request gives. */
interface Source {
  readonly part: 'path' | Part;
  readonly values: Values;
}

/** Values by name. */
interface Values {
  get(name: string): unknown;
  has(name: string): boolean;
}

/**
 * Query and form alike: `application/x-www-form-urlencoded`, decoded strictly. The faults are at most one for each name
 * that we know and one for all others, however often they are repeated.
 */
function readForm(text: string, part: Part, names: ReadonlySet<string>, faults: FieldViolation[]): Values {
  const values = new Map<string, string>();
  // Only compared with each other, and no longer once one was repeated.
  const others = new Set<string>();
  let unsuitable: string | null = null;
  for (let start = 0; start < text.length; ) {
    const ampersand = text.indexOf('&', start);
    const end = ampersand === -1 ? text.length : ampersand;
    const pair = text.slice(start, end);
    start = end + 1;
    if (pair === '') {
      continue;
    }
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals), part);
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1), part);
    if (names.has(name)) {
      if (values.has(name) && !faults.some(({ field }) => field === name)) {
        faults.push({ field: name, message: 'must be sent once' });
      }
      values.set(name, value);
    } else if (unsuitable === null) {
      unsuitable = name === '__proto__' ? FORBIDDEN : others.has(name) ? REPEATED : null;
      others.add(name);
    }
  }
  if (unsuitable !== null) {
    // An unknown name is not told back: it may hold anything.
    faults.push({ field: part, message: unsuitable });
  }
  return values;
}

const FORBIDDEN = 'must not hold the name __proto__';
const REPEATED = 'must hold every name once';

type Part = 'query' | 'body';

function decode(text: string, part: Part): string {
  if (!text.includes('%') && !text.includes('+')) {
    return text;
  }
  try {
    return decodeURIComponent(text.includes('+') ? text.replaceAll('+', ' ') : text);
  } catch {
    throw unreadable(part, 'must be percent-encoded UTF-8');
  }
}

function readBody(body: Uint8Array, kind: BodyKind, names: ReadonlySet<string>, faults: FieldViolation[]): Values {
  if (!isUtf8(body)) {
    throw unreadable('body', 'must be UTF-8');
  }
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  if (kind === 'form') {
    return readForm(text, 'body', names, faults);
  }
  const reading = readJsonObject(text);
  switch (reading.outcome) {
    case 'read': {
      const { object } = reading;
      return { get: (name) => object[name], has: (name) => Object.hasOwn(object, name) };
    }
    case 'not_an_object':
      throw unreadable('body', 'must be a JSON object');
    case 'repeated_key':
      throw unreadable('body', 'must hold every key once');
    case 'forbidden_key':
      throw unreadable('body', 'must not hold the key __proto__');
  }
}

/** The one value that the parts of the request agree on; undefined when none gives one. */
function merge(
  name: string,
  kind: Parameter['kind'],
  sources: readonly Source[],
  faults: FieldViolation[],
): string | undefined {
  let merged: string | undefined;
  let from: Source['part'] | undefined;
  let isTold = false;
  for (const { part, values } of sources) {
    const value = asText(name, kind, values.get(name), faults);
    if (value === undefined) {
      continue;
    }
    if (merged !== undefined && merged !== value && !isTold) {
      faults.push({ field: name, message: `must not have different values in ${from} and ${part}` });
      isTold = true;
    }
    merged = value;
    from ??= part;
  }
  return merged;
}

/** A value of the right type as text; undefined when it is missing, or is a fault. */
function asText(name: string, kind: Parameter['kind'], value: unknown, faults: FieldViolation[]): string | undefined {
  if (value === undefined || value === null || value === '') {
    return undefined;
  }
  if (typeof value === 'string') {
    return value;
  }
  if (kind === 'flag' && typeof value === 'boolean') {
    return String(value);
  }
  if (kind === 'number' && typeof value === 'number') {
    return String(value);
  }
  if (kind === 'list' && isTexts(value)) {
    // Joined as a form has them. An element with a comma would read as two.
    if (!value.some((text) => text.includes(','))) {
      return value.length === 0 ? undefined : value.join(',');
    }
    faults.push({ field: name, message: 'must hold no commas' });
    return undefined;
  }
  faults.push({ field: name, message: MUST_BE[kind] });
  return undefined;
}

const MUST_BE: Readonly<Record<Parameter['kind'], string>> = {
  text: 'must be a string',
  flag: 'must be a string or a boolean',
  number: 'must be a number, or a string of one',
  list: 'must be an array of strings, or one string with commas between them',
};

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

function convert(
  name: string,
  kind: Parameter['kind'],
  value: string | undefined,
  faults: FieldViolation[],
): string | boolean | number | readonly string[] {
  if (kind === 'text') {
    return value ?? '';
  }
  if (kind === 'list') {
    return value?.split(',') ?? [];
  }
  if (kind === 'number') {
    return value === undefined ? 0 : readNumber(name, value, faults);
  }
  // For `disclaimed` any other string is a refused disclaimer and not a fault (docs/contract.md, section 1).
  if (name !== 'disclaimed' && value !== undefined && value !== 'true' && value !== 'false') {
    faults.push({ field: name, message: 'must be true or false' });
  }
  return value === 'true';
}

function readNumber(name: string, value: string, faults: FieldViolation[]): number {
  if (!/^\d{1,9}$/.test(value)) {
    faults.push({ field: name, message: 'must be a whole number' });
    return 0;
  }
  return Number(value);
}

function unreadable(part: Part, message: string): AuthError {
  return new AuthError('INVALID_ARGUMENT', {
    message: `The ${part} ${message}.`,
    violations: [{ field: part, message }],
  });
}
