import { formOf, outcomeOf } from './auth-entrances.ts';
import type { AdminCallName, Entrance, Fields } from './entrance.ts';

/** `/organizations` with parameters in the query. */
export function organizationsQueryEntrance(origin: string): Entrance<AdminCallName> {
  return restEntrance((url, method, params, headers) =>
    fetch(`${origin}${url}?${formOf(params)}`, { method, headers: { ...headers } }),
  );
}

/** `/organizations` with JSON bodies; GET has none. */
export function organizationsJsonEntrance(origin: string): Entrance<AdminCallName> {
  return restEntrance((url, method, params, headers) =>
    method === 'GET'
      ? fetch(`${origin}${url}?${formOf(params)}`, { headers: { ...headers } })
      : fetch(`${origin}${url}`, {
          method,
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(params),
        }),
  );
}

/** `/organizations` with forms; GET has none. */
export function organizationsFormEntrance(origin: string): Entrance<AdminCallName> {
  return restEntrance((url, method, params, headers) =>
    method === 'GET'
      ? fetch(`${origin}${url}?${formOf(params)}`, { headers: { ...headers } })
      : fetch(`${origin}${url}`, { method, headers: { ...headers }, body: formOf(params) }),
  );
}

type RestMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE';

const USER = '/organizations/{org_id}/users/{user_id}';

/** Where each call stands (docs/contract.md, section 4). */
export const ORGANIZATION_ROUTES: Readonly<Record<AdminCallName, readonly [method: RestMethod, path: string]>> = {
  createOrganization: ['POST', '/organizations'],
  getOrganization: ['GET', '/organizations/{org_id}'],
  updateOrganization: ['PATCH', '/organizations/{org_id}'],
  listOrganizations: ['GET', '/organizations'],
  closeOrganization: ['POST', '/organizations/{org_id}/close'],
  reopenOrganization: ['POST', '/organizations/{org_id}/reopen'],
  createApiKey: ['POST', '/organizations/{org_id}/keys'],
  listApiKeys: ['GET', '/organizations/{org_id}/keys'],
  revokeApiKey: ['DELETE', '/organizations/{org_id}/keys/{key_id}'],
  createUser: ['POST', '/organizations/{org_id}/users'],
  listUsers: ['GET', '/organizations/{org_id}/users'],
  getUser: ['GET', USER],
  updateUser: ['PATCH', USER],
  deleteUser: ['DELETE', USER],
  setPassword: ['POST', `${USER}/password`],
  disableUser: ['POST', `${USER}/disable`],
  enableUser: ['POST', `${USER}/enable`],
  unlockUser: ['POST', `${USER}/unlock`],
  listUserSessions: ['GET', `${USER}/sessions`],
  endUserSessions: ['DELETE', `${USER}/sessions`],
  resetSecondFactor: ['POST', `${USER}/reset-second-factor`],
  createMailToken: ['POST', `${USER}/mail-token`],
  impersonate: ['POST', `${USER}/impersonate`],
  listAuditEvents: ['GET', '/audit-events'],
};

/** The path of a call with its parameters filled in, and those that are left. */
export function fillPath(path: string, params: Fields): { readonly url: string; readonly rest: Fields } {
  const rest = { ...params };
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest[name] ?? '');
    delete rest[name];
    return value;
  });
  return { url, rest };
}

type Send = (
  url: string,
  method: RestMethod,
  params: Fields,
  headers: Readonly<Record<string, string>>,
) => Promise<Response>;

function restEntrance(send: Send): Entrance<AdminCallName> {
  return {
    close() {},
    async call(name, params, headers) {
      const [method, path] = ORGANIZATION_ROUTES[name];
      const { url, rest } = fillPath(path, params);
      return outcomeOf(await send(url, method, rest, headers));
    },
  };
}
