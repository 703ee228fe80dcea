/** What of `/openapi.json` the tests look at. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly version: string; readonly license: object };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Response>>;
    readonly headers: Readonly<Record<string, Header>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly object[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Response | Reference>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
}

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Header | Reference>>;
  readonly content: Content;
  readonly 'x-reasons'?: readonly string[];
}

export interface Header {
  readonly required?: boolean;
  readonly description: string;
  readonly schema: Schema;
}

export interface Reference {
  readonly $ref: string;
}

type Content = Readonly<Record<string, { readonly schema: Schema | Reference }>>;

/** The keywords of schemas that the document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly description?: string;
}

/** What a reference stands for, or the value itself when it is none. Throws for one that leads nowhere. */
export function resolve<T extends object>(document: OpenApiDocument, value: T | Reference): T {
  if (!('$ref' in value) || typeof value.$ref !== 'string') {
    return value as T;
  }
  let found: unknown = document;
  for (const name of value.$ref.replace(/^#\//, '').split('/')) {
    found = (found as Readonly<Record<string, unknown>>)[name];
    if (found === undefined) {
      throw new Error(`${value.$ref} leads nowhere.`);
    }
  }
  return found as T;
}

/** The schema of a JSON body. */
export function jsonSchema(document: OpenApiDocument, content: Content): Schema {
  return resolve(document, content['application/json']?.schema ?? { $ref: '#/no JSON' });
}

const FORMATS: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  email: /^[^\s@]+@[^\s@]+$/,
  password: /^/,
  int32: /^-?\d{1,10}$/,
  int64: /^-?\d{1,19}$/,
};

const KEYWORDS = new Set([
  ...['$ref', 'type', 'const', 'format', 'minLength', 'maxLength', 'minimum', 'maximum', 'required', 'properties'],
  ...['items', 'default', 'examples', 'description'],
]);

/** What a value has at odds with a schema, as sentences. A member that the schema does not name is at odds too. */
export function oddities(document: OpenApiDocument, schema: Schema, value: unknown, at = 'value'): string[] {
  const unknown = Object.keys(schema).filter((keyword) => !KEYWORDS.has(keyword));
  if (unknown.length > 0) {
    throw new Error(`No check of the keywords ${unknown.join(', ')}.`);
  }
  if (schema.$ref !== undefined) {
    return oddities(document, resolve<Schema>(document, schema as Reference), value, at);
  }
  if (schema.type !== typeOf(value)) {
    return [`${at} is of the type ${typeOf(value)} and not ${schema.type}`];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => oddities(document, schema.items ?? {}, item, `${at}[${index}]`));
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value);
    const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
    return [
      ...missing.map((name) => `${at}.${name} is missing`),
      ...members.flatMap(([name, member]) => {
        const known = schema.properties?.[name];
        return known === undefined
          ? [`${at}.${name} is not documented`]
          : oddities(document, known, member, `${at}.${name}`);
      }),
    ];
  }
  const { const: only, format, minimum = -Infinity, maximum = Infinity, minLength = 0, maxLength = Infinity } = schema;
  const length = typeof value === 'string' ? [...value].length : minLength;
  const isInRange = typeof value !== 'number' || (value >= minimum && value <= maximum);
  const isInFormat = format === undefined || (FORMATS[format] ?? /$^/).test(String(value));
  const isRight = isInRange && isInFormat && length >= minLength && length <= maxLength;
  return isRight && (only === undefined || only === value)
    ? []
    : [`${at} is not as ${JSON.stringify(schema)} wants it`];
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) {
    return 'array';
  }
  return Number.isInteger(value) ? 'integer' : typeof value;
}
