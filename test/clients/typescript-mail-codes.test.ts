import { describe, expect, test } from 'vitest';
import { AuthFlowClient, type LoginStep } from '../../clients/typescript/src/client.ts';
import { AuthFlowFetchClient } from '../../clients/typescript/src/fetch.ts';
import { runHere } from '../cli/captured-terminal.ts';
import { ADMIN_TOKEN } from '../support/admin-token.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';

const EMAIL = 'ada@example.com';
const PASSWORD = 'Analytical-1843';

describe.each([
  ['gRPC', ({ grpcAddress: address }: TestServer, apiKey: string) => new AuthFlowClient({ address, apiKey })],
  ['fetch', ({ httpAddress: url }: TestServer, apiKey: string) => new AuthFlowFetchClient({ url, apiKey })],
] as const)('the TypeScript client, by %s, with the codes of mails', (_, connect) => {
  test('logs in by one, which proves the address, and sets a second factor up behind another', async () => {
    await using server = await startTestServer();
    const { orgId, apiKey } = await server.createOrganization();
    const client = connect(server, apiKey);
    await client.signUp({ email: EMAIL, password: PASSWORD, fullname: 'Ada Lovelace', disclaimed: true });
    await set(server, orgId, { login_by_email: true, second_factor: 'optional' });
    const login = await client.sendLoginCode({ email: EMAIL });
    const code = await mailedCode(server, 'login_code');
    const step = await client.verifyEmailCode({ challenge: login.challenge, code });
    const { token: sessionToken } = 'challenge' in step ? expect.fail(String(step.methods)) : step;
    expect(await client.validate({ sessionToken })).toMatchObject({ email: EMAIL, emailVerified: true });

    await set(server, orgId, { login_by_email: true, second_factor: 'required' });
    const mailFirst = asked(await client.loginStep({ email: EMAIL, password: PASSWORD }));
    expect(mailFirst.methods).toEqual(['email', 'setup']);
    await client.sendEmailCode(mailFirst);
    const proof = { challenge: mailFirst.challenge, code: await mailedCode(server, 'second_factor_code') };
    const setup = asked(await client.verifyEmailCode(proof));
    expect(setup.methods).toEqual(['setup']);
    expect(await client.enableTotp({ challenge: setup.challenge })).toMatchObject({ secret: expect.any(String) });
    client.close();
  });
});

function asked(step: LoginStep) {
  return 'challenge' in step ? step : expect.fail('it opened a session');
}

async function set(server: TestServer, orgId: string, settings: object): Promise<void> {
  const response = await fetch(`${server.httpAddress}/organizations/${orgId}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
  expect(response.status).toBe(200);
}

/** The code in the latest mail of a kind, as `authflow mail show` tells it: there is no mail server. */
async function mailedCode({ testStore }: TestServer, kind: string): Promise<string> {
  const authflow = async (...args: readonly string[]) =>
    JSON.parse((await runHere(['mail', ...args, '--json'], testStore.environment)).stdout);
  const latest = async () => (await authflow('list')).findLast((mail: { readonly kind: string }) => mail.kind === kind);
  await expect.poll(latest).toBeDefined();
  const { mail_id: mailId } = await latest();
  return /\b\d{6}\b/.exec((await authflow('show', mailId)).text)?.[0] ?? '';
}
