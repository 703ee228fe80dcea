import { randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { AuditEvent } from '../../src/domain/audit/audit-event.ts';
import type { LoginAttempt, NewSession, NewUser, SpentNonce } from '../../src/domain/auth/storage.ts';
import type { NewMail, NewMailRequest } from '../../src/domain/mail/storage.ts';
import type { NewApiKey, Organization } from '../../src/domain/organizations/storage.ts';
import type { PageRequest } from '../../src/domain/page.ts';
import { UNKNOWN_DEVICE } from '../../src/domain/sessions/device.ts';
import type { EndedGeneration, SessionSubject } from '../../src/domain/sessions/storage.ts';
import type { SigningKeyRecord } from '../../src/domain/signing-keys/storage.ts';
import type { Storage, StoreIdentity } from '../../src/domain/storage.ts';
import type { Tenant } from '../../src/domain/tenant.ts';
import type { AddedUser, ImportedUser } from '../../src/domain/users/storage.ts';
import { UNCOUNTED } from '../support/storage/uncounted.ts';

/** The instant at which the tests play: 2026-01-01T00:00:00Z. */
export const NOW = Date.UTC(2026, 0, 1);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const KID = 'kid-first';

/** Of stores and of nonces here, unless they say otherwise. */
export const EPOCH = 'the first epoch';

export function storeIdentity(changes: Partial<StoreIdentity> = {}): StoreIdentity {
  return { storeId: randomUUID(), epoch: EPOCH, secretCheck: randomBytes(40), ...changes };
}

export function signingKey(changes: Partial<SigningKeyRecord> = {}): SigningKeyRecord {
  return {
    kid: `kid-${randomUUID()}`,
    publicJwk: '{"kty":"EC"}',
    sealedPrivateKey: randomBytes(60),
    createdAt: NOW,
    activatesAt: NOW,
    verifiesUntil: 0,
    retiredAt: null,
    ...changes,
  };
}

export function organization(changes: Partial<Organization> = {}): Organization {
  const name = changes.name ?? `Organization ${randomUUID()}`;
  return {
    orgId: randomUUID(),
    name,
    nameKey: name.toLowerCase(),
    createdAt: NOW,
    closedAt: null,
    sessionTtlSeconds: null,
    mailApproved: true,
    settings: '{}',
    ...changes,
  };
}

export function apiKey(orgId: string, changes: Partial<NewApiKey> = {}): NewApiKey {
  return {
    keyId: randomUUID(),
    orgId,
    label: 'a key',
    apiKeyHash: randomBytes(32),
    sealedApiKey: null,
    inTokens: false,
    kind: 'api',
    impersonate: false,
    createdAt: NOW,
    ...changes,
  };
}

export function tokenKey(orgId: string, changes: Partial<NewApiKey> = {}): NewApiKey {
  return apiKey(orgId, { inTokens: true, sealedApiKey: randomBytes(80), ...changes });
}

export function newUser(tenant: { orgId: string; keyId: string }, changes: Partial<NewUser> = {}): NewUser {
  return {
    userId: randomUUID(),
    orgId: tenant.orgId,
    keyId: tenant.keyId,
    email: `${randomUUID()}@example.com`,
    fullname: 'Ada Lovelace',
    passwordHash: '$2b$old',
    createdAt: NOW,
    ...changes,
  };
}

/** A user whom a manager adds. */
export function addedUser(orgId: string, changes: Partial<AddedUser> = {}): AddedUser {
  return {
    userId: randomUUID(),
    orgId,
    email: `${randomUUID()}@example.com`,
    fullname: 'Grace Hopper',
    passwordHash: null,
    createdAt: NOW,
    emailVerifiedAt: null,
    roles: [],
    publicMetadata: '',
    privateMetadata: '',
    ...changes,
  };
}

export function newSession(
  tenant: Tenant,
  user: { readonly userId: string },
  changes: Partial<NewSession> = {},
): NewSession {
  return {
    tenant: { orgId: tenant.orgId, keyId: tenant.keyId },
    sessionId: randomUUID(),
    userId: user.userId,
    credentialVersion: 1,
    rehash: null,
    createdAt: NOW,
    expiresAt: NOW + 7 * DAY,
    maxAgeSeconds: (30 * DAY) / 1000,
    actor: null,
    device: UNKNOWN_DEVICE,
    maxLiveSessions: 100,
    kid: KID,
    attempt: null,
    challenge: null,
    ...changes,
  };
}

export function nonce(changes: Partial<SpentNonce> = {}): SpentNonce {
  return { nonceId: randomUUID(), keepUntil: NOW + HOUR, epoch: EPOCH, ...changes };
}

/** A login that has just a nonce, by a caller who is never locked out. */
export function loginAttempt(
  tenant: Tenant,
  user: { readonly email: string },
  changes: Partial<LoginAttempt> = {},
): LoginAttempt {
  return {
    tenant: { orgId: tenant.orgId, keyId: tenant.keyId },
    email: user.email,
    nonce: nonce(),
    ...UNCOUNTED,
    ...changes,
  };
}

export function mailRequest(orgId: string, changes: Partial<NewMailRequest> = {}): NewMailRequest {
  return {
    orgId,
    requestKey: randomUUID(),
    callerClass: 'private_key',
    sealedRequest: randomBytes(60),
    at: NOW,
    ...changes,
  };
}

/** A mail that no budget stands in the way of. */
export function newMail(
  user: { readonly orgId: string; readonly userId: string },
  changes: Partial<NewMail> = {},
): NewMail {
  return {
    mailId: randomUUID(),
    orgId: user.orgId,
    userId: user.userId,
    kind: 'password_was_reset',
    callerClass: 'private_key',
    sealedMail: randomBytes(60),
    budget: { recipients: [randomUUID(), randomUUID()], organization: null },
    at: NOW,
    ...changes,
  };
}

/** Queues a mail as the answer to a request. */
export async function queued(storage: Storage, mail: NewMail): Promise<string> {
  const request = mailRequest(mail.orgId);
  await storage.requestMail(request, true);
  return storage.answerMailRequest({ ...request, mail });
}

export function auditEvent(changes: Partial<AuditEvent> = {}): AuditEvent {
  return {
    eventId: randomUUID(),
    createdAt: NOW,
    type: 'login.failed',
    orgId: null,
    actor: 'no_key',
    keyId: null,
    userId: null,
    targetId: null,
    reason: 'USER_NOT_FOUND',
    requestId: null,
    address: '192.0.2.1',
    claimedClientIp: '',
    claimedUserAgent: '',
    count: 1,
    details: {},
    ...changes,
  };
}

export function page(limit = 50, after: PageRequest['after'] = null): PageRequest {
  return { limit, after };
}

/** Reads a list to its end in pages of three; `between` runs after each page. Fails when the list does not end. */
export async function readPages<Row extends { readonly createdAt: number }>(
  list: (page: PageRequest) => Promise<readonly Row[]>,
  idOf: (row: Row) => string,
  between: (last: Row) => Promise<unknown> = async () => undefined,
): Promise<Row[]> {
  const seen: Row[] = [];
  for (let last: Row | undefined; seen.length < 100; ) {
    const rows = await list(page(3, last === undefined ? null : { createdAt: last.createdAt, id: idOf(last) }));
    last = rows.at(-1);
    if (last === undefined) {
      return seen;
    }
    seen.push(...rows);
    await between(last);
  }
  throw new Error('the list does not end');
}

/** An organization with its token key, as a tenant that proved itself by that key. */
export interface Org {
  readonly orgId: string;
  readonly keyId: string;
  readonly organization: Organization;
  readonly key: NewApiKey;
}

export async function addOrganization(storage: Storage, changes: Partial<Organization> = {}): Promise<Org> {
  const created = organization(changes);
  const key = tokenKey(created.orgId);
  expect(await storage.createOrganization(created, key)).toBe('created');
  return { orgId: created.orgId, keyId: key.keyId, organization: created, key };
}

export async function addUser(storage: Storage, org: Org, changes: Partial<NewUser> = {}): Promise<NewUser> {
  const user = newUser(org, changes);
  expect(await storage.createUser(user)).toBe('created');
  return user;
}

export async function addSession(
  storage: Storage,
  tenant: Tenant,
  user: Pick<NewUser, 'userId' | 'email'>,
  changes: Partial<NewSession> = {},
): Promise<SessionSubject> {
  const session = newSession(tenant, user, changes);
  expect(await storage.createSession(session)).toMatchObject({ outcome: 'created' });
  return { orgId: tenant.orgId, userId: user.userId, email: user.email, sessionId: session.sessionId };
}

/** What ended with all sessions of an organization, with the number of those that lived. */
export async function countingEnded<Ending extends { readonly ended: EndedGeneration | null }>(
  storage: Storage,
  ending: Promise<Ending | null>,
): Promise<(Omit<Ending, 'ended'> & { readonly endedSessions: number }) | null> {
  const result = await ending;
  if (result === null) {
    return null;
  }
  const { ended, ...rest } = result;
  return { ...rest, endedSessions: ended === null ? 0 : await storage.countEndedSessions(ended) };
}

/** A store with an identity and the first signing key, an organization and a user in it. */
export async function populate(storage: Storage): Promise<{ org: Org; user: NewUser }> {
  await storage.initialize(storeIdentity(), signingKey({ kid: KID }));
  const org = await addOrganization(storage);
  return { org, user: await addUser(storage, org) };
}

/** The sessions of an organization that nobody has ended. */
export async function liveSessions(storage: Storage, orgId: string, userId: string | null = null): Promise<string[]> {
  const sessions = await storage.listSessions(orgId, userId, page(10_000));
  return sessions.filter((session) => session.revokedAt === null).map((session) => session.sessionId);
}

/**
 * Makes the calls of a race at once, and gives what they resolve with. Those of the first races come one after the other, so that each
 * order is met on whatever machine.
 */
export async function raceOf<T>(race: number, calls: readonly (() => Promise<T>)[]): Promise<T[]> {
  if (race >= calls.length) {
    return Promise.all(calls.map((call) => call()));
  }
  const settled: T[] = [];
  for (const call of calls) {
    settled.push(await call());
  }
  return settled;
}

/** How often each value occurs. */
export function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) {
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}

const SLICE = 100;

/** Makes many, so many at once: on one row they wait for each other, and no call is to wait for longer than its deadline. */
export async function inSlices<Made>(count: number, make: (index: number) => Promise<Made>): Promise<Made[]> {
  const made: Made[] = [];
  while (made.length < count) {
    const length = Math.min(SLICE, count - made.length);
    const from = made.length;
    made.push(...(await Promise.all(Array.from({ length }, (_, index) => make(from + index)))));
  }
  return made;
}

export function importedUser(changes: Partial<ImportedUser> = {}): ImportedUser {
  const userId = randomUUID();
  return {
    userId,
    email: `${userId}@example.com`,
    fullname: 'Ada Lovelace',
    passwordHash: '$2b$imported',
    createdAt: NOW,
    disabledAt: null,
    emailVerifiedAt: null,
    roles: [],
    publicMetadata: '',
    privateMetadata: '',
    ...changes,
  };
}
