import { closeOrganization, createApiKey, listApiKeys, revokeApiKey } from '../../support/asked.ts';
import type { TestServer } from '../../support/running-server.ts';
import type { AdminCallName, Fields } from './entrance.ts';
import type { Request } from './scenario.ts';

/** An organization and the id of its first key. */
export interface AdminTenant {
  readonly orgId: string;
  readonly apiKey: string;
  readonly keyId: string;
  readonly userId: string;
  /** Who has the role {@link PROTECTED_ROLE}. */
  readonly ownerId: string;
  readonly disabledId: string;
  /** To be deleted. */
  readonly spareId: string;
  /** Management keys: one with every right, one that may only read, and one that was revoked. */
  readonly managementKey: string;
  /** Without the right to impersonate. */
  readonly plainKey: string;
  readonly readingKey: string;
  readonly revokedKey: string;
}

/** What the scenarios of OrganizationService stand on; none of them changes it. */
export interface AdminWorld {
  readonly adminToken: string;
  /** By the name {@link ACME}. */
  readonly acme: AdminTenant;
  readonly globex: AdminTenant;
  /** Closed, by the name {@link CLOSED}. */
  readonly closed: AdminTenant;
}

/** A name with letters that NFC, case and space can spell in other ways. */
export const ACME = 'Acmé Österreich';

/** The name of an organization that was closed. */
export const CLOSED = 'Closed';

/** Makes the world straight through the rules, past every entrance. */
export async function createAdminWorld(server: TestServer): Promise<AdminWorld> {
  const acme = await tenantOf(server, ACME);
  const globex = await tenantOf(server, 'Globex');
  const closed = await tenantOf(server, CLOSED);
  await closeOrganization(server.ports, { orgId: closed.orgId });
  return { adminToken: server.adminToken, acme, globex, closed };
}

async function tenantOf({ ports, createOrganization }: TestServer, name: string): Promise<AdminTenant> {
  const { orgId, apiKey } = await createOrganization(name);
  const { apiKeys } = await listApiKeys(ports, { orgId, pageSize: 1, pageToken: '' });
  const add = (kind: string, impersonate = false) =>
    createApiKey(ports, { orgId, label: kind, inTokens: false, kind, impersonate });
  const managing = await add('management', true);
  const plain = await add('management');
  const reading = await add('management_read');
  const disabledId = await userOf({ ports }, orgId, ['disabled']);
  await ports.storage.disableUser(orgId, disabledId, ports.clock.now());
  const revoked = await add('management');
  await revokeApiKey(ports, { orgId, keyId: revoked.key.keyId, endSessions: false });
  return {
    orgId,
    apiKey,
    keyId: apiKeys[0]?.keyId ?? '',
    userId: await userOf({ ports }, orgId, []),
    ownerId: await userOf({ ports }, orgId, [PROTECTED_ROLE]),
    disabledId,
    spareId: await userOf({ ports }, orgId, ['spare']),
    plainKey: plain.apiKey,
    managementKey: managing.apiKey,
    readingKey: reading.apiKey,
    revokedKey: revoked.apiKey,
  };
}

/** The role that management keys cannot touch. */
export const PROTECTED_ROLE = 'owner';

/** The e-mail of a user of each organization. */
export const TAKEN_EMAIL = 'ada@example.com';

/** Adds a user; gives the id. */
export async function userOf(
  { ports }: Pick<TestServer, 'ports'>,
  orgId: string,
  roles: readonly string[],
  email = roles.length === 0 ? TAKEN_EMAIL : `${roles.join()}@example.com`,
): Promise<string> {
  const createdAt = ports.clock.now();
  const userId = ports.ids.uuidV7(createdAt);
  const texts = { fullname: 'Ada Lovelace', passwordHash: null, publicMetadata: '', privateMetadata: '' };
  await ports.storage.addUser({ userId, orgId, email, createdAt, emailVerifiedAt: null, roles, ...texts }, null);
  return userId;
}

/** A request with which a call would succeed. */
export function goodAdminRequest(call: AdminCallName, { adminToken, acme }: AdminWorld): Required<Request> {
  return { params: goodParams(call, acme), headers: { authorization: `Bearer ${adminToken}` } };
}

function goodParams(call: AdminCallName, tenant: AdminTenant): Fields {
  const { orgId: org_id, keyId: key_id, userId: user_id, spareId } = tenant;
  switch (call) {
    case 'createOrganization':
      return { name: 'Initech' };
    case 'listOrganizations':
      return {};
    case 'listAuditEvents':
      return { type: 'store.moved' };
    case 'createApiKey':
      return { org_id, label: 'second', in_tokens: true };
    case 'revokeApiKey':
      return { org_id, key_id, end_sessions: true };
    case 'updateOrganization':
      return { org_id, update_mask: ['locale'], locale: 'de' };
    case 'createUser':
      return { org_id, email: 'grace@example.com', fullname: 'Grace Hopper' };
    case 'updateUser':
      return { org_id, user_id, update_mask: ['fullname'], fullname: 'Ada Byron' };
    case 'setPassword':
      return { org_id, user_id, newPassword: 'Another-Horse-8' };
    case 'createMailToken':
      return { org_id, user_id, kind: 'reset' };
    case 'impersonate':
      return { org_id, user_id, reason: 'ticket 4711' };
    case 'deleteUser':
      return { org_id, user_id: spareId };
    case 'getUser':
    case 'disableUser':
    case 'enableUser':
    case 'unlockUser':
    case 'listUserSessions':
    case 'endUserSessions':
    case 'resetSecondFactor':
      return { org_id, user_id };
    case 'listUsers':
    case 'getOrganization':
    case 'closeOrganization':
    case 'reopenOrganization':
    case 'listApiKeys':
      return { org_id };
  }
}
