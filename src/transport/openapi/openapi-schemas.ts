import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import { comments } from '#gen/authflow/v1/comments.js';

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
  required: readonly string[],
): JsonObject {
  return {
    type: 'object',
    description: commentOf(desc.typeName),
    ...(required.length > 0 ? { required } : {}),
    properties: propertiesOf(parameters),
  };
}

/** The schema of a reply's body: the envelope of a success and the fields of its message. */
export function replySchema(desc: DescMessage): JsonObject {
  return {
    type: 'object',
    description: commentOf(desc.typeName),
    required: ['statusCode', 'message', ...alwaysWritten(desc)],
    properties: { statusCode: STATUS_CODE, message: MESSAGE, ...propertiesOf(desc.fields) },
  };
}

/** The schemas of the messages that a message is made of, by name. */
export function partSchemas(desc: DescMessage): Readonly<Record<string, JsonObject>> {
  const schemas: Record<string, JsonObject> = {};
  for (const { message } of desc.fields) {
    if (message !== undefined && message.typeName !== TimestampSchema.typeName) {
      Object.assign(schemas, partSchemas(message));
      schemas[message.name] = {
        type: 'object',
        description: commentOf(message.typeName),
        required: alwaysWritten(message),
        properties: propertiesOf(message.fields),
      };
    }
  }
  return schemas;
}

/** The schema of one field, with its comment. */
export function fieldSchema(field: DescField): JsonObject {
  return { ...typeOf(field), ...FORMATS[field.jsonName], ...LIMITS[limitOf(field)], description: fieldComment(field) };
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

const NEW_PASSWORD = { minLength: 8, maxLength: 32 } as const;
const TRIED_PASSWORD = { maxLength: 1024 } as const;
const PAGE_SIZE = { minimum: 0, maximum: 200, default: 50 } as const;

/** What the contract bounds, in code points, by message and JSON name. The server is asked about each in its test. */
const LIMITS: Readonly<Record<string, JsonObject>> = {
  'SignUpRequest.password': NEW_PASSWORD,
  'SignUpRequest.fullname': { minLength: 1, maxLength: 200 },
  'LoginRequest.password': TRIED_PASSWORD,
  'ChangePasswordRequest.newPassword': NEW_PASSWORD,
  'ChangePasswordRequest.currentPassword': TRIED_PASSWORD,
  'CreateOrganizationRequest.name': { minLength: 1, maxLength: 100 },
  'CreateApiKeyRequest.label': { maxLength: 100 },
  'ListOrganizationsRequest.page_size': PAGE_SIZE,
  'ListApiKeysRequest.page_size': PAGE_SIZE,
};

function limitOf({ parent, jsonName }: DescField): string {
  return `${parent.name}.${jsonName}`;
}

function propertiesOf(fields: readonly DescField[]): JsonObject {
  return Object.fromEntries(fields.map((field) => [field.jsonName, fieldSchema(field)]));
}

/** Every field but the instants of what may not have happened. */
function alwaysWritten({ fields }: DescMessage): string[] {
  return fields.map(({ jsonName }) => jsonName).filter((name) => name !== 'closed_at' && name !== 'revoked_at');
}

function typeOf(field: DescField): JsonObject {
  if (field.fieldKind === 'list' && field.message !== undefined) {
    return { type: 'array', items: reference('schemas', field.message.name) };
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
