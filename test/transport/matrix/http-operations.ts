import { CALLS_BY_MAIL, type CallByMail, goodMailParams } from './accounts-by-mail.ts';
import { CALLS_BY_SESSION, type CallBySession, goodSessionParams } from './accounts-by-session.ts';
import { formOf } from './auth-entrances.ts';
import {
  ADMIN_CALLS,
  type AdminCallName,
  authPathOf,
  CALLS,
  type CallName,
  type Fields,
  pathOf,
  SECOND_FACTOR_CALLS,
  type SecondFactorCallName,
} from './entrance.ts';
import { fillPath, ORGANIZATION_ROUTES } from './organizations-entrances.ts';
import { type AdminWorld, goodAdminRequest } from './organizations-world.ts';
import { goodParams } from './refusals.ts';
import type { Request } from './scenario.ts';
import { goodFactorParams } from './second-factors.ts';
import type { World } from './world.ts';

/** A call on behalf of a user. */
export type UserCall = CallName | CallBySession | CallByMail | SecondFactorCallName;

/** A call as plain HTTP sees it. */
export interface HttpOperation {
  readonly call: UserCall | AdminCallName;
  readonly title: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** May hold `{org_id}` and `{key_id}`. */
  readonly path: string;
  /** The value of the header `Allow` of its address. */
  readonly allow: string;
  readonly isRpc: boolean;
}

/** A call's parameters and headers, with which it would succeed, for its address. */
export interface HttpRequest {
  readonly path: string;
  /** Without those that stand in the path. */
  readonly params: Fields;
  /** The same as a query or a form. */
  readonly form: string;
  readonly headers: Readonly<Record<string, string>>;
}

const SIX: readonly HttpOperation[] = CALLS.flatMap((call) =>
  (['GET', 'POST'] as const).map((method) =>
    operation(call, method, `/auth/${call}`, { allow: 'GET, POST, OPTIONS', isRpc: false }),
  ),
);

const CALLS_OF_ACCOUNTS = [...CALLS_BY_SESSION, ...CALLS_BY_MAIL, ...SECOND_FACTOR_CALLS] as const;

const ACCOUNTS: readonly HttpOperation[] = CALLS_OF_ACCOUNTS.flatMap((call) =>
  (['GET', 'POST'] as const).map((method) =>
    operation(call, method, authPathOf(call), { allow: 'GET, POST, OPTIONS', isRpc: false }),
  ),
);

const ORGANIZATIONS: readonly HttpOperation[] = ADMIN_CALLS.map((call) => {
  const [method, path] = ORGANIZATION_ROUTES[call];
  const methods = Object.values(ORGANIZATION_ROUTES).flatMap(([each, its]) => (its === path ? [each] : []));
  return operation(call, method, path, { allow: [...methods, 'OPTIONS'].join(', '), isRpc: false });
});

const RPCS: readonly HttpOperation[] = [...CALLS, ...CALLS_OF_ACCOUNTS, ...ADMIN_CALLS].map((call) =>
  operation(call, 'POST', pathOf(call), { allow: 'POST, OPTIONS', isRpc: true }),
);

/** Every call at every address of the HTTP port. */
export const HTTP_OPERATIONS: readonly HttpOperation[] = [...SIX, ...ACCOUNTS, ...ORGANIZATIONS, ...RPCS];

/** Makes the request of an operation. */
export async function requestOf(
  { call, path }: HttpOperation,
  world: World,
  adminWorld: AdminWorld,
): Promise<HttpRequest> {
  const { params, headers = {} }: Request = isAdminCall(call)
    ? goodAdminRequest(call, adminWorld)
    : { params: await paramsOf(call, world) };
  const { url, rest } = fillPath(path, params);
  return { path: url, params: rest, form: String(formOf(rest)), headers };
}

/** Parameters with which a call on behalf of a user would succeed. */
export async function paramsOf(call: UserCall, world: World): Promise<Fields> {
  if (isOneOf(CALLS_BY_MAIL, call)) {
    return goodMailParams(call, world);
  }
  if (isOneOf(SECOND_FACTOR_CALLS, call)) {
    return goodFactorParams(call, world);
  }
  return isOneOf(CALLS_BY_SESSION, call)
    ? goodSessionParams(call, world)
    : { ...(await goodParams(call, world)), api_key: world.acme.apiKey };
}

function isOneOf<Name extends string>(names: readonly Name[], call: string): call is Name {
  return names.some((name) => name === call);
}

function isAdminCall(call: HttpOperation['call']): call is AdminCallName {
  return ADMIN_CALLS.some((name) => name === call);
}

function operation(
  call: HttpOperation['call'],
  method: HttpOperation['method'],
  path: string,
  rest: Pick<HttpOperation, 'allow' | 'isRpc'>,
): HttpOperation {
  return { call, title: `${method} ${path}`, method, path, ...rest };
}
