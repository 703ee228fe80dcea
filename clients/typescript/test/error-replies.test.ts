import { AuthFlowError } from '@authflow/client';
import { authFlowErrors as honoErrors } from '@authflow/client/hono';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { FAILING } from './support/apps.ts';

describe.each(FAILING)('the error handler for %s', (name, startFailing) => {
  test('answers an AuthFlowError with its status and its JSON', async () => {
    const onError = vi.fn();
    const violations = [{ field: 'email', message: 'is required' }];
    const error = new AuthFlowError({
      code: 'INVALID_ARGUMENT',
      reason: 'INVALID_ARGUMENT',
      message: 'Faults.',
      violations,
    });
    const reply = await replyTo(error, onError);
    expect(reply.status).toBe(400);
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(await reply.json()).toEqual({ statusCode: 400, error: 'INVALID_ARGUMENT', message: 'Faults.', violations });
    expect(onError).not.toHaveBeenCalled();
  });

  test('names no address and tells the hook where the server could not be reached', async () => {
    const onError = vi.fn();
    const error = new AuthFlowError({
      code: 'UNAVAILABLE',
      message: 'No connection to http://10.0.0.1:50051: refused.',
    });
    const reply = await replyTo(error, onError);
    expect(reply.status).toBe(503);
    expect(await reply.json()).toEqual({ statusCode: 503, error: 'UNAVAILABLE', message: 'Please try again later.' });
    expect(onError).toHaveBeenCalledExactlyOnceWith(error);
  });

  test('tells the console where no hook hears of it', async () => {
    const written = vi.spyOn(console, 'error').mockReturnValue();
    onTestFinished(() => written.mockRestore());
    const message = 'The API key is not valid.';
    const reply = await replyTo(new AuthFlowError({ code: 'UNAUTHENTICATED', reason: 'API_KEY_INVALID', message }));
    expect(await reply.json()).toMatchObject({ statusCode: 503, error: 'UNAVAILABLE' });
    expect(written.mock.calls).toEqual([[`AuthFlow: AuthFlowError API_KEY_INVALID (UNAUTHENTICATED): ${message}`]]);
  });

  test('gives the wait, or the challenge, as the server does', async () => {
    const limited = await replyTo(
      new AuthFlowError({ code: 'RESOURCE_EXHAUSTED', reason: 'RATE_LIMITED', message: '', retryAfterMs: 1_200 }),
    );
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '2']);
    const ended = await replyTo(
      new AuthFlowError({ code: 'UNAUTHENTICATED', reason: 'SESSION_REVOKED', message: 'The session has ended.' }),
    );
    expect([ended.status, ended.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  test('keeps the challenge of a login', async () => {
    const reason = 'SECOND_FACTOR_REQUIRED';
    const challenge = { reason, challenge: 'half-a-login', methods: ['totp'], expiresAt: new Date() } as const;
    const message = 'The login needs a second factor.';
    const reply = await replyTo(new AuthFlowError({ code: 'UNAUTHENTICATED', reason, message, challenge }));
    expect(reply.status).toBe(401);
    expect(await reply.json()).toEqual({ statusCode: 401, error: reason, message });
    expect([...reply.headers].join()).not.toContain('half-a-login');
  });

  test('answers 500 to a status that is no refusal', async () => {
    const reply = await replyTo(new AuthFlowError({ code: 'UNKNOWN', statusCode: 304, message: '' }), () => {});
    expect(reply.status).toBe(500);
    expect(await reply.json()).toMatchObject({ statusCode: 500, error: 'INTERNAL' });
  });

  test('passes everything else on', async () => {
    const onError = vi.fn();
    const reply = await replyTo(new TypeError('a bug'), onError);
    expect(reply.status).toBe(500);
    expect(await reply.text()).toContain(name === 'Nest' ? 'Internal server error' : 'passed on: a bug');
    expect(onError).not.toHaveBeenCalled();
  });

  async function replyTo(error: Error, onError?: (error: AuthFlowError) => void): Promise<Response> {
    const { origin, stop } = await startFailing(error, onError === undefined ? {} : { onError });
    onTestFinished(stop);
    return fetch(origin);
  }
});

test("Hono's own errors stay as they are without a handler for the rest", async () => {
  const written = vi.spyOn(console, 'error').mockReturnValue();
  onTestFinished(() => written.mockRestore());
  const app = new Hono()
    .get('/teapot', () => {
      throw new HTTPException(418, { message: 'a teapot' });
    })
    .get('/bug', () => {
      throw new TypeError('a bug');
    });
  app.onError(honoErrors());
  expect(await (await app.request('/teapot')).text()).toBe('a teapot');
  const bug = await app.request('/bug');
  expect([bug.status, await bug.text()]).toEqual([500, 'Internal Server Error']);
  expect(written).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'a bug' }));
});
