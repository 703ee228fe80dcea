import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import { comments } from '#gen/authflow/v1/comments.js';
import type { RestDescription, Service } from '../../operations/operation.ts';

/** A value of a JSON document. */
export type Json = string | number | boolean | readonly Json[] | JsonObject;

/** An object of a JSON document. */
export type JsonObject = { readonly [name: string]: Json };

/** The comment that a declaration has in its proto. Throws for one without. */
export function commentOf(fullName: string): string {
  const comment = comments[fullName];
  if (comment === undefined) {
    throw new Error(`There is no comment of ${fullName}: run npm run generate.`);
  }
  return comment;
}

/** The schema of a request's parameters. */
export function requestSchema(
  desc: DescMessage,
  parameters: readonly DescField[],
  { required = [], bounds }: RestDescription,
): JsonObject {
  return {
    type: 'object',
    description: commentOf(desc.typeName),
    ...(required.length > 0 ? { required } : {}),
    properties: propertiesOf(parameters, bounds),
  };
}

/** Which fields of replies may be missing, and which ids empty. */
export type Absences = Pick<Service, 'sometimes' | 'mayBeEmpty'>;

/** The schema of a reply's body: the envelope of a success and the fields of its message. */
export function replySchema(desc: DescMessage, absences: Absences): JsonObject {
  return {
    type: 'object',
    description: commentOf(desc.typeName),
    required: ['statusCode', 'message', ...alwaysWritten(desc, absences)],
    properties: { statusCode: STATUS_CODE, message: MESSAGE, ...repliedOf(desc.fields, absences) },
  };
}

/** The schemas of the messages that a message is made of, by name. */
export function partSchemas(desc: DescMessage, absences: Absences): Readonly<Record<string, JsonObject>> {
  const schemas: Record<string, JsonObject> = {};
  for (const { message } of desc.fields) {
    if (message !== undefined && message.typeName !== TimestampSchema.typeName) {
      Object.assign(schemas, partSchemas(message, absences));
      schemas[message.name] = {
        type: 'object',
        description: commentOf(message.typeName),
        required: alwaysWritten(message, absences),
        properties: repliedOf(message.fields, absences),
      };
    }
  }
  return schemas;
}

/** The schema of one field, with its comment and what bounds it. */
export function fieldSchema(field: DescField, bounds: RestDescription['bounds'] = {}): JsonObject {
  const bound: JsonObject = { ...bounds[field.jsonName] };
  return { ...typeOf(field), ...FORMATS[field.jsonName], ...bound, description: fieldComment(field) };
}

/** The comment of a field. */
export function fieldComment({ parent, name }: DescField): string {
  return commentOf(`${parent.typeName}.${name}`);
}

/** The sentence of an envelope. */
export const MESSAGE = { type: 'string', description: 'A sentence for people; it may be reworded.' } as const;

const STATUS_CODE = { type: 'integer', const: 200, description: 'Equal to the HTTP status.' } as const;

const UUID = { format: 'uuid' } as const;
const EMAIL = { format: 'email', maxLength: 254 } as const;
const PASSWORD = { format: 'password' } as const;

/** By JSON name: a name means the same in every message. */
const FORMATS: Readonly<Record<string, JsonObject>> = {
  org_id: UUID,
  user_id: UUID,
  session_id: UUID,
  key_id: UUID,
  email: EMAIL,
  identity: EMAIL,
  password: PASSWORD,
  newPassword: PASSWORD,
  currentPassword: PASSWORD,
};

function propertiesOf(fields: readonly DescField[], bounds?: RestDescription['bounds']): JsonObject {
  return Object.fromEntries(fields.map((field) => [field.jsonName, fieldSchema(field, bounds)]));
}

/** An id that may be empty has no form that always holds. */
function repliedOf(fields: readonly DescField[], { mayBeEmpty }: Absences): JsonObject {
  return Object.fromEntries(
    fields.map((field) => [
      field.jsonName,
      mayBeEmpty.includes(field.jsonName) ? { ...typeOf(field), description: fieldComment(field) } : fieldSchema(field),
    ]),
  );
}

function alwaysWritten({ fields }: DescMessage, { sometimes }: Absences): string[] {
  return fields.map(({ jsonName }) => jsonName).filter((name) => !sometimes.includes(name));
}

function typeOf(field: DescField): JsonObject {
  if (field.fieldKind === 'list' && field.message !== undefined) {
    return { type: 'array', items: reference('schemas', field.message.name) };
  }
  if (field.fieldKind === 'list' && field.scalar === ScalarType.STRING) {
    return { type: 'array', items: { type: 'string' } };
  }
  if (field.fieldKind === 'message') {
    return field.message.typeName === TimestampSchema.typeName
      ? { type: 'string', format: 'date-time' }
      : reference('schemas', field.message.name);
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return { type: 'string' };
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.INT32:
      return { type: 'integer', format: 'int32' };
    case ScalarType.UINT32:
      return { type: 'integer', format: 'int64', minimum: 0 };
    default:
      throw new Error(`No schema for the field ${field.toString()}.`);
  }
}

/** A reference to a component of the document. */
export function reference(kind: 'schemas' | 'responses' | 'headers', name: string): JsonObject {
  return { $ref: `#/components/${kind}/${name}` };
}
