import { spawn } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';

const ACCOUNT = 'authflow.v1.AccountService';
const AUDIT = 'authflow.v1.AuditService';
const AUTH = 'authflow.v1.AuthService';
const ORGANIZATION = 'authflow.v1.OrganizationService';
const SECOND_FACTOR = 'authflow.v1.SecondFactorService';
const USER = 'authflow.v1.UserService';
const EMAIL = 'ada@example.com';
const PASSWORD = 'Analytical-1843';

let server: TestServer;
let apiKey: string;

beforeAll(async () => {
  server = await startTestServer();
  ({ apiKey } = await server.createOrganization('Acme'));
});
afterAll(() => server[Symbol.asyncDispose]());

describe('grpcurl, with nothing but the address', () => {
  beforeEach((context) =>
    needs(context, 'grpcurl: go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3', ['grpcurl', '-version']),
  );

  test('lists every service', async () => {
    expect((await grpcurl('list')).split('\n')).toEqual([
      ACCOUNT,
      AUDIT,
      AUTH,
      ORGANIZATION,
      SECOND_FACTOR,
      USER,
      'grpc.health.v1.Health',
    ]);
  });

  test.each([
    [ACCOUNT, 12],
    [AUDIT, 1],
    [AUTH, 6],
    [ORGANIZATION, 9],
    [SECOND_FACTOR, 8],
    [USER, 14],
  ])('describes every method and message of %s', async (service, count) => {
    const methods = (await grpcurl('list', service)).split('\n');
    expect(methods).toHaveLength(count);
    for (const method of methods) {
      const description = await grpcurl('describe', method);
      const messages = [...description.matchAll(/\( (\.[\w.]+) \)/g)].map(([, message = '']) => message.slice(1));
      expect(messages).toHaveLength(2);
      for (const message of messages) {
        expect(await grpcurl('describe', message)).toContain(`${message} is a message`);
      }
    }
  });

  test('makes the six calls', async () => {
    const nonce = async () => String((await call(AUTH, 'FooBar', { identity: EMAIL })).token);
    const user = await call(AUTH, 'SignUp', {
      foobar: await nonce(),
      api_key: apiKey,
      email: EMAIL,
      password: PASSWORD,
      fullname: 'Ada Lovelace',
      disclaimed: true,
    });
    const { token: sessionToken } = await call(AUTH, 'Login', {
      foobar: await nonce(),
      email: EMAIL,
      password: PASSWORD,
    });
    const session = { sessionToken, email: EMAIL };
    expect(await call(AUTH, 'Validate', session)).toMatchObject({ user_id: user.user_id, email: EMAIL });
    expect(await call(AUTH, 'ChangePassword', { ...session, newPassword: 'Difference-1822' })).toEqual({
      ended_sessions: 0,
    });
    expect(await call(AUTH, 'Logout', session)).toEqual({});
    await expect(call(AUTH, 'Validate', session)).rejects.toThrow(/SESSION_REVOKED/);
  });

  test('makes the calls of an administrator', async () => {
    const created = await administrate('CreateOrganization', { name: 'Globex' });
    const organization = { org_id: created.org_id };
    expect(await administrate('GetOrganization', organization)).toMatchObject({ organization: { name: 'Globex' } });
    expect(await administrate('ListOrganizations', { page_size: 1 })).toMatchObject({
      organizations: [{ name: 'Acme' }],
    });
    expect(await administrate('CreateApiKey', { ...organization, label: 'second' })).toMatchObject({
      api_key: expect.stringMatching(/^af_/),
    });
    const { api_keys: keys } = (await administrate('ListApiKeys', organization)) as {
      api_keys: readonly { key_id: string }[];
    };
    expect(keys).toHaveLength(2);
    await administrate('RevokeApiKey', { ...organization, key_id: keys[1]?.key_id });
    await administrate('CloseOrganization', organization);
    await administrate('ReopenOrganization', organization);
  });

  test('is told that the server is healthy, as a whole and by service', async () => {
    for (const service of ['', AUTH, ORGANIZATION]) {
      expect(await call('grpc.health.v1.Health', 'Check', { service })).toEqual({ status: 'SERVING' });
    }
  });
});

test('grpc-health-probe finds the server healthy', async (context) => {
  needs(context, 'grpc-health-probe: go install github.com/grpc-ecosystem/grpc-health-probe@v0.4.61', [
    'grpc-health-probe',
    '-version',
  ]);
  await run('grpc-health-probe', [`-addr=${server.grpcAddress}`, `-service=${AUTH}`]);
  await expect(run('grpc-health-probe', [`-addr=${server.grpcAddress}`, '-service=unknown'])).rejects.toThrow();
});

describe('buf curl', () => {
  test.each(['connect', 'grpcweb', 'grpc'])('calls the HTTP port by the protocol %s', async (protocol) => {
    const printed = await run('npx', [
      ...['buf', 'curl', '--schema', 'proto', '--protocol', protocol, '--http2-prior-knowledge'],
      ...['-H', `x-api-key: ${apiKey}`, '-d', JSON.stringify({ identity: EMAIL })],
      `${server.httpAddress}/${AUTH}/FooBar`,
    ]);
    expect(JSON.parse(printed)).toEqual({ token: expect.any(String), expires_at: expect.any(String) });
  });

  test('needs no schema on the gRPC port, which describes itself', async () => {
    const printed = await run('npx', [
      ...['buf', 'curl', '--protocol', 'grpc', '--http2-prior-knowledge', '-d', JSON.stringify({ identity: EMAIL })],
      `http://${server.grpcAddress}/${AUTH}/FooBar`,
    ]);
    expect(JSON.parse(printed)).toMatchObject({ token: expect.any(String) });
  });
});

function administrate(method: string, fields: object): Promise<Record<string, unknown>> {
  return call(ORGANIZATION, method, fields, `authorization: Bearer ${server.adminToken}`);
}

async function call(
  service: string,
  method: string,
  fields: object,
  header = `x-api-key: ${apiKey}`,
): Promise<Record<string, unknown>> {
  const options = ['-plaintext', '-emit-defaults', '-H', header, '-d', JSON.stringify(fields)];
  return JSON.parse(await run('grpcurl', [...options, server.grpcAddress, `${service}/${method}`]));
}

function grpcurl(...args: readonly string[]): Promise<string> {
  return run('grpcurl', ['-plaintext', server.grpcAddress, ...args]);
}

/** What a command prints; rejected with what it complains of. */
function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { out: '', error: '' };
    child.stdout.on('data', (chunk) => {
      output.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output.error += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output.out.trim()) : reject(new Error(output.error))));
  });
}
