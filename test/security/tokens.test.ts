import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { SessionClaims } from '../../src/domain/ports.ts';
import { NO_STANDING } from '../support/no-standing.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { Backend, PASSWORD } from './backend.ts';

const EMAIL = 'user@example.com';
const OTHER = 'other@example.com';

interface Scene {
  readonly server: TestServer;
  readonly backend: Backend;
  readonly session: string;
}

let one: Scene;

beforeAll(async () => {
  one = await newScene();
});

afterAll(() => one.server[Symbol.asyncDispose]());

async function newScene(): Promise<Scene> {
  const server = await startTestServer();
  const { apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  await backend.signUp(EMAIL);
  await backend.signUp(OTHER);
  const session = (await backend.login(EMAIL)).field('token');
  return { server, backend, session };
}

describe('T2: types are not interchangeable', () => {
  test('a nonce is no session', async () => {
    const { backend } = one;
    const foobar = await backend.nonce(EMAIL);
    expect((await backend.validate(EMAIL, foobar)).outcome).toBe('SESSION_INVALID');
    expect((await backend.logout(EMAIL, foobar)).outcome).toBe('SESSION_INVALID');
    expect((await backend.changePassword(EMAIL, foobar, PASSWORD)).outcome).toBe('SESSION_INVALID');
  });

  test('a session is no nonce', async () => {
    const { backend, session } = one;
    const attempt = { foobar: session, email: EMAIL, password: PASSWORD };
    expect((await backend.call('login', attempt)).outcome).toBe('NONCE_INVALID');
    const signUp = { ...attempt, fullname: 'Ada', disclaimed: 'true' };
    expect((await backend.call('signUp', signUp)).outcome).toBe('NONCE_INVALID');
  });

  test('a session and a nonce of another store are refused', async () => {
    const two = await newScene();
    expect((await one.backend.validate(EMAIL, two.session)).outcome).toBe('SESSION_INVALID');
    const foobar = await two.backend.nonce(EMAIL);
    const login = await one.backend.call('login', { foobar, email: EMAIL, password: PASSWORD });
    expect(login.outcome).toBe('NONCE_INVALID');
    await two.server[Symbol.asyncDispose]();
  });
});

describe('T4: a well-signed token that does not speak of its row', () => {
  test.each<[string, (claims: SessionClaims, other: SessionClaims) => Partial<SessionClaims>, string]>([
    ['nothing changed', () => ({}), 'OK'],
    ['another user as sub', (_, other) => ({ userId: other.userId }), 'SESSION_INVALID'],
    ['an unknown sub', () => ({ userId: '00000000-0000-4000-8000-000000000000' }), 'SESSION_INVALID'],
    ['another e-mail', () => ({ email: OTHER }), 'SESSION_INVALID'],
    ['the sid of another user', (_, other) => ({ sessionId: other.sessionId }), 'SESSION_INVALID'],
    ['an unknown sid', () => ({ sessionId: '00000000-0000-7000-8000-000000000000' }), 'SESSION_REVOKED'],
    ['an expiry that has passed', (claims) => ({ expiresAtSeconds: claims.issuedAtSeconds + 1 }), 'SESSION_EXPIRED'],
  ])('%s', async (_name, change, outcome) => {
    const { server, backend, session } = one;
    const { sessionTokens, clock } = server.ports;
    const claims = await sessionTokens.verify(session, clock.now());
    const other = await sessionTokens.verify((await backend.login(OTHER)).field('token'), clock.now());
    if (claims === null || other === null) {
      throw new Error('a session was refused');
    }
    // Issued a minute ago, so that an expiry can lie behind us.
    const made = { ...claims, issuedAtSeconds: claims.issuedAtSeconds - 60 };
    const token = sessionTokens.sign(
      sessionTokens.currentKeyId(clock.now()),
      { ...made, ...change(made, other), ...NO_STANDING },
      null,
    );
    const email = change(made, other).email ?? EMAIL;
    expect((await backend.validate(email, token)).outcome).toBe(outcome);
    const changed = await backend.changePassword(email, token, 'Another-Horse-8');
    expect(changed.outcome).toBe(outcome);
    // The session of the other user was not touched by any of it.
    const others = await server.ports.storage.findSession(other.orgId, other.sessionId);
    expect(others?.revokedAt).toBe(null);
  });

  test('of another organization is refused there, with and without its key', async () => {
    const { server, session } = one;
    const foreign = await server.createOrganization();
    const { sessionTokens, clock } = server.ports;
    const claims = await sessionTokens.verify(session, clock.now());
    if (claims === null) {
      throw new Error('the session was refused');
    }
    const kid = sessionTokens.currentKeyId(clock.now());
    const token = sessionTokens.sign(kid, { ...claims, ...NO_STANDING, orgId: foreign.orgId }, null);
    for (const key of [foreign.apiKey, '']) {
      expect((await new Backend(server.httpAddress, key).validate(EMAIL, token)).outcome).toBe('SESSION_REVOKED');
    }
  });
});

test('T4: nobody is called for a key that a token offers, by whatever name its header has for that', async () => {
  const { backend, session } = one;
  let callers = 0;
  const offering = createServer((socket) => {
    callers += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => offering.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void offering.close());
  const url = `http://127.0.0.1:${(offering.address() as AddressInfo).port}/jwks.json`;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [header, payload] = session
    .split('.')
    .slice(0, 2)
    .map((part) => Buffer.from(part, 'base64url').toString());
  const offers = [
    ...['jku', 'x5u', 'jwks_uri', 'url', 'kid', 'iss'].map((name) => ({ [name]: url })),
    { jwk: publicKey.export({ format: 'jwk' }) },
    { jku: url, x5u: url, crit: ['jku'] },
  ];
  for (const offer of offers) {
    const made = { ...JSON.parse(header ?? ''), ...offer };
    const signed = [JSON.stringify(made), payload ?? '']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.');
    const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const token = `${signed}.${signature.toString('base64url')}`;
    expect((await backend.validate(EMAIL, token)).outcome, Object.keys(offer).join()).toBe('SESSION_INVALID');
    expect((await backend.logout(EMAIL, token)).outcome).toBe('SESSION_INVALID');
  }
  expect(callers).toBe(0);
});

test('a crowd of forged tokens leaves the event loop to others: it goes on between the checks of their signatures', async () => {
  await using server = await startTestServer();
  const { apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  const email = 'crowd@example.com';
  expect((await backend.signUp(email)).outcome).toBe('OK');
  const token = (await backend.login(email)).field('token');
  const forged = Array.from({ length: 480 }, () => {
    const signature = randomBytes(64).toString('base64url');
    return `${token.slice(0, token.lastIndexOf('.'))}.${signature}`;
  });
  const { sessionTokens, clock } = server.ports;
  let turns = 0;
  let isOver = false;
  const counting = (async () => {
    while (!isOver) {
      await nextTurn();
      turns += 1;
    }
  })();
  const verdicts = await Promise.all(forged.map((other) => sessionTokens.verify(other, clock.now())));
  isOver = true;
  await counting;
  expect(verdicts.filter((claims) => claims !== null)).toEqual([]);
  expect(turns).toBeGreaterThanOrEqual(480 / 16 - 1);
});
