import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { CLIENTS, newEmail, newOrganization, newSession, PASSWORD } from './support/organization.ts';
import { GRPC } from './support/stand.ts';

const NO_CLOSE = fileURLToPath(new URL('support/no-close.js', import.meta.url));

describe.each(CLIENTS)('the %s client', (_, connect) => {
  test('signs up, logs in, validates, changes the password and logs out', async () => {
    const { orgId, apiKey } = await newOrganization();
    const client = connect({ apiKey });
    const email = newEmail();
    const newPassword = 'Difference-1822';

    const nonce = await client.fooBar({ identity: email });
    expect(nonce.token).toEqual(expect.any(String));
    expect(nonce.expiresAt).toBeInstanceOf(Date);

    const user = await client.signUp({ email, password: PASSWORD, fullname: 'Ada Lovelace', disclaimed: true });
    expect(user).toEqual({ userId: expect.stringMatching(/^[0-9a-f-]{36}$/), email, fullname: 'Ada Lovelace', orgId });

    const session = await client.login({ email, password: PASSWORD });
    expect(session).toEqual({ ...user, expiresAt: expect.any(Date) });
    await client.login({ email, password: PASSWORD });

    const sessionToken = session.token;
    expect(await client.validate({ sessionToken, email })).toEqual({
      ...user,
      sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      expiresAt: session.expiresAt,
      emailVerified: false,
      roles: [],
    });
    const change = { sessionToken, email, newPassword, currentPassword: PASSWORD };
    expect(await client.changePassword(change)).toEqual({ endedSessions: 1 });
    expect(await client.changePassword({ sessionToken, email, newPassword })).toEqual({ endedSessions: 0 });

    expect(await client.logout({ sessionToken, email })).toBeUndefined();
    await client.logout({ sessionToken, email });
    await expect(client.validate({ sessionToken, email })).rejects.toMatchObject({ reason: 'SESSION_REVOKED' });
    client.close();
  });

  test('reads the e-mail from the token where it is not given', async () => {
    const { apiKey } = await newOrganization();
    const client = connect({ apiKey });
    const { email, sessionToken } = await newSession(client);
    expect(await client.validate({ sessionToken })).toMatchObject({ email });
    expect(await client.changePassword({ sessionToken, newPassword: 'Difference-1822' })).toEqual({ endedSessions: 0 });
    await client.logout({ sessionToken });
    await expect(client.validate({ sessionToken })).rejects.toMatchObject({ reason: 'SESSION_REVOKED' });
    client.close();
  });

  test('sees an e-mail in its normalized spelling and a name of any script', async () => {
    const { apiKey } = await newOrganization();
    const client = connect({ apiKey });
    const email = newEmail();
    const user = await client.signUp({
      email: email.toUpperCase(),
      password: 'Ünïcode-1843',
      fullname: 'Ада Лавлейс 👩‍💻',
      disclaimed: true,
    });
    expect(user).toMatchObject({ email, fullname: 'Ада Лавлейс 👩‍💻' });
    expect(await client.login({ email, password: 'Ünïcode-1843' })).toMatchObject({ userId: user.userId });
    client.close();
  });
});

test('a program ends without close()', async () => {
  const { apiKey } = await newOrganization();
  const { stdout } = await promisify(execFile)(process.execPath, [NO_CLOSE, GRPC, apiKey]);
  expect(stdout).toBe('true\n');
});
