import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Ports } from '../../src/domain/ports.ts';
import { UNKNOWN_DEVICE } from '../../src/domain/sessions/device.ts';
import { readNewPassword, setPassword } from '../../src/domain/users/set-password.ts';
import {
  closeOrganization,
  createApiKey,
  disableUser,
  enableUser,
  reopenOrganization,
  revokeApiKey,
} from '../support/asked.ts';
import type { TestServer } from '../support/running-server.ts';
import { ON_POSTGRES } from '../support/stores.ts';
import { times } from '../support/times.ts';
import { Backend, inParallel, PASSWORD, patiently, SESSION_CALLS, serverOfTest, tally } from './backend.ts';

const EMAIL = 'user@example.com';
const NEW_PASSWORD = 'Another-Horse-8';
const RACES = times(200, { beside: 40 });
/** What a session opens of AccountService. */
const OWN_CALLS = [...SESSION_CALLS, 'change-email', 'deleteUser'] as const;
/** As many as a user can have (docs/security.md, S2): at both servers, for each ending, 1,000 calls in all; on PostgreSQL fewer. */
const SESSIONS = ON_POSTGRES ? 30 : 100;

/** What every ending needs to know. */
interface Scene {
  readonly server: TestServer;
  readonly orgId: string;
  readonly keyId: string;
  readonly apiKey: string;
  readonly backend: Backend;
}

/** A password change, a disabling, …: it ends what old credentials opened. */
interface Ending {
  readonly name: string;
  /** What Validate and Login say afterwards. */
  readonly validate: string;
  readonly login: string;
  end(scene: Scene): Promise<unknown>;
  /** Makes the next race possible. */
  undo(scene: Scene): Promise<Scene>;
}

const ENDINGS: readonly Ending[] = [
  {
    name: 'a changed password',
    validate: 'SESSION_REVOKED',
    login: 'CREDENTIALS_INVALID',
    async end({ server: { ports }, orgId }) {
      // The session that changes it lives on; it is none of those that are counted.
      const user = await ports.storage.findUserByEmail(orgId, EMAIL);
      const credentials = await ports.storage.findUserCredentials(orgId, user?.userId ?? '');
      if (credentials === null) {
        throw new Error('the user is gone');
      }
      const caller = { orgId, callerClass: 'no_key' } as const;
      const slot = await ports.passwords.acquire(caller, { isAbandoned: () => false });
      const passwordHash = await slot.hash(NEW_PASSWORD);
      slot.release();
      const sessionId = await openSession(ports, credentials);
      const outcome = await ports.storage.changePassword({
        tenant: { orgId, keyId: null },
        userId: credentials.userId,
        sessionId,
        kid: ports.sessionTokens.currentKeyId(ports.clock.now()),
        credentialVersion: credentials.credentialVersion,
        passwordHash,
        isProven: false,
        at: ports.clock.now(),
      });
      expect(outcome.outcome).toBe('changed');
    },
    undo: signUpAnew,
  },
  {
    name: 'a password that an administrator set',
    validate: 'SESSION_REVOKED',
    login: 'CREDENTIALS_INVALID',
    end: ({ server, orgId }) =>
      setPassword(server.ports, readNewPassword({ orgId, user: EMAIL, newPassword: NEW_PASSWORD }, server.ports.rules)),
    undo: signUpAnew,
  },
  {
    name: 'a disabled user',
    validate: 'SESSION_REVOKED',
    login: 'USER_DISABLED',
    end: ({ server, orgId }) => disableUser(server.ports, { orgId, user: EMAIL }),
    async undo(scene) {
      await enableUser(scene.server.ports, { orgId: scene.orgId, user: EMAIL });
      return scene;
    },
  },
  {
    name: 'a closed organization',
    validate: 'API_KEY_INVALID',
    login: 'API_KEY_INVALID',
    end: ({ server, orgId }) => closeOrganization(server.ports, { orgId }),
    async undo(scene) {
      await reopenOrganization(scene.server.ports, { orgId: scene.orgId });
      return scene;
    },
  },
  {
    name: 'a key revoked with its sessions',
    validate: 'API_KEY_INVALID',
    login: 'API_KEY_INVALID',
    end: ({ server, orgId, keyId }) => revokeApiKey(server.ports, { orgId, keyId, endSessions: true }),
    async undo(scene) {
      const { server, orgId } = scene;
      const made = await createApiKey(server.ports, { orgId, label: '', inTokens: true });
      return sceneOf(server, orgId, made.apiKey);
    },
  },
];

