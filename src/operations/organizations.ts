import { create } from '@bufbuild/protobuf';
import {
  type ApiKey,
  ApiKeySchema,
  CloseOrganizationResponseSchema,
  CreateApiKeyResponseSchema,
  CreateOrganizationResponseSchema,
  GetOrganizationResponseSchema,
  ListApiKeysResponseSchema,
  ListOrganizationsResponseSchema,
  type Organization,
  OrganizationSchema,
  OrganizationService,
  type OrganizationSettings,
  OrganizationSettingsSchema,
  ReopenOrganizationResponseSchema,
  RevokeApiKeyResponseSchema,
  UpdateOrganizationResponseSchema,
} from '#gen/authflow/v1/organization_service_pb.js';
import {
  createApiKey,
  listApiKeys,
  readApiKeyPage,
  readNewApiKey,
  readRevocation,
  revokeApiKey,
} from '../domain/organizations/api-key.ts';
import {
  closeOrganization,
  countUsers,
  createOrganization,
  getOrganization,
  listOrganizations,
  readNewOrganization,
  readOrganization,
  readOrganizationPage,
  reopenOrganization,
} from '../domain/organizations/organization.ts';
import { settingsOf as storedSettingsOf } from '../domain/organizations/settings.ts';
import type { ApiKeyRecord, Organization as StoredOrganization } from '../domain/organizations/storage.ts';
import { readOrganizationUpdate, updateOrganization } from '../domain/organizations/update-organization.ts';
import { ADMINISTRATOR, ADMINISTRATOR_UNLESS_OPEN, keyManagerOf, manager, SETTINGS_MANAGER } from './access.ts';
import { MAX_CALL_MS } from './call.ts';
import { organizationCharges } from './charges.ts';
import { operation, type Service } from './operation.ts';
import { timestampOf } from './timestamp.ts';

const LIMITS = { longestMs: MAX_CALL_MS };
const NAME = { minLength: 1, maxLength: 100 };
const LABEL = { maxLength: 100 };
const PAGE_SIZE = { minimum: 0, maximum: 200, default: 50 };

const calls = OrganizationService.method;

