import { expect } from 'vitest';
import {
  type AuthCallName,
  authPathOf,
  type Entrance,
  type Fields,
  type NextStep,
  type Refusal,
  type Success,
} from './entrance.ts';

/** `/auth` with parameters in the query. */
export function authGetEntrance(origin: string): Entrance<AuthCallName> {
  return authEntrance((path, params, headers) => fetch(`${origin}${path}?${formOf(params)}`, { headers }));
}

/** `/auth` with a JSON body. */
export function authJsonEntrance(origin: string): Entrance<AuthCallName> {
  return authEntrance((path, params, headers) =>
    fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(params),
    }),
  );
}

/** `/auth` with a form. */
export function authFormEntrance(origin: string): Entrance<AuthCallName> {
  return authEntrance((path, params, headers) =>
    fetch(`${origin}${path}`, { method: 'POST', headers, body: formOf(params) }),
  );
}

type Send = (path: string, params: Fields, headers: Readonly<Record<string, string>>) => Promise<Response>;

function authEntrance(send: Send): Entrance<AuthCallName> {
  return {
    close() {},
    async call(name, params, headers) {
      return outcomeOf(await send(authPathOf(name), params, headers));
    },
  };
}

/** Parameters as a query or a form. */
export function formOf(params: Fields): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    form.set(name, String(value));
  }
  return form;
}

interface Envelope extends Record<string, unknown> {
  readonly statusCode: number;
  readonly message: string;
  readonly error?: string;
  readonly violations?: readonly { readonly field: string }[];
}

/** Takes the envelope off, after a look at what every reply must have. */
export async function outcomeOf(response: Response): Promise<Success | Refusal> {
  const { statusCode, message, error, violations, ...fields } = (await response.json()) as Envelope;
  expect(statusCode).toBe(response.status);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('content-encoding')).toBeNull();
  expect(response.headers.get('www-authenticate')).toBe(statusCode === 401 ? 'Bearer' : null);
  expect(message).toMatch(/./);
  if (response.ok) {
    expect(response.status).toBe(200);
    return { ok: fields };
  }
  const next = 'challenge' in fields ? { next: nextStepOf(fields) } : {};
  expect('next' in next ? {} : fields).toEqual({});
  return {
    ...next,
    reason: error ?? null,
    status: statusCode,
    violations: (violations ?? []).map(({ field }) => field).sort(),
    waits: Number(response.headers.get('retry-after')) >= 1,
    message,
  };
}

/** The members beside those of every error: these, in this order, and no other. */
function nextStepOf(fields: Readonly<Record<string, unknown>>): NextStep {
  expect(Object.keys(fields)).toEqual(['challenge', 'methods', 'expires_at']);
  const { challenge, methods, expires_at } = fields;
  expect(methods).toEqual(expect.any(Array));
  return { challenge: String(challenge), methods: methods as string[], expires_at: String(expires_at) };
}
