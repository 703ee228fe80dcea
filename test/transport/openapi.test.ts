import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import {
  jsonSchema,
  type OpenApiDocument,
  type Operation,
  oddities,
  resolve,
  type Schema,
} from './http/openapi-document.ts';
import { type Ask, ask, type Reply } from './http/test-server.ts';
import { BY_MAIL_REFUSALS } from './matrix/accounts-by-mail.ts';
import { CALLS_BY_SESSION, SESSION_CALL_REFUSALS } from './matrix/accounts-by-session.ts';
import { formOf } from './matrix/auth-entrances.ts';
import { ADMIN_REFUSALS, SECOND_FACTOR_REFUSALS, SIX_CALL_REFUSALS } from './matrix/coverage.ts';
import type { Fields } from './matrix/entrance.ts';
import { HTTP_OPERATIONS, type HttpOperation, paramsOf, type UserCall } from './matrix/http-operations.ts';
import { LIMITED } from './matrix/limited.ts';
import { fillPath } from './matrix/organizations-entrances.ts';
import {
  type AdminWorld,
  createAdminWorld,
  goodAdminRequest,
  PROTECTED_ROLE,
  userOf,
} from './matrix/organizations-world.ts';
import { OUTAGES } from './matrix/outages.ts';
import type { RefusalScenario, Request } from './matrix/scenario.ts';
import { FACTOR_CALLS_BY_SESSION } from './matrix/second-factors.ts';
import { createWorld, type World } from './matrix/world.ts';

const OPERATIONS = HTTP_OPERATIONS.filter(({ isRpc }) => !isRpc);
const ADMIN_OPERATIONS = OPERATIONS.filter(({ path }) => !path.startsWith('/auth/'));

let server: TestServer;
let world: World;
let adminWorld: AdminWorld;
let document: OpenApiDocument;

beforeAll(async () => {
  server = await startTestServer({ settings: { protectedRoles: [PROTECTED_ROLE] } });
  world = await createWorld(server);
  adminWorld = await createAdminWorld(server);
  document = (await ask(server.httpAddress, '/openapi.json')).json as unknown as OpenApiDocument;
});

afterAll(() => server[Symbol.asyncDispose]());

describe.each(OPERATIONS)('$title', (operation) => {
  test('is documented', () => {
    const { operationId } = documented(operation);
    expect(operationId.replace(/ByQuery$/, '')).toBe(operation.call);
  });

  test('succeeds with the required parameters alone, in every way documented, with the body documented', async () => {
    for (const way of waysOf(operation)) {
      const { params, headers } = await requiredOf(operation);
      const reply = await send(operation, way, params, headers);
      expect({ way, params, text: reply.text }).toMatchObject({ text: expect.stringContaining('"statusCode":200') });
      expect(oddities(document, successSchema(operation), reply.json)).toEqual([]);
    }
  });

  test('is refused without any one of the required parameters, whose name it tells', async () => {
    for (const way of waysOf(operation)) {
      for (const name of requiredNames(operation)) {
        const { params, headers } = await requiredOf(operation);
        const { [name]: _, ...others } = params;
        const reply = await send(operation, way, others, headers);
        const expected =
          name === 'disclaimed'
            ? { error: 'DISCLAIMER_REQUIRED' }
            : {
                error: 'INVALID_ARGUMENT',
                violations: [{ field: name, message: expect.stringContaining('is required') }],
              };
        expect({ way, name, json: reply.json }).toMatchObject({ way, name, json: { statusCode: 400, ...expected } });
      }
    }
  });

  test('lists the reasons for which it is refused, and no other', () => {
    const scenarios: readonly { readonly call: string; readonly reason: string; readonly only?: string }[] = [
      ...SIX_CALL_REFUSALS,
      ...SESSION_CALL_REFUSALS,
      ...BY_MAIL_REFUSALS,
      ...SECOND_FACTOR_REFUSALS,
      ...ADMIN_REFUSALS,
      ...LIMITED,
    ];
    const given = new Set([
      ...scenarios.filter(({ call, only }) => call === operation.call && only !== 'rpc').map(({ reason }) => reason),
      ...OUTAGES.map(({ reason }) => reason),
      'METHOD_NOT_ALLOWED',
      ...(operation.method === 'GET' ? [] : ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'OVERLOADED']),
      ...(operation.path.includes('{') ? ['ROUTE_NOT_FOUND'] : []),
      // Shed before it is read, as are SignUp and Login (shedding.test.ts), which are OVERLOADED for another reason too.
      ...(operation.call === 'fooBar' ? ['OVERLOADED'] : []),
    ]);
    const { 200: _, ...errors } = documented(operation).responses;
    const listed = Object.values(errors).flatMap((error) => resolve(document, error)['x-reasons'] ?? []);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.sort()).toEqual([...given].sort());
  });

  test('refuses the method, the path, the body and the type of the body as documented', async () => {
    const { path, method, call } = operation;
    const { params, headers } = await requiredOf(operation);
    const { url } = fillPath(path, params);
    const type = { 'content-type': 'application/json' };
    const attempts: (Ask & { readonly path: string })[] = [{ path: url, method: 'PUT' }];
    if (path.includes('{')) {
      attempts.push({ path: url.replace(/[\w-]{36}/, 'no%20id'), method, headers });
    }
    if (method !== 'GET') {
      attempts.push({ path: url, method, headers: { ...headers, 'content-length': 1 }, body: 'x' });
      const body = `{"${call}":"${'x'.repeat(65_536)}"}`;
      attempts.push({ path: url, method, headers: { ...headers, ...type, 'content-length': body.length }, body });
    }
    for (const attempt of attempts) {
      expectDocumented(operation, await ask(server.httpAddress, attempt.path, attempt));
    }
  });

  test('bounds text and numbers where the server does', async () => {
    for (const [name, schema] of Object.entries(parametersOf(operation))) {
      for (const value of edgesOf(name, schema)) {
        const { params, headers } = await requiredOf(operation);
        const { json } = await send(operation, waysOf(operation)[0] ?? 'query', { ...params, [name]: value }, headers);
        const isRefused = json.error === 'PASSWORD_POLICY' || json.error === 'INVALID_ARGUMENT';
        const isDocumented = oddities(document, schema, value).length > 0;
        expect({ name, value, isRefused, json }).toMatchObject({ isRefused: isDocumented });
      }
    }
  });
});