async function signUpAnew(scene: Scene): Promise<Scene> {
  const { storage } = scene.server.ports;
  const user = await storage.findUserByEmail(scene.orgId, EMAIL);
  await storage.deleteUser(scene.orgId, user?.userId ?? '', Date.now());
  expect((await scene.backend.signUp(EMAIL)).outcome).toBe('OK');
  return scene;
}

async function openSession(
  { storage, clock, ids, sessionTokens }: Ports,
  { orgId, userId, credentialVersion }: { orgId: string; userId: string; credentialVersion: number },
): Promise<string> {
  const now = clock.now();
  const sessionId = ids.uuidV7(now);
  const creation = await storage.createSession({
    tenant: { orgId, keyId: null },
    sessionId,
    userId,
    credentialVersion,
    rehash: null,
    createdAt: now,
    expiresAt: now + 60_000,
    maxAgeSeconds: 2_592_000,
    actor: null,
    device: UNKNOWN_DEVICE,
    maxLiveSessions: 1_000,
    kid: sessionTokens.currentKeyId(now),
    attempt: null,
    challenge: null,
  });
  expect(creation.outcome).toBe('created');
  return sessionId;
}

async function sceneOf(server: TestServer, orgId: string, apiKey: string): Promise<Scene> {
  const digest = server.ports.apiKeys.hash(apiKey);
  const owner = digest === null ? null : await server.ports.storage.findApiKey(digest);
  if (owner === null) {
    throw new Error('the key is unknown');
  }
  const backend = new Backend(server.httpAddress, apiKey);
  return { server, orgId, keyId: owner.keyId, apiKey, backend };
}

async function newScene(): Promise<Scene> {
  const server = await serverOfTest();
  const { orgId, apiKey } = await server.createOrganization();
  const scene = await sceneOf(server, orgId, apiKey);
  expect((await scene.backend.signUp(EMAIL)).outcome).toBe('OK');
  return scene;
}

describe.each(ENDINGS)('A4: $name', ({ end, undo, validate, login }) => {
  test(`ends ${SESSIONS} sessions at the next call, in another server of the store too`, async () => {
    const scene = await newScene();
    const beside = await serverOfTest({ testStore: scene.server.testStore });
    const elsewhere = new Backend(beside.httpAddress, scene.apiKey);
    const opened = async (): Promise<string> => {
      const login = await patiently(() => scene.backend.login(EMAIL));
      expect(login.outcome).toBe('OK');
      return login.field('token');
    };
    const tokens = await inParallel(SESSIONS, 16, opened);
    // Both have verified every token once: what they remember must not outlive the ending.
    const before = await inParallel(SESSIONS, 16, (index) => elsewhere.validate(EMAIL, tokens[index] ?? ''));
    expect(tally(before.map(({ outcome }) => outcome))).toEqual({ OK: SESSIONS });

    await end(scene);

    for (const backend of [elsewhere, scene.backend]) {
      const after = await inParallel(SESSIONS, 16, (index) => backend.validate(EMAIL, tokens[index] ?? ''));
      expect(tally(after.map(({ outcome }) => outcome))).toEqual({ [validate]: SESSIONS });
      expect((await backend.login(EMAIL)).outcome).not.toBe('OK');
      const [sessionToken = ''] = tokens;
      for (const name of OWN_CALLS) {
        const fields = { email: EMAIL, sessionToken, fullname: 'Eve', newEmail: 'eve@example.com' };
        expect([name, (await backend.call(name, fields)).outcome]).toEqual([name, validate]);
      }
    }
  });

  test(`${RACES} logins that race with it, here and in another server of the store, leave no session from old credentials`, async () => {
    let scene = await newScene();
    const beside = await serverOfTest({ testStore: scene.server.testStore });
    const outcomes: string[] = [];
    for (let race = 0; race < RACES; race += 1) {
      const { server, backend, orgId } = scene;
      const foobar = await backend.nonce(EMAIL);
      const reply = backend.call('login', { foobar, email: EMAIL, password: PASSWORD });
      // From before the request is read until after it is answered.
      for (let turns = (race % 40) * 20; turns > 0; turns -= 1) {
        await setImmediate();
      }
      await end(race % 2 === 0 ? scene : { ...scene, server: beside });
      const answered = await reply;
      outcomes.push(answered.outcome);
      if (answered.outcome === 'OK') {
        const { sessionId } = claimsOf(answered.field('token'));
        const session = await server.ports.storage.findSession(orgId, sessionId);
        expect(session === null || session.revokedAt !== null).toBe(true);
      }
      scene = await undo(scene);
    }
    const { OK = 0, [login]: refused = 0, ...others } = tally(outcomes);
    expect(OK + refused).toBe(RACES);
    expect(others).toEqual({});
  });
});

