import { requireAdministrator } from '../domain/administrator.ts';
import { AuthError } from '../domain/errors.ts';
import { type KeyManager, requireManagementKey } from '../domain/management-key.ts';
import type { Ports } from '../domain/ports.ts';
import {
  type IdentifiedTenant,
  identifyTenant,
  type KeyTenant,
  requireIdentifiedTenant,
  requireKeyTenant,
  type TenantClaim,
} from '../domain/tenant.ts';
import { type HeaderReader, readAdminToken } from './credentials.ts';

/** The operator, proven by the admin token. */
export interface Administrator {
  readonly isAdministrator: true;
}

/** Who manages an organization's users and settings. */
export type Manager = Administrator | KeyManager;

/**
 * Who calls: an organization, by an API key with its class or by its id alone; the administrator; the holder of a management key; or
 * null, where a session alone, or nothing at all, opens the operation.
 */
export type Principal = IdentifiedTenant | Manager | null;

/** What opens an operation. */
export type Access<Parameters, Caller extends Principal> =
  | ByParameters<Parameters, Caller>
  | ByHeaders<Parameters, Caller>;

/** The caller is known by its parameters, which are therefore checked first. */
interface ByParameters<Parameters, Caller extends Principal> {
  readonly opens: 'api_key';
  /** Throws API_KEY_INVALID, ORGANIZATION_NOT_FOUND. */
  identify(ports: Ports, parameters: Parameters): Promise<Caller>;
}

/** The caller is known by headers alone, and asked before a parameter is looked at: strangers learn nothing of these. */
interface ByHeaders<Parameters, Caller extends Principal> {
  readonly opens: 'admin_token' | 'admin_token_or_setting' | 'management_key';
  /** Throws ADMIN_TOKEN_INVALID, API_KEY_INVALID. */
  identify(ports: Ports, header: HeaderReader): Promise<Caller>;
  /**
   * Whether the caller may do that to what the parameters name, asked once these are checked; by default it may. Throws
   * API_KEY_INVALID for another organization's key, ACCESS_DENIED.
   */
  admit?(caller: Caller, parameters: Parameters): void;
}

/** What a manager does: read, change, or open a session in a user's place. */
type Right = 'read' | 'write' | 'impersonate';

/** An API key, or nothing: who gives one is known by it. */
export const ANYBODY: Access<TenantClaim, IdentifiedTenant | null> = { opens: 'api_key', identify: identifyTenant };

/** The session that the call shows, alone or with the key or the id of its organization; the reader demands these where it must. */
export const SESSION: Access<TenantClaim, IdentifiedTenant | null> = { opens: 'api_key', identify: identifyTenant };

/** The challenge of a login, alone or with the key or the id of its organization; the reader demands the key where it must. */
export const CHALLENGE: Access<TenantClaim, IdentifiedTenant | null> = { opens: 'api_key', identify: identifyTenant };

/** An API key or the id of an organization. */
export const TENANT: Access<TenantClaim, IdentifiedTenant> = { opens: 'api_key', identify: requireIdentifiedTenant };

/** An API key. */
export const API_KEY: Access<TenantClaim, KeyTenant> = { opens: 'api_key', identify: requireKeyTenant };

/** The token of a mail, which tells by itself whose it is: nobody else is asked for. */
export const MAIL_TOKEN: Access<unknown, null> = { opens: 'api_key', identify: async () => null };

/** The admin token. */
export const ADMINISTRATOR: Access<unknown, Administrator> = { opens: 'admin_token', identify: identifyAdministrator };

/** The admin token, or anybody where organizations sign up freely. */
export const ADMINISTRATOR_UNLESS_OPEN: Access<unknown, Administrator | null> = {
  opens: 'admin_token_or_setting',
  identify: (ports, header) =>
    ports.rules.openSignup ? recognizeAdministrator(ports, header) : identifyAdministrator(ports, header),
};

/** The admin token, or the organization's own management key with this right. */
export function manager(right: Right): Access<{ readonly orgId: string }, Manager> {
  return {
    opens: 'management_key',
    identify: identifyManager,
    admit: (caller, { orgId }) => requireRight(caller, orgId, right),
  };
}

/**
 * The admin token, or the organization's own management key, which may change everything but what is the administrator's alone.
 */
export const SETTINGS_MANAGER: Access<{ readonly orgId: string; readonly isForAdministrator: boolean }, Manager> = {
  opens: 'management_key',
  identify: identifyManager,
  admit(caller, { orgId, isForAdministrator }) {
    requireRight(caller, orgId, 'write');
    if (isForAdministrator && keyManagerOf(caller) !== null) {
      throw new AuthError('ACCESS_DENIED');
    }
  },
};

/** The management key's side of a manager; null for the administrator. */
export function keyManagerOf(manager: Manager): KeyManager | null {
  return 'isKeyManager' in manager ? manager : null;
}

async function identifyManager(ports: Ports, header: HeaderReader): Promise<Manager> {
  const token = readAdminToken(header);
  return token.startsWith('afm_') ? requireManagementKey(ports, token) : identifyAdministrator(ports, header);
}

function requireRight(caller: Manager, orgId: string, right: Right): void {
  const key = keyManagerOf(caller);
  if (key === null) {
    return;
  }
  if (key.orgId !== orgId) {
    throw new AuthError('API_KEY_INVALID');
  }
  const may = { read: true, write: key.mayWrite, impersonate: key.mayImpersonate };
  if (!may[right]) {
    throw new AuthError('ACCESS_DENIED');
  }
}

async function identifyAdministrator(ports: Ports, header: HeaderReader): Promise<Administrator> {
  await requireAdministrator(ports, readAdminToken(header));
  return { isAdministrator: true };
}

/** Null for anybody else: no token, or a wrong one, refuses nobody here. */
async function recognizeAdministrator(ports: Ports, header: HeaderReader): Promise<Administrator | null> {
  const adminToken = readAdminToken(header);
  return adminToken !== '' && (await ports.adminTokens.verify(adminToken)) ? { isAdministrator: true } : null;
}