describe('every refusal of the scenarios has the status, the headers and the body documented', () => {
  const play = async (operation: HttpOperation, { params, headers = {} }: Request): Promise<void> => {
    for (const way of waysOf(operation)) {
      expectDocumented(operation, await send(operation, way, params, headers));
    }
  };
  const isPlayable = ({
    overloaded = false,
    only = 'http port',
  }: Pick<RefusalScenario, 'overloaded' | 'only'>): boolean => !overloaded && only === 'http port';

  test.each<[string, readonly RefusalScenario<UserCall>[]]>([
    ['the six calls', SIX_CALL_REFUSALS],
    ['what a session opens', SESSION_CALL_REFUSALS],
    ['what mails have to do with', BY_MAIL_REFUSALS],
    ['second factors', SECOND_FACTOR_REFUSALS],
  ])('of %s', async (_, refusals) => {
    for (const scenario of refusals.filter(isPlayable)) {
      for (const operation of OPERATIONS.filter(({ call }) => call === scenario.call)) {
        await play(operation, await scenario.request(world));
      }
    }
  });

  test('of organizations and their users', async () => {
    for (const scenario of ADMIN_REFUSALS.filter(isPlayable)) {
      for (const operation of ADMIN_OPERATIONS.filter(({ call }) => call === scenario.call)) {
        await play(operation, await scenario.request(adminWorld));
      }
    }
  });
});

function expectDocumented(operation: HttpOperation, { status, headers, json, text }: Reply): void {
  const response = documented(operation).responses[status];
  expect({ title: operation.title, text, response }).toMatchObject({ response: expect.anything() });
  const { 'x-reasons': reasons = [], content, headers: told = {} } = resolve(document, response ?? { $ref: '#' });
  expect(oddities(document, jsonSchema(document, content), json)).toEqual([]);
  expect(json.statusCode).toBe(status);
  expect(reasons).toContain(json.error);
  for (const [name, header] of Object.entries(told)) {
    const { required = false, schema } = resolve(document, header);
    const value = headers[name.toLowerCase()];
    expect({ name, isThere: value !== undefined }).toEqual({ name, isThere: required || value !== undefined });
    expect(value).toBe(schema.const ?? value);
  }
}

function documented({ path, method }: HttpOperation): Operation {
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (operation === undefined) {
    throw new Error(`${method} ${path} is not documented.`);
  }
  return operation;
}

function successSchema(operation: HttpOperation): Schema {
  return jsonSchema(document, resolve(document, documented(operation).responses[200] ?? { $ref: '#' }).content);
}

type Way = 'query' | 'application/json' | 'application/x-www-form-urlencoded';

/** The ways of sending parameters that the document tells of an operation. */
function waysOf(operation: HttpOperation): readonly Way[] {
  const { requestBody } = documented(operation);
  return requestBody === undefined ? ['query'] : (Object.keys(requestBody.content) as Way[]);
}