test('A4: a key that is revoked alone ends no session, and opens no call from the next one on', async () => {
  const { server, orgId, keyId, backend } = await newScene();
  const token = (await backend.login(EMAIL)).field('token');
  await revokeApiKey(server.ports, { orgId, keyId, endSessions: false });
  expect((await backend.validate(EMAIL, token)).outcome).toBe('API_KEY_INVALID');
  const keyless = new Backend(server.httpAddress, '');
  expect((await keyless.validate(EMAIL, token)).outcome).toBe('OK');
});

test('A4: ChangePassword ends the other sessions and the old password, over the wire', async () => {
  const { backend } = await newScene();
  const own = (await backend.login(EMAIL)).field('token');
  const others = await inParallel(20, 4, async () => (await backend.login(EMAIL)).field('token'));
  const changed = await backend.changePassword(EMAIL, own, NEW_PASSWORD);
  expect([changed.outcome, changed.field('ended_sessions')]).toEqual(['OK', '20']);
  const after = await Promise.all(others.map((token) => backend.validate(EMAIL, token)));
  expect(tally(after.map(({ outcome }) => outcome))).toEqual({ SESSION_REVOKED: 20 });
  expect((await backend.validate(EMAIL, own)).outcome).toBe('OK');
  expect((await backend.login(EMAIL)).outcome).toBe('CREDENTIALS_INVALID');
  expect((await backend.login(EMAIL, NEW_PASSWORD)).outcome).toBe('OK');
});

test(`A4: ${RACES} logins that upgrade a hash race with a change of the password: no old hash stays`, async () => {
  const weak = await serverOfTest();
  const strong = await serverOfTest({ testStore: weak.testStore, settings: { bcryptCost: 5 } });
  const { apiKey } = await weak.createOrganization();
  const [old, upgrading] = [weak, strong].map(({ httpAddress }) => new Backend(httpAddress, apiKey));
  if (old === undefined || upgrading === undefined) {
    throw new Error('there are two servers');
  }
  const outcomes = await inParallel(RACES, 8, async (race) => {
    const email = `user${race}@example.com`;
    await old.signUp(email);
    const session = (await old.login(email)).field('token');
    const [changed] = await Promise.all([old.changePassword(email, session, NEW_PASSWORD), upgrading.login(email)]);
    const replies = [changed, await old.login(email), await old.login(email, NEW_PASSWORD)];
    return replies.map(({ outcome }) => outcome).join(' ');
  });
  expect(tally(outcomes)).toEqual({ 'OK CREDENTIALS_INVALID OK': RACES });
});

function claimsOf(token: string): { sessionId: string } {
  const payload: { sid: string } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return { sessionId: payload.sid };
}
