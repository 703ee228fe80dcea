import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ERROR_REASONS, type ErrorReason } from '../../../src/domain/errors.ts';
import { WIRE_CODES } from '../../../src/transport/error-mapping.ts';
import { jsonSchema, type OpenApiDocument, type Operation, resolve, type Schema } from './openapi-document.ts';
import { ask, startTestServer } from './test-server.ts';

async function readDocument(): Promise<OpenApiDocument> {
  const { origin } = await startTestServer();
  return (await ask(origin, '/openapi.json')).json as unknown as OpenApiDocument;
}

function operationsOf({ paths }: OpenApiDocument): readonly (Operation & { readonly method: string })[] {
  return Object.values(paths).flatMap((item) =>
    Object.entries(item).map(([method, operation]) => ({ ...operation, method })),
  );
}

test('tells of every address of the calls with its methods, and of no other', async () => {
  const { paths, openapi, info, servers } = await readDocument();
  expect([openapi, info.version, servers[0]?.url]).toEqual(['3.1.0', '1.2.3', '/']);
  expect(info.license).toEqual({ name: 'Apache-2.0', identifier: 'Apache-2.0' });
  expect(Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, Object.keys(item)]))).toEqual({
    '/auth/fooBar': ['get', 'post'],
    '/auth/signUp': ['get', 'post'],
    '/auth/login': ['get', 'post'],
    '/auth/validate': ['get', 'post'],
    '/auth/changePassword': ['get', 'post'],
    '/auth/logout': ['get', 'post'],
    '/auth/me': ['get', 'post'],
    '/auth/update-profile': ['get', 'post'],
    '/auth/renew-session': ['get', 'post'],
    '/auth/sessions': ['get', 'post'],
    '/auth/end-sessions': ['get', 'post'],
    '/auth/resend-verify-email': ['get', 'post'],
    '/auth/verify-email': ['get', 'post'],
    '/auth/forgot-password': ['get', 'post'],
    '/auth/reset-password': ['get', 'post'],
    '/auth/change-email': ['get', 'post'],
    '/auth/deleteUser': ['get', 'post'],
    '/auth/login-code': ['get', 'post'],
    '/auth/2fa/enable': ['get', 'post'],
    '/auth/2fa/verify-setup': ['get', 'post'],
    '/auth/2fa/disable': ['get', 'post'],
    '/auth/2fa/recovery-codes': ['get', 'post'],
    '/auth/2fa/verify-2fa': ['get', 'post'],
    '/auth/2fa/backup/email': ['get', 'post'],
    '/auth/2fa/verify-email-otp': ['get', 'post'],
    '/auth/2fa/verify-recovery': ['get', 'post'],
    '/organizations': ['post', 'get'],
    '/organizations/{org_id}': ['get', 'patch'],
    '/organizations/{org_id}/close': ['post'],
    '/organizations/{org_id}/reopen': ['post'],
    '/organizations/{org_id}/keys': ['post', 'get'],
    '/organizations/{org_id}/keys/{key_id}': ['delete'],
    '/organizations/{org_id}/users': ['post', 'get'],
    '/organizations/{org_id}/users/{user_id}': ['get', 'patch', 'delete'],
    '/organizations/{org_id}/users/{user_id}/password': ['post'],
    '/organizations/{org_id}/users/{user_id}/disable': ['post'],
    '/organizations/{org_id}/users/{user_id}/enable': ['post'],
    '/organizations/{org_id}/users/{user_id}/unlock': ['post'],
    '/organizations/{org_id}/users/{user_id}/sessions': ['get', 'delete'],
    '/organizations/{org_id}/users/{user_id}/sessions/{session_id}': ['delete'],
    '/organizations/{org_id}/users/{user_id}/reset-second-factor': ['post'],
    '/organizations/{org_id}/users/{user_id}/mail-token': ['post'],
    '/organizations/{org_id}/users/{user_id}/impersonate': ['post'],
    '/audit-events': ['get'],
  });
});

