import { type DescField, ScalarType } from '@bufbuild/protobuf';
import { type Fields, methodOf } from './entrance.ts';
import type { HttpOperation, HttpRequest } from './http-operations.ts';

/** A request that cannot be read, or not in one way. */
export interface Unreadable {
  readonly title: string;
  /** Added to the path. */
  readonly query: string;
  readonly contentType: string | null;
  readonly body: string | Uint8Array | null;
  /** The names that the refusal tells; null where they are the library's matter. */
  readonly violations: readonly string[] | null;
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const BROKEN_JSON: Readonly<Record<string, string | Uint8Array>> = {
  'an array': '[]',
  'a string': '"x"',
  null: 'null',
  'half an object': '{',
  'more than an object': '{}{}',
  'not UTF-8': Buffer.from('{"unknown":"é"}', 'latin1'),
};

const BROKEN_FORMS: Readonly<Record<string, string>> = {
  'half an escape': 'unknown=%',
  'an escape of what is not UTF-8': 'unknown=%c3%28',
  'an unknown name twice': 'unknown=a&unknown=a',
  'a forbidden name': '__proto__=a',
};

/** Of an operation under `/auth` or `/organizations`. */
export function unreadableRest(operation: HttpOperation, request: HttpRequest): readonly Unreadable[] {
  const { form, params } = request;
  const names = Object.keys(params);
  const inQuery = (title: string, query: string, violation: string): Unreadable => ({
    title: `query: ${title}`,
    query: `?${query}`,
    contentType: null,
    body: null,
    violations: [violation],
  });
  const inForm = (title: string, body: string | Uint8Array, violation: string): Unreadable => ({
    title: `form: ${title}`,
    query: '',
    contentType: FORM_TYPE,
    body,
    violations: [violation],
  });
  const inJson = (title: string, body: string | Uint8Array, violation: string, query = ''): Unreadable => ({
    title: `JSON: ${title}`,
    query,
    contentType: JSON_TYPE,
    body,
    violations: [violation],
  });
  const queries = [
    ...Object.entries(BROKEN_FORMS).map(([title, broken]) => inQuery(title, and(form, broken), 'query')),
    ...names.map((name) =>
      inQuery(`${name} twice`, and(form, `${name}=${encodeURIComponent(String(params[name]))}`), name),
    ),
  ];
  if (operation.method === 'GET') {
    return queries;
  }
  return [
    ...queries,
    ...Object.entries(BROKEN_FORMS).map(([title, broken]) => inForm(title, and(form, broken), 'body')),
    inForm('not UTF-8', Buffer.from(and(form, 'unknown=é'), 'latin1'), 'body'),
    ...names.map((name) =>
      inForm(`${name} twice`, and(form, `${name}=${encodeURIComponent(String(params[name]))}`), name),
    ),
    ...names.map((name) => ({ ...inForm(`another ${name} in the query`, form, name), query: `?${name}=another` })),
    ...Object.entries(BROKEN_JSON).map(([title, body]) => inJson(title, body, 'body')),
    inJson('a byte order mark', `\ufeff${JSON.stringify(params)}`, 'body'),
    inJson('a forbidden name', '{"__proto__":1}', 'body'),
    ...names.map((name) => inJson(`${name} twice`, `{"${name}":"a",${JSON.stringify(params).slice(1)}`, 'body')),
    ...names.map((name) => inJson(`a wrong type of ${name}`, JSON.stringify({ ...params, [name]: {} }), name)),
    ...textNames(operation, params).map((name) =>
      inJson(`${name} is no Unicode`, JSON.stringify({ ...params, [name]: 'a\ud800' }), name),
    ),
    ...names.map((name) => inJson(`another ${name} in the query`, JSON.stringify(params), name, `?${name}=another`)),
  ];
}

/** Of an RPC by Connect with JSON. */
export function unreadableConnectJson(operation: HttpOperation, { params }: HttpRequest): readonly Unreadable[] {
  const names = Object.keys(params);
  const bodies: Readonly<Record<string, string | Uint8Array>> = {
    ...BROKEN_JSON,
    ...Object.fromEntries(
      names.flatMap((name) => [
        [`${name} twice`, `{"${name}":${JSON.stringify(params[name])},${JSON.stringify(params).slice(1)}`],
        [`a wrong type of ${name}`, JSON.stringify({ ...params, [name]: [] })],
      ]),
    ),
    ...Object.fromEntries(
      textNames(operation, params).map((name) => [
        `${name} is no Unicode`,
        JSON.stringify({ ...params, [name]: 'a\ud800' }),
      ]),
    ),
  };
  return Object.entries(bodies).map(([title, body]) => ({
    title,
    query: '',
    contentType: JSON_TYPE,
    body,
    violations: null,
  }));
}

/** Messages that no request of any call is, in protobuf's own form. */
export const UNREADABLE_PROTOBUF: Readonly<Record<string, Uint8Array>> = {
  'no tag': Buffer.from([0xff, 0xff, 0xff]),
  'a length beyond the end': Buffer.from([0x12, 0x7f, 0x61]),
  'half a field': Buffer.from([0x12]),
};

function and(form: string, added: string): string {
  return form === '' ? added : `${form}&${added}`;
}

function textNames({ call }: HttpOperation, params: Fields): readonly string[] {
  return methodOf(call)
    .input.fields.filter(isText)
    .map(({ jsonName }) => jsonName)
    .filter((name) => name in params);
}

function isText(field: DescField): boolean {
  return field.fieldKind === 'scalar' && field.scalar === ScalarType.STRING;
}
