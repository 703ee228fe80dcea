import { inspect } from 'node:util';
import { AuthFlowError } from '@authflow/client';
import { AuthFlowFake } from '@authflow/client/fake';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { CLIENTS, newEmail, newOrganization, PASSWORD } from './support/organization.ts';
import { rejection } from './support/rejection.ts';

const MAKERS = [
  ...CLIENTS.map(([name, connect]) => [`the ${name} client`, async () => connect(await newOrganization())] as const),
  ['the fake', async () => new AuthFlowFake()] as const,
];

describe.each(MAKERS)('what %s gives', (_, make) => {
  test('shows no token to a console, a logger or a serializer', async () => {
    const client = await make();
    const email = newEmail();
    const user = await client.signUp({ email, password: PASSWORD, fullname: 'Ada Lovelace', disclaimed: true });
    const nonce = await client.fooBar({ identity: email });
    const session = await client.login({ email, password: PASSWORD });
    const live = await client.validate({ sessionToken: session.token });
    const lines: string[] = [];
    const log = pino({}, { write: (line) => lines.push(line) });
    for (const each of [user, nonce, session, live, { session }, [session], new Error('failed', { cause: session })]) {
      log.info({ each }, 'told');
      lines.push(inspect(each, { depth: null, showHidden: true, getters: false }), String(each), JSON.stringify(each));
      lines.push(inspect({ ...each }), inspect(structuredClone({ ...session })));
    }
    const printed = lines.join('\n');
    expect(printed).toContain(email);
    for (const token of [nonce.token, session.token]) {
      expect(token.length).toBeGreaterThan(20);
      expect(printed).not.toContain(token);
    }
    client.close();
  });

  test('has the names of the wire as JSON', async () => {
    const client = await make();
    const email = newEmail();
    const user = await client.signUp({ email, password: PASSWORD, fullname: 'Ada Lovelace', disclaimed: true });
    const session = await client.login({ email, password: PASSWORD });
    const live = await client.validate({ sessionToken: session.token });
    const wire = { user_id: user.userId, email, fullname: 'Ada Lovelace', org_id: user.orgId };
    const expiresAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(JSON.parse(JSON.stringify(user))).toEqual(wire);
    expect(JSON.parse(JSON.stringify(session))).toEqual({ ...wire, expires_at: expiresAt });
    expect(JSON.parse(JSON.stringify(live))).toEqual({
      ...wire,
      session_id: live.sessionId,
      expires_at: expiresAt,
      email_verified: false,
      roles: [],
    });
    client.close();
  });
});

test('what is told about accounts shows no token and has frozen roles', async () => {
  const fake = new AuthFlowFake();
  const email = newEmail();
  await fake.signUp({ email, password: PASSWORD, fullname: 'Ada Lovelace', disclaimed: true });
  fake.setRoles(email, ['editor']);
  const { token: sessionToken } = await fake.login({ email, password: PASSWORD });
  const me = await fake.me({ sessionToken });
  const renewed = await fake.renewSession({ sessionToken });
  const sessions = await fake.listMySessions({ sessionToken });
  await fake.forgotPassword({ email });
  const { mails } = fake;
  for (const each of [me, await fake.validate({ sessionToken })]) {
    expect(Object.isFrozen(each.roles)).toBe(true);
  }
  const told = [me, renewed, sessions, mails, fake];
  const printed = told
    .map((each) => `${inspect(each, { depth: null, showHidden: true, getters: false })}${JSON.stringify(each)}`)
    .join('\n');
  expect(printed).toContain(email);
  for (const token of [sessionToken, renewed.token, mails[0]?.token ?? '']) {
    expect(token).toMatch(/^fake\./);
    expect(printed).not.toContain(token);
  }
});

test.each([
  ['INVALID_ARGUMENT', 400],
  ['FAILED_PRECONDITION', 400],
  ['UNAUTHENTICATED', 401],
  ['PERMISSION_DENIED', 403],
  ['NOT_FOUND', 404],
  ['ALREADY_EXISTS', 409],
  ['RESOURCE_EXHAUSTED', 429],
  ['CANCELLED', 499],
  ['INTERNAL', 500],
  ['UNKNOWN', 500],
  ['UNIMPLEMENTED', 500],
  ['UNAVAILABLE', 503],
  ['DEADLINE_EXCEEDED', 504],
] as const)('%s is answered with %i', (code, statusCode) => {
  expect(new AuthFlowError({ code, message: '' }).statusCode).toBe(statusCode);
});

test('the fetch client keeps the status that came', async () => {
  const teapot = async () => new Response('<h1>A proxy</h1>', { status: 418 });
  const client = new AuthFlowFetchClient({ url: 'http://localhost', apiKey: 'af_key', fetch: teapot });
  const error = await rejection(client.fooBar({ identity: 'ada@example.com' }));
  expect(error).toMatchObject({ code: 'UNKNOWN', reason: '', statusCode: 418 });
  client.close();
});

test("an error as JSON has the server's own shape", () => {
  const violations = [{ field: 'email', message: 'is required' }];
  const refused = new AuthFlowError({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_ARGUMENT',
    message: 'email is required.',
    violations,
  });
  expect(JSON.parse(JSON.stringify(refused))).toEqual({
    statusCode: 400,
    error: 'INVALID_ARGUMENT',
    message: 'email is required.',
    violations,
  });
  const broken = new AuthFlowError({ code: 'UNKNOWN', message: 'proxy 10.0.0.1 failed' });
  expect(JSON.parse(JSON.stringify(broken))).toEqual({
    statusCode: 500,
    error: 'INTERNAL',
    message: 'Something went wrong.',
  });
});
