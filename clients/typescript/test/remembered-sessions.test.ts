import { requireSession } from '@authflow/client/express';
import { beforeEach, expect, test, vi } from 'vitest';

const MOST = 10_000;

const validate = vi.fn();
const middleware = requireSession({ validate }, { rememberMs: 1_000 });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  validate.mockReset();
});

test('a session is not remembered beyond its expiry', async () => {
  validate.mockImplementation(async () => ({ expiresAt: new Date(Date.now() + 500) }));
  await request(0);
  vi.advanceTimersByTime(499);
  await request(0);
  expect(validate).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  await request(0);
  expect(validate).toHaveBeenCalledTimes(2);
});

test('a session is remembered from before it was asked for', async () => {
  validate.mockImplementation(async () => {
    vi.advanceTimersByTime(600);
    return { expiresAt: new Date(Date.now() + 60_000) };
  });
  await request(1);
  vi.advanceTimersByTime(399);
  await request(1);
  expect(validate).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  await request(1);
  expect(validate).toHaveBeenCalledTimes(2);
});

test('what was refused is not remembered', async () => {
  validate.mockRejectedValue(new Error('refused'));
  await request(2);
  await request(2);
  expect(validate).toHaveBeenCalledTimes(2);
});

test('the oldest session makes room when there are too many', async () => {
  vi.advanceTimersByTime(10_000);
  validate.mockImplementation(async () => ({ expiresAt: new Date(Date.now() + 60_000) }));
  for (let user = 10; user <= 10 + MOST; user += 1) {
    await request(user);
  }
  expect(validate).toHaveBeenCalledTimes(MOST + 1);
  await request(11);
  await request(10 + MOST);
  expect(validate).toHaveBeenCalledTimes(MOST + 1);
  await request(10);
  expect(validate).toHaveBeenCalledTimes(MOST + 2);
});

/** A request with the token of a user. */
async function request(user: number): Promise<void> {
  const claims = Buffer.from(JSON.stringify({ email: `user-${user}@example.com` })).toString('base64url');
  const response = { statusCode: 0, setHeader() {}, end() {} };
  await middleware({ headers: { authorization: `Bearer e30.${claims}.c2ln` } }, response, () => {});
}
