import { AuthFlowClient, AuthFlowError, ERROR_REASONS, type SessionArguments, toAuthFlowError } from '@authflow/client';
import { AuthService } from '@authflow/stubs/authflow/v1/auth_service_pb';
import { ErrorReason } from '@authflow/stubs/authflow/v1/error_reason_pb';
import { OrganizationService } from '@authflow/stubs/authflow/v1/organization_service_pb';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { describe, expect, test } from 'vitest';
import {
  ADMIN,
  CLIENTS,
  newEmail,
  newOrganization,
  newSession,
  organizations,
  PASSWORD,
} from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { control, GRPC } from './support/stand.ts';

const FULLNAME = 'Ada Lovelace';

/** What a visitor is told of what is the backend's own fault. */
const UNAVAILABLE = { statusCode: 503, error: 'UNAVAILABLE', message: 'Please try again later.' };

test('the known reasons are those of the proto', () => {
  const names = Object.keys(ErrorReason).filter((name) => Number.isNaN(Number(name)) && name !== 'UNSPECIFIED');
  expect(ERROR_REASONS).toEqual(names);
});

describe.each(CLIENTS)('the %s client tells', (_, connect) => {
  test('INVALID_ARGUMENT, with every violation', async () => {
    const client = connect(await newOrganization());
    expect(await rejection(client.validate({ sessionToken: '', email: '' }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'INVALID_ARGUMENT',
      violations: [
        { field: 'sessionToken', message: expect.any(String) },
        { field: 'email', message: expect.any(String) },
      ],
    });
  });

  test('PASSWORD_POLICY and DISCLAIMER_REQUIRED', async () => {
    const client = connect(await newOrganization());
    const user = { email: newEmail(), password: PASSWORD, fullname: FULLNAME, disclaimed: true };
    expect(await rejection(client.signUp({ ...user, password: 'short' }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'PASSWORD_POLICY',
    });
    expect(await rejection(client.signUp({ ...user, disclaimed: false }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'DISCLAIMER_REQUIRED',
    });
  });

  test('API_KEY_INVALID', async () => {
    const client = connect({ apiKey: `af_${'A'.repeat(43)}` });
    expect(await rejection(client.login({ email: newEmail(), password: PASSWORD }))).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'API_KEY_INVALID',
      message: expect.stringMatching(/\w/),
    });
  });

  test("a refused API key as the backend's own fault", async () => {
    const client = connect({ apiKey: `af_${'A'.repeat(43)}` });
    const error = await rejection(client.login({ email: newEmail(), password: PASSWORD }));
    expect(error).toMatchObject({ reason: 'API_KEY_INVALID', statusCode: 503 });
    expect(JSON.parse(JSON.stringify(error))).toEqual(UNAVAILABLE);
  });

  test('SESSION_INVALID where callers without types give no session token', async () => {
    const client = connect(await newOrganization());
    for (const sessionToken of [undefined, null, 7]) {
      const args = { sessionToken } as unknown as SessionArguments;
      for (const call of [client.validate(args), client.logout(args)]) {
        expect(await rejection(call)).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'SESSION_INVALID' });
      }
    }
  });

  test('USER_NOT_FOUND, USER_EXISTS, CREDENTIALS_INVALID and USER_DISABLED', async () => {
    const { orgId, apiKey } = await newOrganization();
    const client = connect({ apiKey });
    const email = newEmail();
    const login = { email, password: PASSWORD };
    const user = { ...login, fullname: FULLNAME, disclaimed: true };
    expect(await rejection(client.login(login))).toMatchObject({ code: 'NOT_FOUND', reason: 'USER_NOT_FOUND' });
    await client.signUp(user);
    expect(await rejection(client.signUp(user))).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'USER_EXISTS' });
    expect(await rejection(client.login({ ...login, password: 'Wrong-1843' }))).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'CREDENTIALS_INVALID',
    });
    await control(`disable?org_id=${orgId}&email=${encodeURIComponent(email)}`);
    expect(await rejection(client.login(login))).toMatchObject({ code: 'PERMISSION_DENIED', reason: 'USER_DISABLED' });
  });

  test('SESSION_INVALID and SESSION_REVOKED', async () => {
    const client = connect(await newOrganization());
    const session = await newSession(client);
    expect(await rejection(client.validate({ ...session, sessionToken: 'not.a.token' }))).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'SESSION_INVALID',
    });
    expect(await rejection(client.logout({ ...session, email: newEmail() }))).toMatchObject({
      reason: 'SESSION_INVALID',
    });
    await client.logout(session);
    expect(await rejection(client.validate(session))).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'SESSION_REVOKED',
    });
  });

  test('SESSION_EXPIRED', async () => {
    const client = connect(await newOrganization());
    const session = await newSession(client);
    await control(`clock?seconds=${8 * 24 * 60 * 60}`);
    expect(await rejection(client.validate(session))).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'SESSION_EXPIRED',
    });
    await client.logout(session);
  });

  test('text that is no Unicode as an error of its own, unsent or refused', async () => {
    const client = connect(await newOrganization());
    const error = await rejection(client.fooBar({ identity: '\ud800' }));
    expect(error).toBeInstanceOf(AuthFlowError);
    expect(error).not.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('the errors of raw stubs, read', () => {
  test('NONCE_INVALID, NONCE_USED and NONCE_EXPIRED', async () => {
    const { apiKey } = await newOrganization();
    const { stub } = new AuthFlowClient({ address: GRPC, apiKey });
    const login = { email: newEmail(), password: PASSWORD };
    const attempt = async (foobar: string) => toAuthFlowError(await rejection(stub.login({ foobar, ...login })));
    expect(await attempt('no-nonce')).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'NONCE_INVALID' });
    const { token } = await stub.fooBar({ identity: login.email });
    expect(await attempt(token)).toMatchObject({ reason: 'USER_NOT_FOUND' });
    expect(await attempt(token)).toMatchObject({ reason: 'NONCE_USED' });
    const late = await stub.fooBar({ identity: login.email });
    await control('clock?seconds=600');
    expect(await attempt(late.token)).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'NONCE_EXPIRED' });
  });

  test('ORGANIZATION_NOT_FOUND, without a key', async () => {
    const stub = createClient(AuthService, createGrpcTransport({ baseUrl: `http://${GRPC}` }));
    const email = newEmail();
    const { token } = await stub.fooBar({ identity: email });
    const orgId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
    const error = await rejection(stub.login({ foobar: token, email, password: PASSWORD, orgId }));
    expect(toAuthFlowError(error)).toMatchObject({ code: 'NOT_FOUND', reason: 'ORGANIZATION_NOT_FOUND' });
  });

  test('ADMIN_TOKEN_INVALID, ORGANIZATION_EXISTS and API_KEY_NOT_FOUND', async () => {
    const stub = organizations();
    const { orgId, name } = await stub.createOrganization({ name: newEmail() }, ADMIN);
    expect(toAuthFlowError(await rejection(stub.createOrganization({ name })))).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'ADMIN_TOKEN_INVALID',
    });
    expect(toAuthFlowError(await rejection(stub.createOrganization({ name }, ADMIN)))).toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'ORGANIZATION_EXISTS',
    });
    const keyId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
    expect(toAuthFlowError(await rejection(stub.revokeApiKey({ orgId, keyId }, ADMIN)))).toMatchObject({
      code: 'NOT_FOUND',
      reason: 'API_KEY_NOT_FOUND',
    });
  });

  test("a refused admin token as the backend's own fault", async () => {
    const error = toAuthFlowError(await rejection(organizations().createOrganization({ name: newEmail() })));
    expect(error).toMatchObject({ reason: 'ADMIN_TOKEN_INVALID', statusCode: 503 });
    expect(JSON.parse(JSON.stringify(error))).toEqual(UNAVAILABLE);
  });

  test("the client's connection serves OrganizationService too", async () => {
    const { orgId, apiKey } = await newOrganization();
    const client = new AuthFlowClient({ address: GRPC, apiKey });
    const stub = createClient(OrganizationService, client.transport);
    const { organization } = await stub.getOrganization({ orgId }, ADMIN);
    expect(organization?.orgId).toBe(orgId);
    client.close();
  });

  test('what is no error of gRPC', () => {
    expect(toAuthFlowError('thrown')).toMatchObject({ code: 'UNKNOWN', reason: '' });
    expect(toAuthFlowError(undefined)).toMatchObject({ code: 'UNKNOWN', reason: '' });
    expect(toAuthFlowError(new ConnectError('no', Code.Unimplemented))).toMatchObject({ code: 'UNIMPLEMENTED' });
    const own = new AuthFlowError({ code: 'INTERNAL', message: 'own' });
    expect(toAuthFlowError(own)).toBe(own);
  });
});
