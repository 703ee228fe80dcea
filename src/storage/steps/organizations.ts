import { mergedSettings } from '../../domain/organizations/settings.ts';
import type {
  ApiKeyRecord,
  ApiKeyRevocation,
  NewApiKey,
  Organization,
  OrganizationUpdate,
} from '../../domain/organizations/storage.ts';
import type { EndedGeneration } from '../../domain/sessions/storage.ts';
import type { WriteRows } from '../rows.ts';
import { record } from './audit.ts';
import { endSessionsOfOrganization } from './session-endings.ts';
import { ask, askAll, type Steps } from './steps.ts';
import { refuseTenant, tenantOf } from './tenant.ts';

/** Of two with one name, the one that inserts it wins. */
export function* createOrganization(
  rows: WriteRows,
  organization: Organization,
  firstKey: NewApiKey,
): Steps<'created' | 'already_exists'> {
  if (!(yield* ask(rows.organizations.insert(organization)))) {
    return 'already_exists';
  }
  yield* ask(rows.apiKeys.insert(firstKey));
  yield* record(rows, { type: 'organization.created', orgId: organization.orgId, targetId: firstKey.keyId });
  return 'created';
}

/** Of two with one name, the one that is committed first wins; so does the end of the key that changes it. */
export function* updateOrganization(
  rows: WriteRows,
  orgId: string,
  { name, settings, ...update }: OrganizationUpdate,
  keyId: string | null = null,
): Steps<Organization | 'already_exists' | 'api_key_invalid' | null> {
  const [found, key] = yield* askAll(...tenantOf(rows, { orgId, keyId }));
  if (keyId !== null && refuseTenant({ orgId, keyId }, found, key) !== null) {
    return 'api_key_invalid';
  }
  if (found === null) {
    return null;
  }
  if (name !== undefined) {
    const other = yield* ask(rows.organizations.findByNameKey(name.nameKey));
    if (other !== null && other.orgId !== orgId) {
      return 'already_exists';
    }
  }
  const organization = { ...found, ...name, ...update, settings: mergedSettings(found.settings, settings ?? {}) };
  yield* ask(rows.organizations.update(organization));
  const changed = [...Object.keys({ ...(name && { name }), ...update }), ...Object.keys(settings ?? {})];
  yield* record(rows, { type: 'organization.updated', orgId, details: { changed: changed.sort().join(' ') } });
  return organization;
}

/** The first to close it gives the instant. */
export function* closeOrganization(
  rows: WriteRows,
  orgId: string,
  at: number,
): Steps<{ readonly organization: Organization; readonly ended: EndedGeneration | null } | null> {
  const found = yield* ask(rows.organizations.find(orgId));
  if (found === null) {
    return null;
  }
  const organization = { ...found, closedAt: found.closedAt ?? at };
  yield* ask(rows.organizations.setClosedAt(orgId, organization.closedAt));
  yield* record(rows, { type: 'organization.closed', orgId });
  return { organization, ended: yield* endSessionsOfOrganization(rows, orgId, at) };
}

export function* reopenOrganization(rows: WriteRows, orgId: string): Steps<Organization | null> {
  const found = yield* ask(rows.organizations.find(orgId));
  if (found === null) {
    return null;
  }
  yield* ask(rows.organizations.setClosedAt(orgId, null));
  yield* record(rows, { type: 'organization.reopened', orgId });
  return { ...found, closedAt: null };
}

/** Of several token keys the last one stays in tokens. */
export function* createApiKey(rows: WriteRows, key: NewApiKey): Steps<'created' | 'organization_not_found'> {
  if ((yield* ask(rows.organizations.find(key.orgId))) === null) {
    return 'organization_not_found';
  }
  if (key.inTokens) {
    yield* ask(rows.apiKeys.clearTokenKey(key.orgId));
  }
  yield* ask(rows.apiKeys.insert(key));
  const { orgId, keyId, inTokens, kind, impersonate } = key;
  const rights = kind === 'api' ? {} : { kind, impersonate };
  yield* record(rows, {
    type: 'api_key.created',
    orgId,
    targetId: keyId,
    details: { in_tokens: inTokens, ...rights },
  });
  return 'created';
}

/** The first to revoke it gives the instant. */
export function* revokeApiKey(
  rows: WriteRows,
  { orgId, keyId, at, endSessions }: ApiKeyRevocation,
): Steps<{ readonly apiKey: ApiKeyRecord; readonly ended: EndedGeneration | null } | null> {
  const found = yield* ask(rows.apiKeys.find(orgId, keyId));
  if (found === null) {
    return null;
  }
  const apiKey = { ...found, inTokens: false, revokedAt: found.revokedAt ?? at };
  yield* ask(rows.apiKeys.setRevokedAt(orgId, keyId, apiKey.revokedAt));
  yield* record(rows, { type: 'api_key.revoked', orgId, targetId: keyId });
  if (!endSessions) {
    return { apiKey, ended: null };
  }
  yield* record(rows, { type: 'organization.sessions_ended', orgId });
  return { apiKey, ended: yield* endSessionsOfOrganization(rows, orgId, at) };
}
