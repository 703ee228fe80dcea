import { expect } from 'vitest';
import type { Ports } from '../../src/domain/ports.ts';
import { UNKNOWN_DEVICE } from '../../src/domain/sessions/device.ts';
import { logout, validate } from '../support/asked.ts';
import { NO_STANDING } from '../support/no-standing.ts';
import { Backend, inParallel, serverOfTest, tally } from './backend.ts';

/**
 * Ends so many sessions through one of two servers of a store, by turns, and expects docs/security.md, S1: the other accepts none of
 * them afterwards, not even those that it has verified before.
 */
export async function expectFinalLogouts(pairs: number): Promise<void> {
  const first = await serverOfTest();
  const second = await serverOfTest({ testStore: first.testStore });
  const { orgId, apiKey } = await first.createOrganization();
  const email = 'user@example.com';
  await new Backend(first.httpAddress, apiKey).signUp(email);
  const user = await first.ports.storage.findUserByEmail(orgId, email);
  const userId = user?.userId ?? '';
  const outcomes = await inParallel(pairs, 64, async (index) => {
    const [here, there] = index % 2 === 0 ? [first.ports, second.ports] : [second.ports, first.ports];
    const sessionToken = await newSession(here, { orgId, userId, email });
    const input = { sessionToken, email, orgId: '', apiKey: '' };
    if (index % 100 === 0) {
      await validate(there, input);
    }
    await logout(here, input);
    return validate(there, input).then(
      () => 'accepted',
      (error: { reason: string }) => error.reason,
    );
  });
  expect(tally(outcomes)).toEqual({ SESSION_REVOKED: pairs });
}

async function newSession(
  { storage, clock, ids, sessionTokens }: Ports,
  { orgId, userId, email }: { orgId: string; userId: string; email: string },
): Promise<string> {
  const now = clock.now();
  const sessionId = ids.uuidV7(now);
  const kid = sessionTokens.currentKeyId(now);
  const issuedAtSeconds = Math.floor(now / 1000);
  const expiresAtSeconds = issuedAtSeconds + 3_600;
  const creation = await storage.createSession({
    tenant: { orgId, keyId: null },
    sessionId,
    userId,
    credentialVersion: 1,
    rehash: null,
    createdAt: now,
    expiresAt: expiresAtSeconds * 1000,
    maxAgeSeconds: 2_592_000,
    actor: null,
    device: UNKNOWN_DEVICE,
    maxLiveSessions: 20_000,
    kid,
    attempt: null,
    challenge: null,
  });
  if (creation.outcome !== 'created') {
    throw new Error(creation.outcome);
  }
  const claims = { sessionId, userId, orgId, email, issuedAtSeconds, expiresAtSeconds, credentialVersion: 1 };
  return sessionTokens.sign(kid, { ...claims, ...NO_STANDING }, null);
}
