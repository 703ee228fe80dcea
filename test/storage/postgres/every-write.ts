import { randomUUID } from 'node:crypto';
import type { Storage } from '../../../src/domain/storage.ts';
import type { WriteName } from '../../../src/storage/operations.ts';
import {
  addOrganization,
  addSession,
  addUser,
  apiKey,
  HOUR,
  KID,
  NOW,
  newSession,
  newUser,
  nonce,
  organization,
  populate,
  signingKey,
  storeIdentity,
  tokenKey,
} from '../fixtures.ts';

/** A write with what it is asked for, and what it says where nothing goes wrong. */
export interface AskedWrite {
  readonly name: WriteName;
  /** Asks it of a handle; the same ids each time. */
  ask(storage: Storage): Promise<unknown>;
}

/** Fills a store, and gives one of every write that has something to do in it. */
export async function everyWrite(storage: Storage): Promise<readonly AskedWrite[]> {
  const { org, user } = await populate(storage);
  const { orgId, keyId } = org;
  const { userId } = user;
  const session = await addSession(storage, org, user);
  await addSession(storage, org, user);
  // Expired by the hour that is swept.
  await addSession(storage, org, user, { expiresAt: NOW + 1 });
  const closed = await addOrganization(storage);
  await storage.closeOrganization(closed.orgId, NOW);
  const disabled = await addUser(storage, org);
  await storage.disableUser(orgId, disabled.userId, NOW);
  const created = organization();
  const at = NOW + 2;

  const asked: { readonly [Name in WriteName]: Parameters<Storage[Name]> } = {
    initialize: [storeIdentity(), signingKey()],
    beginEpoch: [randomUUID(), signingKey(), at],
    renewEpoch: [randomUUID()],
    ping: [],
    sweep: [NOW + HOUR, 100],
    addSigningKey: [signingKey(), at],
    createOrganization: [created, tokenKey(created.orgId)],
    closeOrganization: [orgId, at],
    reopenOrganization: [closed.orgId],
    createApiKey: [apiKey(orgId, { inTokens: true, sealedApiKey: Buffer.from('sealed') })],
    revokeApiKey: [{ orgId, keyId, at, endSessions: true }],
    beginSignUp: [{ orgId, keyId, email: 'new@example.com', nonce: nonce() }],
    createUser: [newUser(org)],
    beginLogin: [{ tenant: org, email: user.email, nonce: nonce() }],
    createSession: [
      newSession(org, user, { rehash: { from: user.passwordHash, to: '$2b$upgraded' }, maxLiveSessions: 2 }),
    ],
    changePassword: [
      {
        tenant: org,
        userId,
        sessionId: session.sessionId,
        kid: KID,
        credentialVersion: 1,
        passwordHash: '$2b$new',
        at,
      },
    ],
    endSession: [session, at],
    endUserSessions: [orgId, userId, at],
    disableUser: [orgId, userId, at],
    enableUser: [orgId, disabled.userId],
    setUserPassword: [orgId, userId, '$2b$set', at],
    deleteUser: [orgId, userId, at],
  };
  return Object.entries(asked).map(([name, args]) => ({
    name: name as WriteName,
    ask: (handle) => (handle[name as WriteName] as (...args: unknown[]) => Promise<unknown>)(...args),
  }));
}