/** The calls of operators. */
export const ORGANIZATIONS: Service = {
  descriptor: OrganizationService,
  title: 'Organizations',
  sometimes: ['closed_at', 'revoked_at'],
  mayBeEmpty: [],
  operations: [
    operation({
      method: calls.createOrganization,
      access: ADMINISTRATOR_UNLESS_OPEN,
      limits: { ...LIMITS, charges: organizationCharges },
      rest: {
        methods: ['POST'],
        path: '/organizations',
        summary: 'Sign up an organization',
        success: 'The organization is signed up. Keep its API key: it is shown once.',
        note: 'Needs no admin token where the server runs with AUTHFLOW_OPEN_SIGNUP=true.',
        required: ['name'],
        bounds: { name: NAME },
      },
      reasons: ['ORGANIZATION_EXISTS', 'RATE_LIMITED'],
      read: readNewOrganization,
      async run(ports, parameters, caller) {
        const by = caller === null ? 'itself' : 'administrator';
        const { organization, apiKey } = await createOrganization(ports, parameters, by);
        const { orgId, name } = organization;
        return create(CreateOrganizationResponseSchema, { orgId, name, apiKey });
      },
    }),

    operation({
      method: calls.listOrganizations,
      access: ADMINISTRATOR,
      limits: LIMITS,
      rest: {
        methods: ['GET'],
        path: '/organizations',
        summary: 'List organizations',
        success: 'Here are the organizations.',
        bounds: { page_size: PAGE_SIZE },
      },
      reasons: [],
      read: readOrganizationPage,
      async run(ports, parameters) {
        const { organizations, nextPageToken } = await listOrganizations(ports, parameters);
        return create(ListOrganizationsResponseSchema, {
          organizations: organizations.map(organizationOf),
          nextPageToken,
        });
      },
    }),

    operation({
      method: calls.getOrganization,
      access: manager('read'),
      limits: LIMITS,
      rest: {
        methods: ['GET'],
        path: '/organizations/{org_id}',
        summary: 'Describe an organization',
        success: 'Here is the organization.',
      },
      reasons: ['ORGANIZATION_NOT_FOUND', 'API_KEY_INVALID'],
      read: readOrganization,
      async run(ports, parameters) {
        const organization = await getOrganization(ports, parameters);
        return create(GetOrganizationResponseSchema, {
          organization: organizationOf(organization),
          settings: settingsOf(organization),
          users: await countUsers(ports, organization.orgId),
        });
      },
    }),

    operation({
      method: calls.updateOrganization,
      access: SETTINGS_MANAGER,
      limits: LIMITS,
      rest: {
        methods: ['PATCH'],
        path: '/organizations/{org_id}',
        summary: "Change an organization's settings",
        success: 'The organization is changed.',
        bounds: {
          name: NAME,
          mail_from_name: LABEL,
          session_ttl_seconds: { minimum: 0, maximum: 34_560_000 },
        },
      },
      reasons: ['ORGANIZATION_NOT_FOUND', 'ORGANIZATION_EXISTS', 'API_KEY_INVALID', 'ACCESS_DENIED'],
      read: readOrganizationUpdate,
      async run(ports, parameters, caller) {
        const organization = await updateOrganization(ports, parameters, keyManagerOf(caller));
        return create(UpdateOrganizationResponseSchema, {
          organization: organizationOf(organization),
          settings: settingsOf(organization),
        });
      },
    }),

    operation({
      method: calls.closeOrganization,
      access: ADMINISTRATOR,
      limits: LIMITS,
      rest: {
        methods: ['POST'],
        path: '/organizations/{org_id}/close',
        summary: 'Close an organization',
        success: 'The organization is closed.',
      },
      reasons: ['ORGANIZATION_NOT_FOUND'],
      read: readOrganization,
      async run(ports, parameters) {
        const { organization, endedSessions } = await closeOrganization(ports, parameters);
        return create(CloseOrganizationResponseSchema, {
          organization: organizationOf(organization),
          endedSessions,
        });
      },
    }),

    operation({
      method: calls.reopenOrganization,
      access: ADMINISTRATOR,
      limits: LIMITS,
      rest: {
        methods: ['POST'],
        path: '/organizations/{org_id}/reopen',
        summary: 'Reopen an organization',
        success: 'The organization is open.',
      },
      reasons: ['ORGANIZATION_NOT_FOUND'],
      read: readOrganization,
      async run(ports, parameters) {
        const organization = organizationOf(await reopenOrganization(ports, parameters));
        return create(ReopenOrganizationResponseSchema, { organization });
      },
    }),

    operation({
      method: calls.createApiKey,
      access: ADMINISTRATOR,
      limits: LIMITS,
      rest: {
        methods: ['POST'],
        path: '/organizations/{org_id}/keys',
        summary: 'Add an API key',
        success: 'The API key is made. Keep it: it is shown once.',
        bounds: { label: LABEL },
      },
      reasons: ['ORGANIZATION_NOT_FOUND'],
      read: readNewApiKey,
      async run(ports, parameters) {
        const { key, apiKey } = await createApiKey(ports, parameters);
        const { keyId, label, inTokens, kind, impersonate, createdAt } = key;
        return create(CreateApiKeyResponseSchema, {
          keyId,
          apiKey,
          label,
          createdAt: timestampOf(createdAt),
          inTokens,
          kind,
          impersonate,
        });
      },
    }),

    operation({
      method: calls.listApiKeys,
      access: ADMINISTRATOR,
      limits: LIMITS,
      rest: {
        methods: ['GET'],
        path: '/organizations/{org_id}/keys',
        summary: 'List API keys',
        success: 'Here are the API keys.',
        bounds: { page_size: PAGE_SIZE },
      },
      reasons: ['ORGANIZATION_NOT_FOUND'],
      read: readApiKeyPage,
      async run(ports, parameters) {
        const { apiKeys, nextPageToken } = await listApiKeys(ports, parameters);
        return create(ListApiKeysResponseSchema, { apiKeys: apiKeys.map(apiKeyOf), nextPageToken });
      },
    }),

    operation({
      method: calls.revokeApiKey,
      access: ADMINISTRATOR,
      limits: LIMITS,
      rest: {
        methods: ['DELETE'],
        path: '/organizations/{org_id}/keys/{key_id}',
        summary: 'Revoke an API key',
        success: 'The API key is revoked.',
      },
      reasons: ['ORGANIZATION_NOT_FOUND', 'API_KEY_NOT_FOUND'],
      read: readRevocation,
      async run(ports, parameters) {
        const { key, endedSessions } = await revokeApiKey(ports, parameters);
        return create(RevokeApiKeyResponseSchema, { apiKey: apiKeyOf(key), endedSessions });
      },
    }),
  ],
};

function organizationOf({ orgId, name, createdAt, closedAt }: StoredOrganization): Organization {
  return create(OrganizationSchema, {
    orgId,
    name,
    createdAt: timestampOf(createdAt),
    ...(closedAt === null ? {} : { closedAt: timestampOf(closedAt) }),
  });
}

function settingsOf(organization: StoredOrganization): OrganizationSettings {
  return create(OrganizationSettingsSchema, storedSettingsOf(organization));
}

function apiKeyOf({ keyId, label, createdAt, revokedAt, inTokens, kind, impersonate }: ApiKeyRecord): ApiKey {
  return create(ApiKeySchema, {
    keyId,
    label,
    createdAt: timestampOf(createdAt),
    ...(revokedAt === null ? {} : { revokedAt: timestampOf(revokedAt) }),
    inTokens,
    kind,
    impersonate,
  });
}
