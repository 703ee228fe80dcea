import { expect, test, vi } from 'vitest';
import { AuthError } from '../../src/domain/errors.ts';
import { startTestServer } from '../support/running-server.ts';
import { ask } from '../transport/http/test-server.ts';

test('a store that fails every call does not flood the log: one line with its cause, and their number', async () => {
  const server = await startTestServer();
  const { apiKey } = await server.createOrganization();
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  vi.spyOn(server.ports.storage, 'findApiKey').mockRejectedValue(new AuthError('UNAVAILABLE', { cause: full }));
  const replies = await Promise.all(
    Array.from({ length: 50 }, () => ask(server.httpAddress, `/auth/fooBar?identity=a@b.example&api_key=${apiKey}`)),
  );
  expect(replies.map(({ json }) => json.error)).toEqual(Array(50).fill('UNAVAILABLE'));
  const failures = () => server.logLines.filter((line) => line.includes('call_failed')).map((line) => JSON.parse(line));
  const kind = { level: 'error', method: 'FooBar', reason: 'UNAVAILABLE', cause_code: 'SQLITE_FULL' };
  expect(failures()).toEqual([expect.objectContaining({ ...kind, cause_stack: expect.stringContaining('at ') })]);
  await server[Symbol.asyncDispose]();
  const [, repeated, ...others] = failures();
  expect(repeated).toMatchObject({ ...kind, repeats: 49 });
  expect([repeated.cause_stack, others]).toEqual([undefined, []]);
});