test('names every operation as a method of a generated client', async () => {
  const document = await readDocument();
  expect(operationsOf(document).map(({ operationId, tags }) => `${tags.join()}.${operationId}`)).toEqual(
    [
      ...['fooBar', 'signUp', 'login', 'validate', 'changePassword', 'logout'].flatMap((call) => [
        `Auth.${call}ByQuery`,
        `Auth.${call}`,
      ]),
      ...[
        'me',
        'updateProfile',
        'renewSession',
        'listMySessions',
        'endMySessions',
        'sendVerificationEmail',
        'verifyEmail',
        'forgotPassword',
        'resetPassword',
        'changeEmail',
        'deleteAccount',
        'sendLoginCode',
      ].flatMap((call) => [`Accounts.${call}ByQuery`, `Accounts.${call}`]),
      ...[
        'enableTotp',
        'confirmTotp',
        'disableTotp',
        'regenerateRecoveryCodes',
        'verifyTotp',
        'sendEmailCode',
        'verifyEmailCode',
        'verifyRecoveryCode',
      ].flatMap((call) => [`SecondFactors.${call}ByQuery`, `SecondFactors.${call}`]),
      ...['createOrganization', 'listOrganizations', 'getOrganization', 'updateOrganization'],
      ...['closeOrganization', 'reopenOrganization'],
      ...['createApiKey', 'listApiKeys', 'revokeApiKey'],
    ]
      .map((name) => (name.includes('.') ? name : `Organizations.${name}`))
      .concat(
        ...['createUser', 'listUsers', 'getUser', 'updateUser', 'deleteUser', 'setPassword', 'disableUser'].map(
          ofUsers,
        ),
        ...['enableUser', 'unlockUser', 'listUserSessions', 'endUserSessions', 'endUserSession'].map(ofUsers),
        ...['resetSecondFactor', 'createMailToken', 'impersonate'].map(ofUsers),
        'Audit.listAuditEvents',
      ),
  );
  expect(document.tags.map(({ name }) => name)).toEqual([
    'Auth',
    'Accounts',
    'SecondFactors',
    'Organizations',
    'Users',
    'Audit',
  ]);
});

function ofUsers(call: string): string {
  return `Users.${call}`;
}

