import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import { AuthError, type ErrorReason } from '../../domain/errors.ts';
import { WIRE_CODES } from '../error-mapping.ts';
import { parametersOf } from './parameters.ts';
import { pathParameters, type RestMethod, type RestRoute } from './rest-routes.ts';

type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };

/** What every operation can answer besides its own reasons. */
const COMMON_REASONS: readonly ErrorReason[] = [
  'INVALID_ARGUMENT',
  'ORIGIN_REFUSED',
  'METHOD_NOT_ALLOWED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'DEADLINE_EXCEEDED',
  'UNAVAILABLE',
  'INTERNAL',
];

/** The OpenAPI 3.1 document of everything under `/auth` and `/organizations`, made from the routes themselves. */
export function openApiDocument(routes: readonly RestRoute[], version: string): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  const schemas: Record<string, Json> = { Error: ERROR_SCHEMA };
  for (const route of routes) {
    collectSchemas(route.output, schemas);
    const operations = paths[route.path] ?? {};
    for (const method of route.methods) {
      operations[method.toLowerCase()] = operation(route, method);
    }
    paths[route.path] = operations;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'AuthFlow',
      version,
      description: 'Authentication for the users of your backend. Called by backends, never by browsers.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas,
      securitySchemes: {
        apiKeyHeader: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'Under /auth an API key (af_…) or a session token; under /organizations the admin token.',
        },
      },
    },
  };
}

function operation(route: RestRoute, method: RestMethod): JsonObject {
  const inPath = new Set(pathParameters(route.path));
  const others = parametersOf(route.input).filter(({ name }) => !inPath.has(name));
  const properties = Object.fromEntries(others.map(({ name, kind }) => [name, PARAMETER_SCHEMAS[kind]]));
  const body = { schema: { type: 'object', properties } };
  return {
    operationId: route.methods.length > 1 ? `${route.name}_${method.toLowerCase()}` : route.name,
    security: route.needsAdminToken ? [{ bearer: [] }] : [{}, { apiKeyHeader: [] }, { bearer: [] }],
    parameters: [
      ...Array.from(inPath, (name) => ({ name, in: 'path', required: true, schema: PARAMETER_SCHEMAS.text })),
      ...others.map(({ name, kind }) => ({ name, in: 'query', schema: PARAMETER_SCHEMAS[kind] })),
    ],
    ...(method === 'POST'
      ? {
          requestBody: {
            description: 'In place of the query parameters, or beside them with equal values.',
            content: { 'application/json': body, 'application/x-www-form-urlencoded': body },
          },
        }
      : {}),
    responses: { '200': success(route.output), ...failures(route) },
  };
}

const PARAMETER_SCHEMAS = {
  text: { type: 'string' },
  flag: { type: ['string', 'boolean'], enum: ['true', 'false', true, false] },
  number: { type: 'integer', minimum: 0 },
} as const;

function success(output: DescMessage): JsonObject {
  return {
    description: 'Success.',
    content: {
      'application/json': {
        schema: {
          allOf: [
            {
              type: 'object',
              required: ['statusCode', 'message'],
              properties: { statusCode: { const: 200 }, message: { type: 'string' } },
            },
            { $ref: reference(output) },
          ],
        },
      },
    },
  };
}

/** The errors of an operation by HTTP status, each with its reasons. */
function failures(route: RestRoute): JsonObject {
  const reasons = [...COMMON_REASONS, ...(route.needsAdminToken ? ADMIN_REASONS : []), ...route.reasons];
  const statuses = new Set(reasons.map((reason) => WIRE_CODES[reason].http));
  return Object.fromEntries(
    Array.from(statuses, (status) => {
      const group = reasons.filter((reason) => WIRE_CODES[reason].http === status);
      return [
        String(status),
        {
          description: group.map((reason) => `${reason}: ${new AuthError(reason).message}`).join('\n\n'),
          content: {
            'application/json': {
              schema: {
                allOf: [
                  { $ref: '#/components/schemas/Error' },
                  { type: 'object', properties: { statusCode: { const: status }, error: { enum: group } } },
                ],
              },
            },
          },
        },
      ];
    }),
  );
}

const ADMIN_REASONS: readonly ErrorReason[] = ['ADMIN_TOKEN_INVALID'];

const ERROR_SCHEMA = {
  type: 'object',
  required: ['statusCode', 'error', 'message'],
  properties: {
    statusCode: { type: 'integer', description: 'Equal to the HTTP status.' },
    error: { type: 'string', description: 'The reason. Reasons will grow: act on the status for one you do not know.' },
    message: { type: 'string' },
    violations: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
} as const;

function collectSchemas(message: DescMessage, schemas: Record<string, Json>): void {
  if (message.typeName === TimestampSchema.typeName || schemas[message.name] !== undefined) {
    return;
  }
  schemas[message.name] = {
    type: 'object',
    required: message.fields.filter(isAlwaysWritten).map(({ jsonName }) => jsonName),
    properties: Object.fromEntries(message.fields.map((field) => [field.jsonName, fieldSchema(field)])),
  };
  for (const { message: part } of message.fields) {
    if (part !== undefined) {
      collectSchemas(part, schemas);
    }
  }
}

function isAlwaysWritten(field: DescField): boolean {
  return field.fieldKind !== 'message' || !field.jsonName.endsWith('ed_at');
}

function fieldSchema(field: DescField): Json {
  if (field.fieldKind === 'list' && field.message !== undefined) {
    return { type: 'array', items: { $ref: reference(field.message) } };
  }
  if (field.fieldKind === 'message') {
    return field.message.typeName === TimestampSchema.typeName
      ? { type: 'string', format: 'date-time' }
      : { $ref: reference(field.message) };
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return { type: 'string' };
    case ScalarType.BOOL:
      return { type: 'boolean' };
    default:
      return { type: 'integer', minimum: 0 };
  }
}

function reference(message: DescMessage): string {
  return `#/components/schemas/${message.name}`;
}
