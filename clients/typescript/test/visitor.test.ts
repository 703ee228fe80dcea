import { AuthFlowClient } from '@authflow/client';
import { AuthFlowFetchClient } from '@authflow/client/fetch';
import { expect, test } from 'vitest';
import { newEmail, newOrganization, PASSWORD } from './support/organization.ts';
import { GRPC, HTTP } from './support/stand.ts';

const VISITOR = { clientIp: '203.0.113.7', userAgent: 'Browser/1.0' };

test('the gRPC client passes the visitor along with every request', async () => {
  const { apiKey } = await newOrganization();
  const seen: unknown[] = [];
  const client = new AuthFlowClient({
    address: GRPC,
    apiKey,
    interceptors: [
      (next) => (request) => {
        seen.push([request.method.name, 'clientIp' in request.message && { ...request.message }]);
        return next(request);
      },
    ],
  });
  await makeAllCalls(client);
  expect(seen).toEqual(
    ['FooBar', 'SignUp', 'FooBar', 'Login', 'Validate', 'ChangePassword', 'Logout'].map((name) => [
      name,
      expect.objectContaining(VISITOR),
    ]),
  );
  client.close();
});

test('the fetch client passes the visitor along with every request', async () => {
  const { apiKey } = await newOrganization();
  const seen: unknown[] = [];
  const client = new AuthFlowFetchClient({
    url: HTTP,
    apiKey,
    fetch(input, init) {
      seen.push([String(input).split('/').at(-1), JSON.parse(String(init?.body))]);
      return fetch(input, init);
    },
  });
  await makeAllCalls(client);
  expect(seen).toEqual(
    ['fooBar', 'signUp', 'fooBar', 'login', 'validate', 'changePassword', 'logout'].map((name) => [
      name,
      expect.objectContaining({ client_ip: VISITOR.clientIp, user_agent: VISITOR.userAgent }),
    ]),
  );
  client.close();
});

async function makeAllCalls(client: AuthFlowClient | AuthFlowFetchClient): Promise<void> {
  const login = { email: newEmail(), password: PASSWORD, ...VISITOR };
  await client.signUp({ ...login, fullname: 'Ada Lovelace', disclaimed: true });
  const { token: sessionToken } = await client.login(login);
  await client.validate({ sessionToken, ...VISITOR });
  await client.changePassword({ sessionToken, newPassword: 'Difference-1822', ...VISITOR });
  await client.logout({ sessionToken, ...VISITOR });
}
