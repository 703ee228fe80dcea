import { credentials, Metadata } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { ask, authClient } from '../transport/grpc/test-server.ts';
import { Backend, inParallel, PASSWORD, SIX_CALLS, send, serverOfTest } from './backend.ts';

/** In every secret that the tests send: one search finds them all. */
const MARK = 'Zq7-Marked';
const EMAIL = 'user@example.com';
const ROUNDS = 2_000;

const secret = (name: string, index: number): string => `${MARK}${name}${index}`;
const markedKey = (index: number): string => `af_${`${MARK}k${index}`.padEnd(43, 'x')}`;
const markedJwt = (index: number): string => `${MARK}h${index}.${MARK}p${index}.${'s'.repeat(85)}A`;

/** Everything secret that a call can carry, ten of them. */
function marked(index: number): Record<string, string> {
  return {
    email: EMAIL,
    identity: EMAIL,
    fullname: 'Ada',
    disclaimed: 'true',
    api_key: index % 2 === 0 ? markedKey(index) : secret('apiKey', index),
    foobar: secret('foobar', index),
    password: secret('password', index),
    newPassword: secret('newPassword', index),
    currentPassword: secret('currentPassword', index),
    sessionToken: markedJwt(index),
    unknown: secret('unknown', index),
  };
}

describe('W5: secrets stay out of logs, metrics and errors', () => {
  test(`${ROUNDS} calls full of marked secrets through every path, 0 found`, async () => {
    const server = await serverOfTest();
    const bodies: string[] = [];
    await inParallel(ROUNDS, 16, async (index) => {
      const fields = marked(index);
      const query = new URLSearchParams(fields).toString();
      const call = SIX_CALLS[index % SIX_CALLS.length];
      const rpc = `${call?.charAt(0).toUpperCase()}${call?.slice(1)}`;
      const headers = { authorization: `Bearer ${markedJwt(index)}`, 'x-api-key': markedKey(index) };
      const ways = [
        () => send(server.httpAddress, `/auth/${call}`, { body: fields, headers }),
        () => send(server.httpAddress, `/auth/${call}?${query}`, { method: 'GET' }),
        () => send(server.httpAddress, `/auth/${call}`, { body: fields, headers: { cookie: secret('cookie', index) } }),
        () => send(server.httpAddress, `/authflow.v1.AuthService/${rpc}`, { body: fields, headers }),
        // 404, 405, 413, 415, text that is no JSON, types that are wrong, an address that is too long.
        () => send(server.httpAddress, `/auth/${secret('path', index)}?${query}`, { headers }),
        () => send(server.httpAddress, `/auth/${call}?${query}`, { method: 'PUT', headers }),
        () => send(server.httpAddress, `/auth/${call}`, { body: secret('x', index).repeat(5_000) }),
        () => send(server.httpAddress, `/auth/${call}`, { body: query, headers: { 'content-type': 'text/plain' } }),
        () => send(server.httpAddress, `/auth/${call}`, { body: `{"password":"${secret('parse', index)}"` }),
        () =>
          send(server.httpAddress, `/authflow.v1.AuthService/${rpc}`, { body: `{"password":${secret('p', index)}` }),
        () => send(server.httpAddress, `/auth/${call}`, { body: { [secret('key', index)]: {}, password: [fields] } }),
        () => send(server.httpAddress, `/auth/${call}?${query.repeat(40)}`, { method: 'GET' }),
        () => send(server.httpAddress, '/organizations', { body: fields, headers }),
      ];
      const reply = await ways[index % ways.length]?.();
      bodies.push(reply?.text ?? '');
    });
    const metrics = await send(server.httpAddress, '/metrics', { method: 'GET' });
    expect(bodies).toHaveLength(ROUNDS);
    expect(bodies.filter((body) => body.includes(MARK))).toEqual([]);
    expect(server.logLines.filter((line) => line.includes(MARK))).toEqual([]);
    expect(metrics.text).not.toContain(MARK);
  });

  test('nor do those of calls that succeed, or the ones that a fault inside quotes', async () => {
    const server = await serverOfTest();
    const { apiKey } = await server.createOrganization();
    const backend = new Backend(server.httpAddress, apiKey);
    await backend.signUp(EMAIL);
    const session = (await backend.login(EMAIL)).field('token');
    const foobar = await backend.nonce(EMAIL);
    const secrets = [apiKey, session, foobar, PASSWORD, MARK, server.adminToken];
    const bodies: string[] = [];

    // What a driver says quotes its input at worst.
    const quoting = new Error(`near "${MARK}": ${session} ${apiKey} ${PASSWORD}`, {
      cause: new Error(`${MARK} ${foobar}`),
    });
    for (const step of ['findSession', 'findApiKey', 'beginLogin', 'endSession'] as const) {
      const spy = vi.spyOn(server.ports.storage, step).mockRejectedValue(quoting);
      const replies = [
        await backend.validate(EMAIL, session),
        await backend.logout(EMAIL, session),
        await backend.call('login', { foobar, email: EMAIL, password: PASSWORD }),
        await send(server.httpAddress, '/authflow.v1.AuthService/Validate', {
          body: { email: EMAIL, sessionToken: session, api_key: apiKey },
        }),
      ];
      const grpc = authClient(server.grpcAddress, credentials.createInsecure());
      const metadata = new Metadata();
      metadata.set('x-api-key', apiKey);
      const overGrpc = await ask(grpc, 'logout', { email: EMAIL, sessionToken: session }, { metadata }).catch(String);
      spy.mockRestore();
      expect(replies.some(({ outcome }) => outcome === 'INTERNAL')).toBe(true);
      bodies.push(...replies.filter(({ outcome }) => outcome !== 'OK').map(({ text }) => text), String(overGrpc));
    }
    const metrics = (await send(server.httpAddress, '/metrics', { method: 'GET' })).text;
    for (const value of secrets) {
      expect(bodies.filter((body) => body.includes(value))).toEqual([]);
      expect(server.logLines.filter((line) => line.includes(value))).toEqual([]);
      expect(metrics).not.toContain(value);
    }
    expect(server.logLines.some((line) => line.includes('call_failed'))).toBe(true);
  });
});
