import { AuthError, type FieldViolation } from '../errors.ts';
import { type AskedPage, type PageInput, readPage, takePage } from '../page.ts';
import { type Checked, checked, readId, readLine } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { countEnded } from '../sessions/count-ended.ts';
import { NO_SETTINGS } from './settings.ts';
import type { Organization } from './storage.ts';

/** The longest name of an organization and label of a key, in code points. */
export const MAX_NAME = 100;

/** Parameters of CreateOrganization. */
export interface CreateOrganizationInput {
  readonly name: string;
}

/** Names one organization. */
export interface OrganizationInput {
  readonly orgId: string;
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readNewOrganization(
  input: CreateOrganizationInput,
  faults: FieldViolation[] = [],
): Checked<CreateOrganizationInput> {
  return checked({ name: readLine('name', input.name, MAX_NAME, faults) }, faults);
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readOrganization(input: OrganizationInput, faults: FieldViolation[] = []): Checked<OrganizationInput> {
  return checked({ orgId: readId('org_id', input.orgId, faults) }, faults);
}

/** Throws INVALID_ARGUMENT with these faults and its own. */
export function readOrganizationPage(input: PageInput, faults: FieldViolation[] = []): Checked<AskedPage> {
  return checked(readPage(input, faults), faults);
}

/**
 * Signs up an organization with its first key, which is the token key and is given here alone. Of two that take
 * one name at once, one wins. Of one that signs itself up no mail is sent until an administrator approves it.
 *
 * Throws ORGANIZATION_EXISTS.
 */
export async function createOrganization(
  { storage, clock, ids, apiKeys }: Ports,
  { name }: Checked<CreateOrganizationInput>,
  by: 'administrator' | 'itself' = 'administrator',
): Promise<{ readonly organization: Organization; readonly apiKey: string }> {
  const createdAt = clock.now();
  const orgId = ids.uuidV4();
  const keyId = ids.uuidV7(createdAt);
  const { apiKey, apiKeyHash } = apiKeys.create('api');
  const organization = {
    orgId,
    name,
    nameKey: toNameKey(name),
    createdAt,
    closedAt: null,
    sessionTtlSeconds: null,
    mailApproved: by === 'administrator',
    settings: NO_SETTINGS,
  };
  const outcome = await storage.createOrganization(organization, {
    keyId,
    orgId,
    label: '',
    apiKeyHash,
    sealedApiKey: apiKeys.seal(apiKey, { orgId, keyId }),
    inTokens: true,
    kind: 'api',
    impersonate: false,
    createdAt,
  });
  if (outcome === 'already_exists') {
    throw new AuthError('ORGANIZATION_EXISTS');
  }
  return { organization, apiKey };
}

/**
 * The organization of this name, made if it is missing; `apiKey` is null when it was there. Throws INVALID_ARGUMENT.
 */
export async function ensureOrganization(
  ports: Ports,
  { name }: { readonly name: string },
): Promise<{ readonly organization: Organization; readonly apiKey: string | null }> {
  const existing = await findOrganizationByName(ports, name);
  if (existing !== null) {
    return { organization: existing, apiKey: null };
  }
  try {
    return await createOrganization(ports, readNewOrganization({ name }));
  } catch (error) {
    // Another process made it between the look and the write.
    const winner = error instanceof AuthError ? await findOrganizationByName(ports, name) : null;
    if (winner === null) {
      throw error;
    }
    return { organization: winner, apiKey: null };
  }
}

/** The organization of a name, compared as sign-up compares it, or null. */
export async function findOrganizationByName(
  { storage }: Pick<Ports, 'storage'>,
  name: string,
): Promise<Organization | null> {
  return storage.findOrganizationByNameKey(toNameKey(name.trim()));
}

/** Describes one organization, closed or not. Throws ORGANIZATION_NOT_FOUND. */
export async function getOrganization(
  { storage }: Ports,
  { orgId }: Checked<OrganizationInput>,
): Promise<Organization> {
  return found(await storage.findOrganization(orgId));
}

/** Counting further would cost more than it tells (docs/contract.md, section 4). */
const MOST_COUNTED = 10_000;

/** How many users it has, counted up to 10,000. */
export async function countUsers({ storage }: Pick<Ports, 'storage'>, orgId: string): Promise<number> {
  return storage.countUsers(orgId, MOST_COUNTED);
}

/** A page of organizations, oldest first, closed ones included. */
export async function listOrganizations(
  { storage }: Ports,
  page: Checked<AskedPage>,
): Promise<{ readonly organizations: readonly Organization[]; readonly nextPageToken: string }> {
  const rows = await storage.listOrganizations(page.request);
  const { items, nextPageToken } = takePage(rows, page, (organization) => organization.orgId);
  return { organizations: items, nextPageToken };
}

/**
 * Ends every session of an organization and refuses its keys and its id until it is reopened. Repeating it is a
 * success. Throws ORGANIZATION_NOT_FOUND.
 */
export async function closeOrganization(
  { storage, clock }: Ports,
  { orgId }: Checked<OrganizationInput>,
): Promise<{ readonly organization: Organization; readonly endedSessions: number }> {
  const { organization, ended } = found(await storage.closeOrganization(orgId, clock.now()));
  return { organization, endedSessions: await countEnded(storage, ended) };
}

/** Lets a closed organization in again; its sessions stay ended. Throws ORGANIZATION_NOT_FOUND. */
export async function reopenOrganization(
  { storage }: Ports,
  { orgId }: Checked<OrganizationInput>,
): Promise<Organization> {
  return found(await storage.reopenOrganization(orgId));
}

function found<Found>(result: Found | null): Found {
  if (result === null) {
    throw new AuthError('ORGANIZATION_NOT_FOUND');
  }
  return result;
}

/** Names are compared after NFC, without case. */
export function toNameKey(name: string): string {
  return name.normalize('NFC').toLowerCase().normalize('NFC');
}