/** The schemas of the parameters outside of the path. */
function parametersOf(operation: HttpOperation): Readonly<Record<string, Schema>> {
  const { parameters, requestBody } = documented(operation);
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  return {
    ...Object.fromEntries(inQuery.map(({ name, schema }) => [name, schema])),
    ...(requestBody === undefined ? {} : jsonSchema(document, requestBody.content).properties),
  };
}

function requiredNames(operation: HttpOperation): readonly string[] {
  const { parameters, requestBody } = documented(operation);
  const inQuery = parameters.filter((parameter) => parameter.in === 'query' && parameter.required);
  const inBody = requestBody === undefined ? [] : (jsonSchema(document, requestBody.content).required ?? []);
  return [...inQuery.map(({ name }) => name), ...inBody];
}

/** A request that is to succeed, with nothing but what the document demands; of Login's two the API key. */
async function requiredOf(operation: HttpOperation): Promise<Required<Request>> {
  const { params, headers } = await goodRequest(operation);
  const names = new Set([
    ...requiredNames(operation),
    'org_id',
    'key_id',
    'user_id',
    // Where the document leaves the choice between the two.
    ...(NEED_TENANT.has(operation.call) ? ['api_key'] : []),
    ...(TAKE_EITHER.has(operation.call) ? ['sessionToken', 'email'] : []),
    // What is changed is what is sent.
    ...(operation.method === 'PATCH' ? Object.keys(params).filter((name) => name !== 'update_mask') : []),
  ]);
  const demanded = Object.entries(params).filter(([name]) => names.has(name));
  return { params: Object.fromEntries(demanded), headers };
}

/** Those that need the key or the id of an organization, of which the document demands neither. */
const NEED_TENANT: ReadonlySet<string> = new Set([
  'login',
  ...CALLS_BY_SESSION.filter((call) => call !== 'me'),
  'changeEmail',
  'deleteAccount',
  ...FACTOR_CALLS_BY_SESSION,
]);

/** Those that take a session or a challenge, of which the document demands neither. */
const TAKE_EITHER: ReadonlySet<string> = new Set(['enableTotp', 'confirmTotp']);

async function goodRequest({ call }: HttpOperation): Promise<Required<Request>> {
  const admin = ADMIN_OPERATIONS.find((operation) => operation.call === call);
  if (admin === undefined) {
    // Some of these requests change the password of the user, or end the session that they show.
    const ada = await world.newUser();
    const own = { ...world, ada, adaSession: await world.session(ada) };
    return { params: await paramsOf(call as UserCall, own), headers: {} };
  }
  const { params, headers } = goodAdminRequest(call as Parameters<typeof goodAdminRequest>[0], adminWorld);
  const email = world.newEmail();
  if (call === 'createOrganization') {
    return { params: { name: email }, headers };
  }
  // Some of these delete their user.
  const user = 'user_id' in params ? { user_id: await userOf(server, adminWorld.acme.orgId, [], email) } : {};
  return { params: { ...params, ...user, ...(call === 'createUser' ? { email } : {}) }, headers };
}

function send({ path, method }: HttpOperation, way: Way, params: Fields, headers: Ask['headers'] = {}): Promise<Reply> {
  const { url, rest } = fillPath(path, params);
  if (way === 'query') {
    return ask(server.httpAddress, `${url}?${formOf(rest)}`, { method, headers });
  }
  const body = way === 'application/json' ? JSON.stringify(rest) : String(formOf(rest));
  return ask(server.httpAddress, url, { method, headers: { 'content-type': way, ...headers }, body });
}

/** Values on and beyond the bounds of a parameter, good in any other way. */
function edgesOf(name: string, { type, minLength, maxLength, minimum, maximum }: Schema): readonly (string | number)[] {
  if (type === 'integer') {
    return [minimum, maximum].flatMap((bound) => (bound === undefined ? [] : [bound - 1, bound, bound + 1]));
  }
  const lengths = [
    ...(minLength === undefined ? [] : [minLength - 1, minLength]),
    ...(maxLength === undefined ? [] : [maxLength, maxLength + 1]),
  ];
  return lengths.map((length) => textOf(name, length));
}

function textOf(name: string, length: number): string {
  switch (name) {
    case 'email':
    case 'identity':
      return `${'a'.repeat(length - 12)}@example.com`;
    case 'password':
    case 'newPassword':
    case 'currentPassword':
      return 'Aa1-'.padEnd(length, 'x');
    default:
      // Code points are counted, and not what they are made of.
      return '😀'.repeat(length);
  }
}
