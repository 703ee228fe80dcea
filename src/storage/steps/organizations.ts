import type { ApiKeyRecord, ApiKeyRevocation, NewApiKey, Organization } from '../../domain/organizations/storage.ts';
import type { EndedGeneration } from '../../domain/sessions/storage.ts';
import type { Rows } from '../rows.ts';
import { endSessionsOfOrganization } from './session-endings.ts';
import { ask, type Steps } from './steps.ts';

/** Of two with one name, the one that inserts it wins. */
export function* createOrganization(
  rows: Rows,
  organization: Organization,
  firstKey: NewApiKey,
): Steps<'created' | 'already_exists'> {
  if (!(yield* ask(rows.organizations.insert(organization)))) {
    return 'already_exists';
  }
  yield* ask(rows.apiKeys.insert(firstKey));
  return 'created';
}

/** The first to close it gives the instant. */
export function* closeOrganization(
  rows: Rows,
  orgId: string,
  at: number,
): Steps<{ readonly organization: Organization; readonly ended: EndedGeneration | null } | null> {
  const found = yield* ask(rows.organizations.find(orgId));
  if (found === null) {
    return null;
  }
  const organization = { ...found, closedAt: found.closedAt ?? at };
  yield* ask(rows.organizations.setClosedAt(orgId, organization.closedAt));
  return { organization, ended: yield* endSessionsOfOrganization(rows, orgId, at) };
}

export function* reopenOrganization(rows: Rows, orgId: string): Steps<Organization | null> {
  const found = yield* ask(rows.organizations.find(orgId));
  if (found === null) {
    return null;
  }
  yield* ask(rows.organizations.setClosedAt(orgId, null));
  return { ...found, closedAt: null };
}

/** Of several token keys the last one stays in tokens. */
export function* createApiKey(rows: Rows, key: NewApiKey): Steps<'created' | 'organization_not_found'> {
  if ((yield* ask(rows.organizations.find(key.orgId))) === null) {
    return 'organization_not_found';
  }
  if (key.inTokens) {
    yield* ask(rows.apiKeys.clearTokenKey(key.orgId));
  }
  yield* ask(rows.apiKeys.insert(key));
  return 'created';
}

/** The first to revoke it gives the instant. */
export function* revokeApiKey(
  rows: Rows,
  { orgId, keyId, at, endSessions }: ApiKeyRevocation,
): Steps<{ readonly apiKey: ApiKeyRecord; readonly ended: EndedGeneration | null } | null> {
  const found = yield* ask(rows.apiKeys.find(orgId, keyId));
  if (found === null) {
    return null;
  }
  const apiKey = { ...found, inTokens: false, revokedAt: found.revokedAt ?? at };
  yield* ask(rows.apiKeys.setRevokedAt(orgId, keyId, apiKey.revokedAt));
  return { apiKey, ended: endSessions ? yield* endSessionsOfOrganization(rows, orgId, at) : null };
}
