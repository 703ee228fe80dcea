import { requireAdministrator } from '../domain/administrator.ts';
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

/**
 * Who calls: an organization, by an API key with its class or by its id alone; the administrator; or null, where a session
 * alone, or nothing at all, opens the operation.
 */
export type Principal = IdentifiedTenant | Administrator | null;

/** What opens an operation. */
export type Access<Parameters, Caller extends Principal> = ByParameters<Parameters, Caller> | ByHeaders<Caller>;

/** The caller is known by its parameters, which are therefore checked first. */
interface ByParameters<Parameters, Caller extends Principal> {
  readonly opens: 'api_key';
  /** Throws API_KEY_INVALID, ORGANIZATION_NOT_FOUND. */
  identify(ports: Ports, parameters: Parameters): Promise<Caller>;
}

/** The caller is known by headers alone, and asked before a parameter is looked at: strangers learn nothing of these. */
interface ByHeaders<Caller extends Principal> {
  readonly opens: 'admin_token' | 'admin_token_or_setting';
  /** Throws ADMIN_TOKEN_INVALID. */
  identify(ports: Ports, header: HeaderReader): Promise<Caller>;
}

/** An API key, or nothing: who gives one is known by it. */
export const ANYBODY: Access<TenantClaim, IdentifiedTenant | null> = { opens: 'api_key', identify: identifyTenant };

/** The session that the call shows, alone or with the key or the id of its organization; the reader demands these where it must. */
export const SESSION: Access<TenantClaim, IdentifiedTenant | null> = { opens: 'api_key', identify: identifyTenant };

/** An API key or the id of an organization. */
export const TENANT: Access<TenantClaim, IdentifiedTenant> = { opens: 'api_key', identify: requireIdentifiedTenant };

/** An API key. */
export const API_KEY: Access<TenantClaim, KeyTenant> = { opens: 'api_key', identify: requireKeyTenant };

/** The admin token. */
export const ADMINISTRATOR: Access<unknown, Administrator> = { opens: 'admin_token', identify: identifyAdministrator };

/** The admin token, or anybody where organizations sign up freely. */
export const ADMINISTRATOR_UNLESS_OPEN: Access<unknown, Administrator | null> = {
  opens: 'admin_token_or_setting',
  identify: (ports, header) =>
    ports.rules.openSignup ? recognizeAdministrator(ports, header) : identifyAdministrator(ports, header),
};

async function identifyAdministrator(ports: Ports, header: HeaderReader): Promise<Administrator> {
  await requireAdministrator(ports, readAdminToken(header));
  return { isAdministrator: true };
}

/** Null for anybody else: no token, or a wrong one, refuses nobody here. */
async function recognizeAdministrator(ports: Ports, header: HeaderReader): Promise<Administrator | null> {
  const adminToken = readAdminToken(header);
  return adminToken !== '' && (await ports.adminTokens.verify(adminToken)) ? { isAdministrator: true } : null;
}
