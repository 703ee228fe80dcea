import type { DescField } from '@bufbuild/protobuf';
import { pathParameters, type RestMethod, type RestRoute } from '../rest/rest-routes.ts';
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
export function openApiSource(routes: readonly RestRoute[], version: string): () => string {
  let text: string | null = null;
  return () => {
    text ??= JSON.stringify(openApiDocument(routes, version));
    return text;
  };
}

/**
 * The OpenAPI 3.1 document of everything under `/auth` and `/organizations`, made from the routes themselves and the
 * comments of the protos. It tells the one way of sending parameters that generated clients need: in the query of a
 * GET or DELETE and in the body of a POST, although the server takes more.
 */
export function openApiDocument(routes: readonly RestRoute[], version: string): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  const schemas: Record<string, Json> = {};
  const responses: Record<string, Json> = {};
  for (const route of routes) {
    const operations = paths[route.path] ?? {};
    for (const method of route.methods) {
      operations[method.toLowerCase()] = operation(route, method);
      Object.assign(responses, errorResponses(route, method).components);
    }
    paths[route.path] = operations;
    Object.assign(schemas, messageSchemas(route));
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
    tags: [
      { name: 'Auth', description: commentOf('authflow.v1.AuthService') },
      { name: 'Organizations', description: commentOf('authflow.v1.OrganizationService') },
    ],
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
  admin_token_or_open: [{ adminToken: [] }, {}],
} as const;

function operation(route: RestRoute, method: RestMethod): JsonObject {
  const { rpc, path, summary, access } = route;
  const inPath = rpc.input.fields.filter(({ jsonName }) => pathParameters(path).includes(jsonName));
  const others = otherParameters(route);
  const hasBody = method === 'POST' && others.length > 0;
  const inQuery = method === 'POST' ? [] : others;
  const isSecondWay = method === 'GET' && route.methods.includes('POST');
  return {
    operationId: isSecondWay ? `${rpc.localName}ByQuery` : rpc.localName,
    tags: [access === 'api_key' ? 'Auth' : 'Organizations'],
    summary: isSecondWay ? `${summary}, by query parameters` : summary,
    description: descriptionOf(route, isSecondWay),
    security: SECURITY[access],
    parameters: [
      ...inPath.map((field) => parameter(field, 'path', true)),
      ...inQuery.map((field) => parameter(field, 'query', route.required.includes(field.jsonName))),
    ],
    ...(hasBody ? { requestBody: requestBody(route) } : {}),
    responses: {
      '200': {
        description: commentOf(rpc.output.typeName),
        content: { 'application/json': { schema: reference('schemas', rpc.output.name) } },
      },
      ...errorResponses(route, method).byStatus,
    },
  };
}

/** The comment of the call, whose errors are told by status, and what holds of HTTP alone. */
function descriptionOf({ rpc, note }: RestRoute, isSecondWay: boolean): string {
  const paragraphs = commentOf(`${rpc.parent.typeName}.${rpc.name}`).split('\n\n');
  return [
    ...paragraphs.filter((paragraph) => !paragraph.startsWith('Errors: ')),
    ...(note === '' ? [] : [note]),
    ...(isSecondWay ? ['Prefer POST: query strings end up in the logs of proxies.'] : []),
  ].join('\n\n');
}

function parameter(field: DescField, place: 'path' | 'query', required: boolean): JsonObject {
  const { description: _, ...schema } = fieldSchema(field);
  return { name: field.jsonName, in: place, required, description: fieldComment(field), schema };
}

function requestBody({ rpc, required }: RestRoute): JsonObject {
  const content = { schema: reference('schemas', rpc.input.name) };
  return {
    description: commentOf(rpc.input.typeName),
    required: required.length > 0,
    content: { 'application/json': content, 'application/x-www-form-urlencoded': content },
  };
}

/** The schemas of what an operation takes and gives, by name. */
function messageSchemas(route: RestRoute): JsonObject {
  const { input, output } = route.rpc;
  const parameters = otherParameters(route);
  const hasBody = route.methods.includes('POST') && parameters.length > 0;
  return {
    ...(hasBody ? { [input.name]: requestSchema(input, parameters, route.required) } : {}),
    ...partSchemas(output),
    [output.name]: replySchema(output),
  };
}

/** Those that do not stand in the path. */
function otherParameters({ rpc, path }: RestRoute): readonly DescField[] {
  const inPath = pathParameters(path);
  return rpc.input.fields.filter(({ jsonName }) => !inPath.includes(jsonName));
}
