import {
  type AuthEntrance,
  authPath,
  type CallName,
  type CallOptions,
  type EntranceName,
  type Fields,
  type NextStep,
  type Reply,
} from '../entrance.ts';
import { type HttpClient, type HttpReply, type HttpRequest, isObject, jsonObject, waitOf } from '../http-client.ts';

/** `/auth` with parameters in the query. */
export function authGetEntrance(http: HttpClient): AuthEntrance {
  return authEntrance('auth-get', http, (path, fields, headers) => ({
    method: 'GET',
    path: `${path}?${formOf(fields)}`,
    headers,
  }));
}

/** `/auth` with a JSON body. */
export function authJsonEntrance(http: HttpClient): AuthEntrance {
  return authEntrance('auth-json', http, (path, fields, headers) => ({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(fields),
  }));
}

/** `/auth` with a form. */
export function authFormEntrance(http: HttpClient): AuthEntrance {
  return authEntrance('auth-form', http, (path, fields, headers) => ({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: formOf(fields),
  }));
}

type Compose = (path: string, fields: Fields, headers: NonNullable<CallOptions['headers']>) => HttpRequest;

function authEntrance(name: EntranceName, http: HttpClient, compose: Compose): AuthEntrance {
  return {
    name,
    family: 'auth',
    port: 'http',
    isJson: name === 'auth-json',
    async call(call: CallName, fields: Fields, { headers = {} }: CallOptions = {}) {
      return authReply(await http.send(compose(authPath(call), fields, headers)));
    },
    close() {},
  };
}

/** Fields as a query or a form. */
export function formOf(fields: Fields): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, String(value));
  }
  return form.toString();
}

/** Takes the envelope of `/auth` off. */
export function authReply(http: HttpReply): Reply {
  const { statusCode: _, message, error, violations, ...fields } = jsonObject(http) ?? {};
  const faults = Array.isArray(violations) ? violations : [];
  return {
    ok: http.status >= 200 && http.status <= 299,
    codes: 'http',
    status: http.status,
    fields,
    reason: typeof error === 'string' ? error : null,
    domain: null,
    nextStep: typeof error === 'string' ? nextStepIn(fields) : null,
    violations: faults.map((fault: unknown) => String(isObject(fault) ? fault.field : null)).sort(),
    message: typeof message === 'string' ? message : '',
    retryAfterMs: waitOf(http),
    http,
  };
}

/** It stands beside the reason; the methods are a list. */
function nextStepIn({ challenge, methods, expires_at: expiresAt }: Fields): NextStep | null {
  return typeof challenge === 'string' && Array.isArray(methods) && typeof expiresAt === 'string'
    ? { challenge, methods: methods.map(String), expiresAt }
    : null;
}
