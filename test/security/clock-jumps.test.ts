import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openAdministration } from '../../src/app/administration.ts';
import type { TimeSources } from '../../src/app/clock.ts';
import { readSettings } from '../../src/config/settings.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { storeOfTest, type TestStore } from '../support/stores.ts';
import { Backend, PASSWORD, send } from './backend.ts';
import { Journal, Random } from './random.ts';

const EMAIL = 'user@example.com';
const STEPS = 400;
const NONCE_TTL_S = 300;
const SESSION_TTL_S = 900;
const JUMP_S = 600;
/** How far the claim `iat` may lie ahead: the clock of another process may. */
const SKEW_S = 60;
/** Beside an instant either answer is right: the machine's own time goes on while the test runs. */
const BESIDE_S = 20;

/** What was done to the clocks of this process, in milliseconds. */
const time = vi.hoisted(() => ({ passed: 0, jump: 0 }));

vi.mock('../../src/app/clock.ts', async (importOriginal) => {
  const { createClock } = await importOriginal<{ createClock: (sources: TimeSources) => unknown }>();
  const SYSTEM_TIME: TimeSources = { wall: () => Date.now(), monotonic: () => performance.now() + time.passed };
  return { SYSTEM_TIME, createClock: () => createClock(SYSTEM_TIME) };
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The wall clock of the whole process, libraries included, is the machine's with what the test did to it. */
function takeOverWallClock(): void {
  const machine = Date.now.bind(Date);
  Object.assign(time, { passed: 0, jump: 0 });
  vi.spyOn(Date, 'now').mockImplementation(() => machine() + time.passed + time.jump);
}

/** What the server's clock shows, in seconds since the test began: it takes jumps forward alone. */
class ShownTime {
  #offsetS = 0;

  restart(): void {
    this.#offsetS = time.jump / 1_000;
  }

  now(): number {
    this.#offsetS = Math.max(this.#offsetS, time.jump / 1_000);
    return time.passed / 1_000 + this.#offsetS;
  }
}

interface Scene {
  readonly testStore: TestStore;
  readonly settings: { readonly nonceTtlSeconds: number; readonly sessionTtlSeconds: number };
  readonly apiKey: string;
  server: TestServer;
  backend: Backend;
}

async function newScene({ jumpMs = 0 } = {}): Promise<Scene> {
  takeOverWallClock();
  time.jump = jumpMs;
  const testStore = await storeOfTest();
  const settings = { nonceTtlSeconds: NONCE_TTL_S, sessionTtlSeconds: SESSION_TTL_S };
  const server = await startTestServer({ testStore, settings });
  const { apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  expect((await backend.signUp(EMAIL)).outcome).toBe('OK');
  const scene = { testStore, settings, apiKey, server, backend };
  onTestFinished(() => scene.server.stop());
  return scene;
}

async function restart(scene: Scene): Promise<void> {
  await scene.server.stop();
  scene.server = await startTestServer({ testStore: scene.testStore, settings: scene.settings });
  scene.backend = new Backend(scene.server.httpAddress, scene.apiKey);
}

describe('R8: clock jumps of ten minutes', () => {
  test('within one process: a session and a nonce end on time, whatever the wall clock does meanwhile', async () => {
    const { backend } = await newScene();
    for (const jump of [-JUMP_S, 0, JUMP_S, -JUMP_S, 0]) {
      const foobar = await backend.nonce(EMAIL);
      const token = (await backend.login(EMAIL)).field('token');
      const login = { foobar, email: EMAIL, password: PASSWORD };
      time.jump = jump * 1_000;
      // The first look after a jump forward ends them early; no jump lets one live longer.
      const isForward = jump === JUMP_S;
      time.passed += (NONCE_TTL_S - BESIDE_S) * 1_000;
      expect((await backend.validate(EMAIL, token)).outcome).toBe('OK');
      if (isForward) {
        expect((await backend.call('login', login)).outcome).toBe('NONCE_EXPIRED');
      }
      time.passed += 30_000;
      expect((await backend.call('login', login)).outcome).toBe('NONCE_EXPIRED');
      time.passed += (SESSION_TTL_S - NONCE_TTL_S) * 1_000;
      expect((await backend.validate(EMAIL, token)).outcome).toBe('SESSION_EXPIRED');
    }
  });

  test(`${STEPS} random steps with restarts: nothing is accepted late, no nonce twice`, async () => {
    const scene = await newScene();
    const random = new Random(20_261_123);
    const journal = new Journal(random);
    const shown = new ShownTime();
    const nonces: { token: string; expiresAt: number; spent: boolean }[] = [];
    const sessions: { token: string; issuedAt: number; expiresAt: number; latestLook: number }[] = [];
    const done: Record<string, number> = {};

    /** The server has looked at its clock: of a jump that came and went between two looks it knows nothing. */
    function look(): number {
      const now = shown.now();
      for (const session of sessions) {
        session.latestLook = Math.max(session.latestLook, now);
      }
      return now;
    }

    async function useNonce(): Promise<void> {
      const nonce = random.pick(nonces);
      const { outcome, field } = await scene.backend.call('login', {
        foobar: nonce.token,
        email: EMAIL,
        password: PASSWORD,
      });
      const now = look();
      const allowed = [
        ...(now < nonce.expiresAt + BESIDE_S ? [nonce.spent ? 'NONCE_USED' : 'OK'] : []),
        ...(now > nonce.expiresAt - BESIDE_S ? ['NONCE_EXPIRED'] : []),
      ];
      journal.add(`${now}: login with a nonce until ${nonce.expiresAt}, spent ${nonce.spent}: ${outcome}`);
      journal.expect(outcome, allowed);
      if (outcome === 'OK') {
        nonce.spent = true;
        sessions.push({ token: field('token'), issuedAt: now, expiresAt: now + SESSION_TTL_S, latestLook: now });
      }
      done[`login ${outcome}`] = (done[`login ${outcome}`] ?? 0) + 1;
    }

    async function useSession(): Promise<void> {
      const session = random.pick(sessions);
      const { outcome } = await scene.backend.validate(EMAIL, session.token);
      const now = shown.now();
      const isSweepable = session.latestLook > session.expiresAt - BESIDE_S;
      const allowed = [
        ...(session.issuedAt > now + SKEW_S - BESIDE_S ? ['SESSION_INVALID'] : []),
        ...(session.issuedAt < now + SKEW_S + BESIDE_S && now < session.expiresAt + BESIDE_S
          ? ['OK', ...(isSweepable ? ['SESSION_REVOKED'] : [])]
          : []),
        ...(now > session.expiresAt - BESIDE_S ? ['SESSION_EXPIRED'] : []),
      ];
      journal.add(`${now}: validate a session of ${session.issuedAt} until ${session.expiresAt}: ${outcome}`);
      journal.expect(outcome, allowed);
      done[`validate ${outcome}`] = (done[`validate ${outcome}`] ?? 0) + 1;
    }

    for (let step = 0; step < STEPS; step += 1) {
      const choice = random.below(100);
      if (choice < 20 || nonces.length === 0) {
        nonces.push({ token: await scene.backend.nonce(EMAIL), expiresAt: look() + NONCE_TTL_S, spent: false });
      } else if (choice < 55 || sessions.length === 0) {
        await useNonce();
      } else if (choice < 75) {
        await useSession();
      } else if (choice < 87) {
        time.passed += random.below(150) * 1_000;
      } else if (choice < 97) {
        time.jump = (random.below(2 * JUMP_S + 1) - JUMP_S) * 1_000;
      } else if (choice < 99) {
        await scene.server.ports.storage.sweep(scene.server.ports.clock.now(), 1_000);
        look();
      } else {
        time.jump = Math.max(-JUMP_S * 1_000, time.jump - JUMP_S * 1_000);
        await restart(scene);
        shown.restart();
        look();
      }
      // Those of long ago tell nothing new, and a user has at most 100 sessions.
      if (nonces.length > 12) {
        nonces.shift();
      }
      if (sessions.length > 12) {
        sessions.shift();
      }
    }
    const outcomes = ['login NONCE_EXPIRED', 'login NONCE_USED', 'login OK', 'validate OK', 'validate SESSION_EXPIRED'];
    expect(Object.keys(done)).toEqual(expect.arrayContaining(outcomes));
  });

  test('over a restart with the clock set back ten minutes: no nonce twice, and a new session is good', async () => {
    const scene = await newScene();
    const [spent, kept] = [await scene.backend.nonce(EMAIL), await scene.backend.nonce(EMAIL)];
    const login = { email: EMAIL, password: PASSWORD };
    expect((await scene.backend.call('login', { ...login, foobar: spent })).outcome).toBe('OK');
    // The spent one expires and is swept as far as it ever will be within the hour that its id is kept.
    time.passed += (NONCE_TTL_S + BESIDE_S) * 1_000;
    await scene.server.ports.storage.sweep(scene.server.ports.clock.now(), 1_000);
    expect((await scene.backend.call('login', { ...login, foobar: spent })).outcome).toBe('NONCE_EXPIRED');
    time.jump = -JUMP_S * 1_000;
    await restart(scene);
    expect((await scene.backend.call('login', { ...login, foobar: spent })).outcome).toBe('NONCE_USED');
    expect((await scene.backend.call('login', { ...login, foobar: kept })).outcome).toBe('OK');
    expect((await scene.backend.call('login', { ...login, foobar: kept })).outcome).toBe('NONCE_USED');
    const token = (await scene.backend.login(EMAIL)).field('token');
    expect((await scene.backend.validate(EMAIL, token)).outcome).toBe('OK');
  });
});

describe('a store that was made while the clock was ahead, which has been set right since', () => {
  const MONTH_MS = 30 * 24 * 60 * 60 * 1_000;

  /** With a session of then. */
  async function lateScene(): Promise<{ readonly scene: Scene; readonly early: string }> {
    const scene = await newScene({ jumpMs: MONTH_MS });
    const early = (await scene.backend.login(EMAIL)).field('token');
    time.jump = 0;
    await restart(scene);
    return { scene, early };
  }

  test('T3: a session of then is of no use before its time, and can be ended by its token alone', async () => {
    const { scene, early } = await lateScene();
    const { server, backend } = scene;
    const other = await server.createOrganization('Another');
    expect((await backend.validate(EMAIL, early)).outcome).toBe('SESSION_INVALID');
    expect((await backend.changePassword(EMAIL, early, 'Another-Horse-8')).outcome).toBe('SESSION_INVALID');

    const middle = Math.floor(early.length / 2);
    const forged = `${early.slice(0, middle)}${early[middle] === 'A' ? 'B' : 'A'}${early.slice(middle + 1)}`;
    expect((await backend.logout(EMAIL, forged)).outcome).toBe('SESSION_INVALID');
    expect((await backend.logout('other@example.com', early)).outcome).toBe('SESSION_INVALID');
    const foreign = new Backend(server.httpAddress, other.apiKey);
    expect((await foreign.logout(EMAIL, early)).outcome).toBe('SESSION_INVALID');
    const claims = await server.ports.sessionTokens.verifyAhead(early, server.ports.clock.now());
    const session = () => server.ports.storage.findSession(claims?.orgId ?? '', claims?.sessionId ?? '');
    expect(await session()).toMatchObject({ revokedAt: null });

    expect((await backend.logout(EMAIL, early)).outcome).toBe('OK');
    expect(await session()).toMatchObject({ revokedAt: expect.any(Number) });
    expect((await backend.logout(EMAIL, early)).outcome).toBe('OK');
    expect((await backend.validate(EMAIL, early)).outcome).toBe('SESSION_INVALID');
    time.passed += MONTH_MS + 60_000;
    expect((await backend.validate(EMAIL, early)).outcome).toBe('SESSION_REVOKED');
  });

  test('a session that nobody ended is good from its time on', async () => {
    const { scene, early } = await lateScene();
    time.passed += MONTH_MS + 60_000;
    expect((await scene.backend.validate(EMAIL, early)).outcome).toBe('OK');
  });

  test('new sessions are good, and the key that signs them is published, called current, and rotated in time', async () => {
    const { scene } = await lateScene();
    const { server, backend } = scene;
    const published = async (): Promise<string[]> => {
      const { text } = await send(server.httpAddress, '/.well-known/jwks.json', { method: 'GET' });
      const { keys }: { keys: { kid: string }[] } = JSON.parse(text);
      return keys.map(({ kid }) => kid);
    };
    const signer = async (): Promise<string> => {
      const token = (await backend.login(EMAIL)).field('token');
      expect((await backend.validate(EMAIL, token)).outcome).toBe('OK');
      const { kid }: { kid: string } = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
      return kid;
    };
    const first = await signer();
    expect(await published()).toEqual([first]);

    const administration = await openAdministration(readSettings(scene.testStore.environment));
    onTestFinished(() => administration.close());
    const states = async () => (await administration.listSigningKeys()).map(({ kid, state }) => `${kid} ${state}`);
    expect(await states()).toEqual([`${first} current`]);
    const next = await administration.rotateSigningKey({ compromised: false });
    expect(next.state).toBe('next');
    expect(next.activatesAt - server.ports.clock.now()).toBeLessThanOrEqual(600_000);
    expect(await states()).toEqual([`${first} current`, `${next.kid} next`]);
    await expect.poll(published).toEqual([first, next.kid]);
    expect(await signer()).toBe(first);

    time.passed += 600_000;
    expect(await signer()).toBe(next.kid);
    expect(await states()).toEqual([`${first} verifying`, `${next.kid} current`]);
    expect(await published()).toEqual([first, next.kid]);
  });
});
