import { create } from '@bufbuild/protobuf';
import {
  type ApiKey,
  ApiKeySchema,
  CloseOrganizationRequestSchema,
  CloseOrganizationResponseSchema,
  CreateApiKeyRequestSchema,
  CreateApiKeyResponseSchema,
  CreateOrganizationRequestSchema,
  CreateOrganizationResponseSchema,
  GetOrganizationRequestSchema,
  GetOrganizationResponseSchema,
  ListApiKeysRequestSchema,
  ListApiKeysResponseSchema,
  ListOrganizationsRequestSchema,
  ListOrganizationsResponseSchema,
  type Organization,
  OrganizationSchema,
  ReopenOrganizationRequestSchema,
  ReopenOrganizationResponseSchema,
  RevokeApiKeyRequestSchema,
  RevokeApiKeyResponseSchema,
} from '#gen/authflow/v1/organization_service_pb.js';
import { requireAdministrator } from '../domain/administrator.ts';
import { createApiKey, listApiKeys, revokeApiKey } from '../domain/organizations/api-key.ts';
import {
  closeOrganization,
  createOrganization,
  getOrganization,
  listOrganizations,
  reopenOrganization,
} from '../domain/organizations/organization.ts';
import type { ApiKeyRecord, Organization as StoredOrganization } from '../domain/organizations/storage.ts';
import type { Ports } from '../domain/ports.ts';
import { readAdminToken } from './credentials.ts';
import type { OrganizationHandlers } from './handlers.ts';
import { requestFaults } from './text-fields.ts';
import { timestampOf } from './timestamp.ts';

const faultsOfCreate = requestFaults(CreateOrganizationRequestSchema);
const faultsOfGet = requestFaults(GetOrganizationRequestSchema);
const faultsOfList = requestFaults(ListOrganizationsRequestSchema);
const faultsOfClose = requestFaults(CloseOrganizationRequestSchema);
const faultsOfReopen = requestFaults(ReopenOrganizationRequestSchema);
const faultsOfCreateApiKey = requestFaults(CreateApiKeyRequestSchema);
const faultsOfListApiKeys = requestFaults(ListApiKeysRequestSchema);
const faultsOfRevokeApiKey = requestFaults(RevokeApiKeyRequestSchema);

/** The calls of OrganizationService. The admin token is asked for before anything else is looked at. */
export function createOrganizationHandlers(ports: Ports): OrganizationHandlers {
  return {
    async createOrganization(request, call) {
      if (!ports.rules.openSignup) {
        await requireAdministrator(ports, readAdminToken(call));
      }
      const faults = faultsOfCreate(request, call);
      const created = await createOrganization(ports, { name: request.name, faults });
      const { orgId, name } = created.organization;
      return create(CreateOrganizationResponseSchema, { orgId, name, apiKey: created.apiKey });
    },

    async getOrganization(request, call) {
      await requireAdministrator(ports, readAdminToken(call));
      const faults = faultsOfGet(request, call);
      const found = await getOrganization(ports, { orgId: request.orgId, faults });
      return create(GetOrganizationResponseSchema, { organization: organizationOf(found) });
    },

    async listOrganizations(request, call) {
      await requireAdministrator(ports, readAdminToken(call));
      const faults = faultsOfList(request, call);
      const { pageSize, pageToken } = request;
      const page = await listOrganizations(ports, { pageSize, pageToken, faults });
      const organizations = page.organizations.map(organizationOf);
      return create(ListOrganizationsResponseSchema, { organizations, nextPageToken: page.nextPageToken });
    },

    async closeOrganization(request, call) {
      await requireAdministrator(ports, readAdminToken(call));
      const faults = faultsOfClose(request, call);
      const closed = await closeOrganization(ports, { orgId: request.orgId, faults });
      const organization = organizationOf(closed.organization);
      return create(CloseOrganizationResponseSchema, { organization, endedSessions: closed.endedSessions });
    },

    async reopenOrganization(request, call) {
      await requireAdministrator(ports, readAdminToken(call));
      const faults = faultsOfReopen(request, call);
      const opened = await reopenOrganization(ports, { orgId: request.orgId, faults });
      return create(ReopenOrganizationResponseSchema, { organization: organizationOf(opened) });
    },

    async createApiKey(request, call) {
      await requireAdministrator(ports, readAdminToken(call));
      const faults = faultsOfCreateApiKey(request, call);
      const { orgId, label, inTokens } = request;
      const { key, apiKey } = await createApiKey(ports, { orgId, label, inTokens, faults });
      const { keyId, label: trimmedLabel, inTokens: isTokenKey } = key;
      return create(CreateApiKeyResponseSchema, {
        keyId,
        apiKey,
        label: trimmedLabel,
        createdAt: timestampOf(key.createdAt),
        inTokens: isTokenKey,
      });
    },

    async listApiKeys(request, call) {
      await requireAdministrator(ports, readAdminToken(call));
      const faults = faultsOfListApiKeys(request, call);
      const { orgId, pageSize, pageToken } = request;
      const page = await listApiKeys(ports, { orgId, pageSize, pageToken, faults });
      const apiKeys = page.apiKeys.map(apiKeyOf);
      return create(ListApiKeysResponseSchema, { apiKeys, nextPageToken: page.nextPageToken });
    },

    async revokeApiKey(request, call) {
      await requireAdministrator(ports, readAdminToken(call));
      const faults = faultsOfRevokeApiKey(request, call);
      const { orgId, keyId, endSessions } = request;
      const { key, endedSessions } = await revokeApiKey(ports, { orgId, keyId, endSessions, faults });
      return create(RevokeApiKeyResponseSchema, { apiKey: apiKeyOf(key), endedSessions });
    },
  };
}

function organizationOf({ orgId, name, createdAt, closedAt }: StoredOrganization): Organization {
  return create(OrganizationSchema, {
    orgId,
    name,
    createdAt: timestampOf(createdAt),
    ...(closedAt === null ? {} : { closedAt: timestampOf(closedAt) }),
  });
}

function apiKeyOf({ keyId, label, createdAt, revokedAt, inTokens }: ApiKeyRecord): ApiKey {
  return create(ApiKeySchema, {
    keyId,
    label,
    createdAt: timestampOf(createdAt),
    ...(revokedAt === null ? {} : { revokedAt: timestampOf(revokedAt) }),
    inTokens,
  });
}
