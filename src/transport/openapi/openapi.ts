import type { DescField } from '@bufbuild/protobuf';
import type { FurtherPath, Operation, RestMethod, Service } from '../../operations/operation.ts';
import { pathParameters } from '../http/route-index.ts';
import { ERROR_HEADERS, ERROR_SCHEMAS, errorResponses } from './openapi-errors.ts';
import {
  commentOf,
  fieldComment,
  fieldSchema,
  type Json,
  type JsonObject,
  partSchemas,
  reference,
  replySchema,
  requestSchema,
} from './openapi-schemas.ts';

/**
 * {@link openApiDocument} as JSON, made when it is first asked for and then kept: most servers are never asked, and
 * making it takes milliseconds, which strangers must not be able to ask for again and again.
 */
export function openApiSource(services: readonly Service[], version: string): () => string {
  let text: string | null = null;
  return () => {
    text ??= JSON.stringify(openApiDocument(services, version));
    return text;
  };
}

/**
 * The OpenAPI 3.1 document of everything under `/auth` and `/organizations`, made from the table of operations and the
 * comments of the protos. It tells the one way of sending parameters that generated clients need: in the query of a
 * GET or DELETE and in the body of a POST or PATCH, although the server takes more.
 */
function openApiDocument(services: readonly Service[], version: string): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  const schemas: Record<string, Json> = {};
  const responses: Record<string, Json> = {};
  for (const service of services) {
    for (const operation of service.operations) {
      for (const { path, ...called } of placesOf(operation)) {
        const described = paths[path] ?? {};
        const there = { ...operation, rest: { ...operation.rest, path, summary: called.summary } };
        for (const method of operation.rest.methods) {
          described[method.toLowerCase()] = describe(service, there, { method, name: called.name });
          Object.assign(responses, errorResponses(operation, method).components);
        }
        paths[path] = described;
      }
      Object.assign(schemas, messageSchemas(service, operation));
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'AuthFlow',
      version,
      description: INFO,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The server that gave this document.' }],
    tags: services.map(({ title, descriptor }) => ({ name: title, description: commentOf(descriptor.typeName) })),
    paths,
    components: {
      schemas: { ...schemas, ...ERROR_SCHEMAS },
      responses,
      headers: ERROR_HEADERS,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const INFO = [
  'Authentication for the users of your backend. Called by backends, never by browsers.',
  'Ids are UUIDs in lower case, accepted in any case. Instants are RFC 3339 in whole seconds, UTC. The empty string means "not given". Unknown parameters are ignored.',
  'Lengths are counted in Unicode code points: those of names after trimming, those of new passwords after NFC. E-mails have at most 254 bytes, tried passwords at most 1,024.',
  'An API key is sent as the parameter api_key or in a header, a session as the parameter sessionToken or as `Authorization: Bearer`; what is sent twice must be equal. A POST takes parameters in its query too.',
].join('\n\n');

const SECURITY_SCHEMES = {
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: 'The API key of the organization (`af_…`), in place of the parameter api_key.',
  },
  apiKeyBearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'The API key of the organization (`af_…`), in place of the parameter api_key.',
  },
  managementKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'A management key of the organization (`afm_…`).',
  },
  adminToken: {
    type: 'http',
    scheme: 'bearer',
    description: "The server's admin token (`afadm_…`). An API key never stands in for it.",
  },
} as const;

/** By what opens an operation. A key may also be a parameter, so that no header is demanded for it. */
const SECURITY = {
  api_key: [{ apiKey: [] }, { apiKeyBearer: [] }, {}],
  admin_token: [{ adminToken: [] }],
  admin_token_or_setting: [{ adminToken: [] }, {}],
  management_key: [{ adminToken: [] }, { managementKey: [] }],
} as const;

/** Every path of an operation, with what it is called there. */
function placesOf({ method, rest }: Operation): readonly FurtherPath[] {
  return [{ path: rest.path, name: method.localName, summary: rest.summary }, ...(rest.morePaths ?? [])];
}

function describe(
  service: Service,
  operation: Operation,
  { method, name }: { readonly method: RestMethod; readonly name: string },
): JsonObject {
  const { method: rpc, rest, opens } = operation;
  const inPath = rpc.input.fields.filter(({ jsonName }) => pathParameters(rest.path).includes(jsonName));
  const others = otherParameters(operation);
  const hasBody = takesBody(method) && others.length > 0;
  const inQuery = takesBody(method) ? [] : others;
  const isSecondWay = method === 'GET' && rest.methods.includes('POST');
  return {
    operationId: isSecondWay ? `${name}ByQuery` : name,
    tags: [service.title],
    summary: isSecondWay ? `${rest.summary}, by query parameters` : rest.summary,
    description: descriptionOf(operation, isSecondWay),
    security: opens === 'api_key' && !takesKey(operation) ? [] : SECURITY[opens],
    parameters: [
      ...inPath.map((field) => parameter(operation, field, 'path')),
      ...inQuery.map((field) => parameter(operation, field, 'query')),
    ],
    ...(hasBody ? { requestBody: requestBody(operation) } : {}),
    responses: {
      '200': {
        description: commentOf(rpc.output.typeName),
        content: { 'application/json': { schema: reference('schemas', rpc.output.name) } },
      },
      ...errorResponses(operation, method).byStatus,
    },
  };
}

/** What the token of a mail opens takes no key. */
function takesKey({ method }: Operation): boolean {
  return method.input.fields.some(({ jsonName }) => jsonName === 'api_key');
}

/** The comment of the call, whose errors are told by status, and what holds of HTTP alone. */
function descriptionOf({ method, rest }: Operation, isSecondWay: boolean): string {
  const paragraphs = commentOf(`${method.parent.typeName}.${method.name}`).split('\n\n');
  return [
    ...paragraphs.filter((paragraph) => !paragraph.startsWith('Errors: ')),
    ...(rest.note === undefined ? [] : [rest.note]),
    ...(isSecondWay ? ['Prefer POST: query strings end up in the logs of proxies.'] : []),
  ].join('\n\n');
}

function parameter({ rest }: Operation, field: DescField, place: 'path' | 'query'): JsonObject {
  const { description: _, ...schema } = fieldSchema(field, rest.bounds);
  const required = place === 'path' || (rest.required ?? []).includes(field.jsonName);
  return { name: field.jsonName, in: place, required, description: fieldComment(field), schema };
}

function requestBody({ method, rest }: Operation): JsonObject {
  const content = { schema: reference('schemas', method.input.name) };
  return {
    description: commentOf(method.input.typeName),
    required: (rest.required ?? []).length > 0,
    content: { 'application/json': content, 'application/x-www-form-urlencoded': content },
  };
}

/** The schemas of what an operation takes and gives, by name. */
function messageSchemas(service: Service, operation: Operation): JsonObject {
  const { method, rest } = operation;
  const { input, output } = method;
  const parameters = otherParameters(operation);
  const hasBody = rest.methods.some(takesBody) && parameters.length > 0;
  return {
    ...(hasBody ? { [input.name]: requestSchema(input, parameters, rest) } : {}),
    ...partSchemas(output, service),
    [output.name]: replySchema(output, service),
  };
}

function takesBody(method: RestMethod): boolean {
  return method === 'POST' || method === 'PATCH';
}

/** Those that do not stand in the path. */
function otherParameters({ method, rest }: Operation): readonly DescField[] {
  const inPath = pathParameters(rest.path);
  return method.input.fields.filter(({ jsonName }) => !inPath.includes(jsonName));
}
