import type { Retry } from '@authflow/client';
import { describe, expect, test, vi } from 'vitest';
import { CLIENTS } from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { startCase } from './support/stand.ts';

const LOGIN = { email: 'ada@example.com', password: 'Analytical-1843' };
const apiKey = 'af_CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC';

describe.each(CLIENTS)('the %s client', (_, connect) => {
  test('tells each repeat before its wait, by the call that was made', async () => {
    const retries: Retry[] = [];
    const nobody = { grpc: '127.0.0.1:1', http: 'http://127.0.0.1:1', apiKey };
    const client = connect({ ...nobody, onRetry: (retry) => retries.push(retry) });
    await rejection(client.login(LOGIN));
    expect(retries).toEqual([
      { call: 'login', attempt: 1, reason: '', code: 'UNAVAILABLE', waitMs: expect.any(Number) },
      { call: 'login', attempt: 2, reason: '', code: 'UNAVAILABLE', waitMs: expect.any(Number) },
    ]);
    for (const [index, { waitMs }] of retries.entries()) {
      expect(waitMs).toBeGreaterThanOrEqual(50 * 2 ** index);
      expect(waitMs).toBeLessThanOrEqual(100 * 2 ** index);
    }
    client.close();
  });

  test('repeats no lock and tells of none', async () => {
    const onRetry = vi.fn();
    const client = connect({ ...(await startCase('a lock is not repeated, whatever its wait')), apiKey, onRetry });
    expect(await rejection(client.login(LOGIN))).toMatchObject({
      reason: 'ACCOUNT_LOCKED',
      statusCode: 429,
      retryAfterMs: expect.any(Number),
    });
    expect(onRetry).not.toHaveBeenCalled();
    client.close();
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no log');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no log'))],
  ])('goes on when the hook %s', async (_, onRetry) => {
    const client = connect({ grpc: '127.0.0.1:1', http: 'http://127.0.0.1:1', apiKey, onRetry });
    expect(await rejection(client.login(LOGIN))).toMatchObject({ code: 'UNAVAILABLE' });
    client.close();
  });
});
