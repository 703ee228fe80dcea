import { AuthError, type FieldViolation } from '../errors.ts';
import { type PageInput, readPage, takePage } from '../page.ts';
import { readId, readLine, refuseFaults } from '../parameters.ts';
import type { Ports } from '../ports.ts';
import { countEnded } from '../sessions/count-ended.ts';
import type { Organization } from './storage.ts';

/** The longest name of an organization and label of a key, in code points. */
export const MAX_NAME = 100;

/** Parameters of CreateOrganization. */
export interface CreateOrganizationInput {
  readonly name: string;
  /** What the entrance found wrong. */
  readonly faults: readonly FieldViolation[];
}

/** Names one organization. */
export interface OrganizationInput {
  readonly orgId: string;
  /** What the entrance found wrong. */
  readonly faults: readonly FieldViolation[];
}

/**
 * Signs up an organization with its first key, which is the token key and is given here alone. Of two that take
 * one name at once, one wins.
 *
 * Throws INVALID_ARGUMENT, ORGANIZATION_EXISTS.
 */
export async function createOrganization(
  { storage, clock, ids, apiKeys }: Ports,
  input: CreateOrganizationInput,
): Promise<{ readonly organization: Organization; readonly apiKey: string }> {
  const faults = [...input.faults];
  const name = readLine('name', input.name, MAX_NAME, faults);
  refuseFaults(faults);

  const createdAt = clock.now();
  const orgId = ids.uuidV4();
  const keyId = ids.uuidV7(createdAt);
  const { apiKey, apiKeyHash } = apiKeys.create();
  const organization = { orgId, name, nameKey: toNameKey(name), createdAt, closedAt: null };
  const outcome = await storage.createOrganization(organization, {
    keyId,
    orgId,
    label: '',
    apiKeyHash,
    sealedApiKey: apiKeys.seal(apiKey, { orgId, keyId }),
    inTokens: true,
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
    return await createOrganization(ports, { name, faults: [] });
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

/** Describes one organization, closed or not. Throws INVALID_ARGUMENT, ORGANIZATION_NOT_FOUND. */
export async function getOrganization({ storage }: Ports, input: OrganizationInput): Promise<Organization> {
  return found(await storage.findOrganization(readOrganizationId(input)));
}

/** A page of organizations, oldest first, closed ones included. Throws INVALID_ARGUMENT. */
export async function listOrganizations(
  { storage }: Ports,
  input: PageInput,
): Promise<{ readonly organizations: readonly Organization[]; readonly nextPageToken: string }> {
  const faults = [...input.faults];
  const page = readPage(input, faults);
  refuseFaults(faults);

  const rows = await storage.listOrganizations(page.request);
  const { items, nextPageToken } = takePage(rows, page, (organization) => organization.orgId);
  return { organizations: items, nextPageToken };
}

/**
 * Ends every session of an organization and refuses its keys and its id until it is reopened. Repeating it is a
 * success. Throws INVALID_ARGUMENT, ORGANIZATION_NOT_FOUND.
 */
export async function closeOrganization(
  { storage, clock }: Ports,
  input: OrganizationInput,
): Promise<{ readonly organization: Organization; readonly endedSessions: number }> {
  const { organization, ended } = found(await storage.closeOrganization(readOrganizationId(input), clock.now()));
  return { organization, endedSessions: await countEnded(storage, ended) };
}

/** Lets a closed organization in again; its sessions stay ended. Throws INVALID_ARGUMENT, ORGANIZATION_NOT_FOUND. */
export async function reopenOrganization({ storage }: Ports, input: OrganizationInput): Promise<Organization> {
  return found(await storage.reopenOrganization(readOrganizationId(input)));
}

function readOrganizationId(input: OrganizationInput): string {
  const faults = [...input.faults];
  const orgId = readId('org_id', input.orgId, faults);
  refuseFaults(faults);
  return orgId;
}

function found<Found>(result: Found | null): Found {
  if (result === null) {
    throw new AuthError('ORGANIZATION_NOT_FOUND');
  }
  return result;
}

/** Names are compared after NFC, without case. */
function toNameKey(name: string): string {
  return name.normalize('NFC').toLowerCase().normalize('NFC');
}