test('describes every operation, parameter, field, header and response', async () => {
  const document = await readDocument();
  const operations = operationsOf(document);
  expect(new Set(operations.map(({ summary }) => summary)).size).toBe(operations.length);
  const { schemas, headers, responses, securitySchemes } = document.components;
  const described: object[] = [
    ...operations.flatMap((operation) => [operation, ...operation.parameters]),
    ...operations.flatMap((operation) => Object.values(operation.responses).map((reply) => resolve(document, reply))),
    ...Object.values({ ...schemas, ...headers, ...responses, ...securitySchemes }),
    ...Object.values(schemas).flatMap(({ properties = {} }) => Object.values(properties)),
    ...document.tags,
  ];
  expect(described.filter((part) => !/\S.*[.`]$/m.test(String(Reflect.get(part, 'description'))))).toEqual([]);
  expect(JSON.stringify(document)).not.toContain('Errors: ');
});

test('demands the parameters that the protos call required, and no other', async () => {
  const document = await readDocument();
  for (const operation of operationsOf(document)) {
    const parameters = [...operation.parameters, ...bodyParameters(document, operation)];
    const demanded = parameters.filter(({ required }) => required).map(({ name }) => name);
    // What stands in a path is there, whatever the proto says of the call without it.
    const inPath = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    const called = parameters.filter(
      ({ name, description }) => inPath.includes(name) || /Required\b|^Must be true/.test(description ?? ''),
    );
    expect({ operation: operation.operationId, demanded }).toEqual({
      operation: operation.operationId,
      demanded: called.map(({ name }) => name),
    });
  }
});

interface NamedParameter {
  readonly name: string;
  readonly required: boolean;
  readonly description: string | undefined;
}

function bodyParameters(document: OpenApiDocument, { requestBody }: Operation): readonly NamedParameter[] {
  if (requestBody === undefined) {
    return [];
  }
  const { properties = {}, required = [] } = jsonSchema(document, requestBody.content);
  return Object.entries(properties).map(([name, { description }]) => ({
    name,
    required: required.includes(name),
    description,
  }));
}

test('tells of every parameter once: in the path, in the query of GET and DELETE, or in a JSON or form body', async () => {
  const document = await readDocument();
  for (const operation of operationsOf(document)) {
    const { operationId, method, parameters, requestBody } = operation;
    const places = new Set(parameters.map((parameter) => parameter.in).filter((place) => place !== 'path'));
    expect({ operationId, places: [...places] }).toEqual({
      operationId,
      places: method === 'post' || method === 'patch' ? [] : places.size ? ['query'] : [],
    });
    const inBody = bodyParameters(document, operation);
    const names = [...parameters, ...inBody].map(({ name }) => name).sort();
    expect({ operationId, names }).toEqual({ operationId, names: fieldsOf(operationId).toSorted() });
    if (requestBody !== undefined) {
      expect(['post', 'patch']).toContain(method);
      const { 'application/json': json, 'application/x-www-form-urlencoded': form, ...others } = requestBody.content;
      expect([form, others]).toEqual([json, {}]);
      expect(requestBody.required).toBe(inBody.some(({ required }) => required));
    }
  }
});

/** The parameters of a call by its proto. */
function fieldsOf(operationId: string): readonly string[] {
  const folder = join(import.meta.dirname, '../../../proto/authflow/v1');
  const protos = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const message = operationId
    .replace(/ByQuery$/, '')
    .replace(/^endUserSession$/, 'endUserSessions')
    .replace(/^./, (letter) => letter.toUpperCase());
  const [, body = ''] = new RegExp(`message ${message}Request \\{(.*?)\\n\\}`, 's').exec(protos.join('\n')) ?? [];
  return Array.from(
    body.matchAll(/^ {2}(?:repeated )?\w+ (\w+) = \d+(?: \[json_name = "(\w+)"\])?;/gm),
    ([, name = '', json]) => json ?? name,
  );
}

const BESIDE_THE_TOKEN: Readonly<Record<string, readonly object[]>> = {
  createOrganization: [{}],
  getOrganization: [{ managementKey: [] }],
  updateOrganization: [{ managementKey: [] }],
};

const BY_THE_TOKEN_OF_A_MAIL = new Set(['verifyEmail', 'resetPassword']);

test('tells what opens an operation', async () => {
  const document = await readDocument();
  const byKey = [{ apiKey: [] }, { apiKeyBearer: [] }, {}];
  for (const { operationId, tags, security } of operationsOf(document)) {
    const byManager = tags[0] === 'Users' ? [{ managementKey: [] }] : [];
    const byToken = [{ adminToken: [] }, ...(BESIDE_THE_TOKEN[operationId] ?? byManager)];
    const byMail = BY_THE_TOKEN_OF_A_MAIL.has(operationId.replace('ByQuery', ''));
    const underAuth = ['Auth', 'Accounts', 'SecondFactors'].includes(tags[0] ?? '');
    expect({ operationId, security }).toEqual({ operationId, security: byMail ? [] : underAuth ? byKey : byToken });
  }
  expect(document.components.securitySchemes).toMatchObject({
    apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    apiKeyBearer: { type: 'http', scheme: 'bearer' },
    adminToken: { type: 'http', scheme: 'bearer' },
  });
});

test('lists each reason under its status, with the headers that go with it', async () => {
  const document = await readDocument();
  const headersOf: Readonly<Record<string, readonly string[]>> = {
    401: ['WWW-Authenticate'],
    405: ['Allow'],
    429: ['Retry-After'],
  };
  const listed = new Set<string>();
  for (const { responses } of operationsOf(document)) {
    const { 200: success, ...errors } = responses;
    expect(success).toBeDefined();
    for (const [status, reference] of Object.entries(errors)) {
      const { 'x-reasons': reasons = [], headers = {}, description, content } = resolve(document, reference);
      expect(reasons.map((reason) => String(WIRE_CODES[reason as ErrorReason].http))).toEqual(
        reasons.map(() => status),
      );
      expect(Array.from(description.matchAll(/^- `([A-Z_]+)`: ./gm), ([, reason]) => reason)).toEqual(reasons);
      expect(Object.keys(headers)).toEqual(headersOf[status] ?? []);
      expect(content).toEqual({ 'application/json': { schema: { $ref: '#/components/schemas/Error' } } });
      for (const reason of reasons) {
        listed.add(reason);
      }
    }
  }
  expect(ERROR_REASONS.filter((reason) => !listed.has(reason))).toEqual([]);
});

test('gives fields the formats and bounds of the contract', async () => {
  const { schemas } = (await readDocument()).components;
  const property = (schema: string, name: string): Schema | undefined => schemas[schema]?.properties?.[name];
  expect(property('SignUpRequest', 'email')).toMatchObject({ type: 'string', format: 'email', maxLength: 254 });
  expect(property('SignUpRequest', 'password')).toMatchObject({ format: 'password', minLength: 8, maxLength: 32 });
  expect(property('SignUpRequest', 'disclaimed')).toMatchObject({ type: 'boolean' });
  expect(property('LoginRequest', 'org_id')).toMatchObject({ format: 'uuid' });
  expect(property('LoginResponse', 'expires_at')).toMatchObject({ type: 'string', format: 'date-time' });
  expect(property('ChangePasswordResponse', 'ended_sessions')).toMatchObject({ type: 'integer', minimum: 0 });
  expect(schemas.ValidateResponse?.required).toEqual([
    ...[
      'statusCode',
      'message',
      'email',
      'fullname',
      'org_id',
      'user_id',
      'session_id',
      'expires_at',
      'email_verified',
      'roles',
    ],
  ]);
  expect(schemas.Organization?.required).toEqual(['org_id', 'name', 'created_at']);
});

test('refers to components that are there, and has none that nothing refers to', async () => {
  const { components, ...rest } = await readDocument();
  const document = { ...rest, components };
  const references = new Set(
    Array.from(JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g), ([, path = '']) => path),
  );
  for (const $ref of references) {
    expect(resolve(document, { $ref })).toBeTypeOf('object');
  }
  const { securitySchemes: _, ...referred } = components;
  const names = Object.entries(referred).flatMap(([kind, parts]) =>
    Object.keys(parts).map((name) => `#/components/${kind}/${name}`),
  );
  expect(names.toSorted()).toEqual([...references].sort());
});
