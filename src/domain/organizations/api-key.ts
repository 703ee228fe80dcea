import { AuthError, type FieldViolation } from '../errors.ts';
import { type AskedPage, type PageInput, readPage, takePage } from '../page.ts';
import { type Checked, checked, readId, readOptionalLine } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { countEnded } from '../sessions/count-ended.ts';
import { MAX_NAME } from './organization.ts';
import type { ApiKeyKind, ApiKeyRecord } from './storage.ts';

/** Parameters of CreateApiKey. */
export interface CreateApiKeyInput {
  readonly orgId: string;
  readonly label: string;
  /** Makes it the token key in place of the present one. */
  readonly inTokens: boolean;
  /** '' or `api`, `management`, `management_read`. */
  readonly kind?: string;
  /** Whether it opens Impersonate. */
  readonly impersonate?: boolean;
}

/** The same, checked. */
export interface CreateApiKeyParameters extends Required<CreateApiKeyInput> {
  readonly kind: ApiKeyKind;
}

const KINDS: readonly ApiKeyKind[] = ['api', 'management', 'management_read'];

/** Parameters of ListApiKeys. */
export interface ListApiKeysInput extends PageInput {
  readonly orgId: string;
}

/** Parameters of RevokeApiKey. */
export interface RevokeApiKeyInput {
  readonly orgId: string;
  readonly keyId: string;
  /** Also ends every live session of the organization. */
  readonly endSessions: boolean;
}

/** Which page of whose keys. */
export interface ListApiKeysParameters {
  readonly orgId: string;
  readonly page: AskedPage;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readNewApiKey(
  input: CreateApiKeyInput,
  faults: FieldViolation[] = [],
): Checked<CreateApiKeyParameters> {
  const { inTokens, impersonate = false } = input;
  const orgId = readId('org_id', input.orgId, faults);
  const label = readOptionalLine('label', input.label, MAX_NAME, faults);
  const kind = KINDS.find((each) => each === (input.kind || 'api'));
  if (kind === undefined) {
    faults.push({ field: 'kind', message: `must be one of ${KINDS.join(', ')}` });
  } else if (inTokens && kind !== 'api') {
    faults.push({ field: 'in_tokens', message: 'is for keys of the kind api alone' });
  }
  if (impersonate && kind !== 'management') {
    faults.push({ field: 'impersonate', message: 'is for keys of the kind management alone' });
  }
  return checked({ orgId, label, inTokens, kind: kind ?? 'api', impersonate }, faults);
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readApiKeyPage(input: ListApiKeysInput, faults: FieldViolation[] = []): Checked<ListApiKeysParameters> {
  const orgId = readId('org_id', input.orgId, faults);
  const page = readPage(input, faults);
  return checked({ orgId, page }, faults);
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readRevocation(input: RevokeApiKeyInput, faults: FieldViolation[] = []): Checked<RevokeApiKeyInput> {
  const orgId = readId('org_id', input.orgId, faults);
  const keyId = readId('key_id', input.keyId, faults);
  return checked({ orgId, keyId, endSessions: input.endSessions }, faults);
}

/** Adds a key, given here alone; the others keep working. Throws ORGANIZATION_NOT_FOUND. */
export async function createApiKey(
  { storage, clock, ids, apiKeys }: Ports,
  { orgId, label, inTokens, kind, impersonate }: Checked<CreateApiKeyParameters>,
): Promise<{ readonly key: ApiKeyRecord; readonly apiKey: string }> {
  const createdAt = clock.now();
  const keyId = ids.uuidV7(createdAt);
  const { apiKey, apiKeyHash } = apiKeys.create(kind);
  // No other key than the token key is ever kept in a form that can be opened.
  const sealedApiKey = inTokens ? apiKeys.seal(apiKey, { orgId, keyId }) : null;
  const key = { keyId, orgId, label, inTokens, kind, impersonate, createdAt };
  const outcome = await storage.createApiKey({ ...key, apiKeyHash, sealedApiKey });
  if (outcome === 'organization_not_found') {
    throw new AuthError('ORGANIZATION_NOT_FOUND');
  }
  const wasSealed = sealedApiKey !== null;
  return { key: { ...key, wasSealed, revokedAt: null }, apiKey };
}

/** A page of an organization's keys, oldest first, revoked ones included. Throws ORGANIZATION_NOT_FOUND. */
export async function listApiKeys(
  { storage }: Ports,
  { orgId, page }: Checked<ListApiKeysParameters>,
): Promise<{ readonly apiKeys: readonly ApiKeyRecord[]; readonly nextPageToken: string }> {
  await requireOrganization(storage, orgId);
  const rows = await storage.listApiKeys(orgId, page.request);
  const { items, nextPageToken } = takePage(rows, page, (key) => key.keyId);
  return { apiKeys: items, nextPageToken };
}

/**
 * Makes a key invalid from the next call on, everywhere. Repeating it is a success.
 * Throws ORGANIZATION_NOT_FOUND, API_KEY_NOT_FOUND.
 */
export async function revokeApiKey(
  { storage, clock }: Ports,
  { orgId, keyId, endSessions }: Checked<RevokeApiKeyInput>,
): Promise<{ readonly key: ApiKeyRecord; readonly endedSessions: number }> {
  await requireOrganization(storage, orgId);
  const revocation = { orgId, keyId, at: clock.now(), endSessions };
  const revoked = await storage.revokeApiKey(revocation);
  if (revoked === null) {
    throw new AuthError('API_KEY_NOT_FOUND');
  }
  return { key: revoked.apiKey, endedSessions: await countEnded(storage, revoked.ended) };
}

async function requireOrganization(storage: Ports['storage'], orgId: string): Promise<void> {
  if ((await storage.findOrganization(orgId)) === null) {
    throw new AuthError('ORGANIZATION_NOT_FOUND');
  }
}
