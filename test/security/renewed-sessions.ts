import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { AuthError } from '../../src/domain/errors.ts';
import type { Ports } from '../../src/domain/ports.ts';
import { UNKNOWN_DEVICE } from '../../src/domain/sessions/device.ts';
import {
  closeOrganization,
  createOrganization,
  disableUser,
  enableUser,
  logout,
  me,
  renewSession,
  reopenOrganization,
  validate,
} from '../support/asked.ts';
import { NO_STANDING } from '../support/no-standing.ts';
import type { TestStore } from '../support/stores.ts';
import { inParallel, serverOfTest, tally } from './backend.ts';

/** A user with a session that may be renewed. */
interface Scene {
  readonly orgId: string;
  readonly userId: string;
  readonly email: string;
  readonly token: string;
  /** Of the same session, proven and too old. */
  readonly expiredToken: string;
}

/** What ends renewed sessions like others. */
export interface RenewedEnding {
  readonly name: string;
  end(ports: Ports, scene: Scene): Promise<unknown>;
}

export const RENEWED_ENDINGS: readonly RenewedEnding[] = [
  {
    name: 'a logout by an expired token',
    end: (ports, scene) => logout(ports, inputOf(scene, scene.expiredToken)),
  },
  {
    name: 'a changed password',
    async end(ports, { orgId, userId }) {
      const { storage, clock, sessionTokens } = ports;
      const at = clock.now();
      // The session that changes it lives on; it is none of those that are renewed.
      const sessionId = await openSession(ports, { orgId, userId });
      const kid = sessionTokens.currentKeyId(at);
      const tenant = { orgId, keyId: null };
      const change = { tenant, userId, sessionId, kid, credentialVersion: 1, passwordHash: '$2b$new', at };
      expect((await storage.changePassword({ ...change, isProven: false })).outcome).toBe('changed');
    },
  },
  {
    name: 'a disabled user who is enabled again',
    async end(ports, { orgId, userId }) {
      await disableUser(ports, { orgId, user: userId });
      await enableUser(ports, { orgId, user: userId });
    },
  },
  {
    name: 'the end of all sessions of the user, as where a role is taken away',
    end: ({ storage, clock }, { orgId, userId }) => storage.endUserSessions(orgId, userId, clock.now()),
  },
  {
    name: 'an organization that is closed and opened again',
    async end(ports, { orgId }) {
      await closeOrganization(ports, { orgId });
      await reopenOrganization(ports, { orgId });
    },
  },
];

/** Renews sessions in one server of a store while another ends them: docs/security.md, S5. */
export async function expectEndedAfterRenewal(
  { end }: RenewedEnding,
  races: number,
  testStore?: TestStore,
): Promise<void> {
  const first = await serverOfTest(testStore === undefined ? {} : { testStore });
  const second = await serverOfTest({ testStore: first.testStore });
  const outcomes = await inParallel(races, 16, async (race) => {
    const [here, there] = race % 2 === 0 ? [first.ports, second.ports] : [second.ports, first.ports];
    const scene = await newScene(here, race);
    const input = inputOf(scene, scene.token);
    // Far enough for the end to move.
    const later = (ports: Ports): Ports => ({ ...ports, clock: { now: () => ports.clock.now() + 1_800_000 } });
    const jitter = async (turns: number) => {
      for (let left = turns; left > 0; left -= 1) {
        await setImmediate();
      }
    };
    const renewal = async () => {
      await jitter(race % 7);
      return renewSession(later(here), input).then(
        ({ token }) => token,
        (error: unknown) => reasonOf(error),
      );
    };
    const ending = async () => {
      await jitter((race * 3) % 8);
      await end(there, scene);
    };
    const [renewed] = await Promise.all([renewal(), ending()]);
    const isRenewed = renewed.includes('.');
    for (const token of isRenewed ? [scene.token, renewed] : [scene.token]) {
      for (const ports of [later(here), later(there)]) {
        const asked = inputOf(scene, token);
        expect(await outcomeOf(validate(ports, asked))).toBe('SESSION_REVOKED');
        expect(await outcomeOf(me(ports, asked))).toBe('SESSION_REVOKED');
        expect(await outcomeOf(renewSession(ports, asked))).toBe('SESSION_REVOKED');
      }
    }
    return isRenewed ? 'renewed' : renewed;
  });
  const { renewed = 0, ...refused } = tally(outcomes);
  const reasons = ['SESSION_REVOKED', 'ORGANIZATION_NOT_FOUND'];
  expect(Object.keys(refused).filter((reason) => !reasons.includes(reason))).toEqual([]);
  // Both orders were seen, or the races were none.
  expect(renewed).toBeGreaterThan(0);
  expect(renewed).toBeLessThan(races);
}

async function newScene(ports: Ports, race: number): Promise<Scene> {
  const { storage, ids, clock, sessionTokens } = ports;
  const { organization } = await createOrganization(ports, { name: `Acme ${race}` });
  const { orgId } = organization;
  const [key] = await storage.listApiKeys(orgId, { limit: 1, after: null });
  const now = clock.now();
  const userId = ids.uuidV7(now);
  const email = `user${race}@example.com`;
  const user = {
    userId,
    orgId,
    keyId: key?.keyId ?? '',
    email,
    fullname: 'Ada',
    passwordHash: '$2b$old',
    createdAt: now,
  };
  expect(await storage.createUser(user)).toBe('created');
  const sessionId = await openSession(ports, { orgId, userId });
  const kid = sessionTokens.currentKeyId(now);
  const signed = (ageSeconds: number) => {
    const issuedAtSeconds = Math.floor(now / 1000) - ageSeconds;
    const claims = { sessionId, userId, orgId, email, issuedAtSeconds, credentialVersion: 1, ...NO_STANDING };
    return sessionTokens.sign(kid, { ...claims, expiresAtSeconds: issuedAtSeconds + 3_600 }, null);
  };
  return { orgId, userId, email, token: signed(0), expiredToken: signed(7_200) };
}

async function openSession(
  { storage, ids, clock, sessionTokens }: Ports,
  { orgId, userId }: { readonly orgId: string; readonly userId: string },
): Promise<string> {
  const createdAt = clock.now();
  const sessionId = ids.uuidV7(createdAt);
  const creation = await storage.createSession({
    tenant: { orgId, keyId: null },
    sessionId,
    userId,
    credentialVersion: 1,
    rehash: null,
    createdAt,
    expiresAt: createdAt + 3_600_000,
    maxAgeSeconds: 2_592_000,
    maxLiveSessions: 100,
    actor: null,
    device: UNKNOWN_DEVICE,
    kid: sessionTokens.currentKeyId(createdAt),
    attempt: null,
    challenge: null,
  });
  expect(creation.outcome).toBe('created');
  return sessionId;
}

function inputOf({ orgId, email }: Scene, sessionToken: string) {
  return { sessionToken, email, orgId, apiKey: '' };
}

function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'OK',
    (error: unknown) => reasonOf(error),
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof AuthError) {
    return error.reason;
  }
  throw error;
}
