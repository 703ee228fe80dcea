import { describe, expect, test } from 'vitest';
import { hasExpired } from '../../src/domain/auth/session.ts';
import type { SessionClaims } from '../../src/domain/ports.ts';
import { closeOrganization, deleteUser, logout, validate } from '../support/asked.ts';
import { NO_STANDING } from '../support/no-standing.ts';
import { NOBODY, outcomeOf, rulesStand, type SignedUp, sessionInput } from './rules.ts';

const stand = rulesStand();

describe('a live session', () => {
  test('is answered from its row', async () => {
    const user = await stand.newUser();
    const { token, expiresAt } = await stand.logIn(user);
    expect(await validate(stand.ports, sessionInput(user, token))).toEqual({
      email: user.email,
      fullname: 'Ada Lovelace',
      orgId: user.orgId,
      userId: user.userId,
      sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      createdAt: expect.any(Number),
      expiresAt,
      revokedAt: null,
      roles: [],
      emailVerified: false,
      actor: null,
      lastUsedAt: null,
    });
  });

  test('is asked for with the key, with org_id, with both, or with neither', async () => {
    const session = await stand.newSession(await stand.newUser());
    const { orgId } = await validate(stand.ports, session);
    for (const named of [{}, { apiKey: '', orgId }, { orgId }, { apiKey: '' }, { orgId: orgId.toUpperCase() }]) {
      expect(await outcomeOf(validate(stand.ports, { ...session, ...named }))).toBe('OK');
    }
  });

  test('is asked for with its e-mail in any spelling', async () => {
    const session = await stand.newSession(await stand.newUser());
    const email = ` ${session.email.toUpperCase()}`;
    expect(await outcomeOf(validate(stand.ports, { ...session, email }))).toBe('OK');
  });

  test('is not asked for by nobody where organizations sign up freely', async () => {
    const session = await stand.newSession(await stand.newUser());
    const ports = { ...stand.ports, rules: { ...stand.ports.rules, openSignup: true } };
    expect(await outcomeOf(validate(ports, { ...session, apiKey: '' }))).toBe('INVALID_ARGUMENT api_key');
    expect(await outcomeOf(validate(ports, session))).toBe('OK');
  });
});

describe('SESSION_INVALID', () => {
  test("is another e-mail's or another organization's", async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    const other = await stand.newUser(undefined, user.email);
    for (const change of [
      { email: stand.newEmail() },
      { apiKey: other.apiKey },
      { apiKey: '', orgId: other.orgId },
    ] as const) {
      expect(await outcomeOf(validate(stand.ports, { ...session, ...change }))).toBe('SESSION_INVALID');
    }
  });

  test('is what is no session token of ours', async () => {
    const session = await stand.newSession(await stand.newUser());
    const nonce = await stand.nonce(session.email);
    const forged = `${session.sessionToken.slice(0, -5)}AAAAA`;
    for (const sessionToken of ['x', nonce, forged, ` ${session.sessionToken}`, `${session.sessionToken}\n`]) {
      expect(await outcomeOf(validate(stand.ports, { ...session, sessionToken }))).toBe('SESSION_INVALID');
    }
  });

  test("is a well-signed token whose user, organization or e-mail is not its row's", async () => {
    const user = await stand.newUser();
    const other = await stand.newUser(user);
    const abroad = await stand.newUser();
    const claims = await claimsOf(user);
    const outcome = (asked: SignedUp, change: Partial<SessionClaims>) =>
      outcomeOf(validate(stand.ports, sessionInput(asked, signed({ ...claims, ...change }))));
    expect(await outcome(user, {})).toBe('OK');
    expect(await outcome(user, { userId: other.userId })).toBe('SESSION_INVALID');
    expect(await outcome(other, { email: other.email })).toBe('SESSION_INVALID');
    // A row is looked for in the token's organization, where there is none.
    expect(await outcome({ ...abroad, email: user.email }, { orgId: abroad.orgId })).toBe('SESSION_REVOKED');
  });
});

describe('SESSION_EXPIRED and SESSION_REVOKED', () => {
  test('a session lives until its expiry, and not in that very moment', async () => {
    const user = await stand.newUser();
    const { token, expiresAt } = await stand.logIn(user);
    const at = (now: number) =>
      outcomeOf(validate({ ...stand.ports, clock: { now: () => now } }, sessionInput(user, token)));
    expect(await at(expiresAt - 1)).toBe('OK');
    expect(await at(expiresAt)).toBe('SESSION_EXPIRED');
    const claims = await claimsOf(user);
    expect(hasExpired(claims, claims.expiresAtSeconds * 1000)).toBe(true);
    expect(hasExpired(claims, claims.expiresAtSeconds * 1000 - 1)).toBe(false);
  });

  test('the row decides: one that ends earlier than its token has expired then', async () => {
    const user = await stand.newUser();
    const claims = await claimsOf(user);
    const token = signed({ ...claims, expiresAtSeconds: claims.expiresAtSeconds + 60 });
    const ports = { ...stand.ports, clock: { now: () => claims.expiresAtSeconds * 1000 } };
    expect(await outcomeOf(validate(ports, sessionInput(user, token)))).toBe('SESSION_EXPIRED');
  });

  test('a session that has ended, or whose row is gone', async () => {
    const ended = await stand.newSession(await stand.newUser());
    await logout(stand.ports, ended);
    expect(await outcomeOf(validate(stand.ports, ended))).toBe('SESSION_REVOKED');
    const user = await stand.newUser();
    const gone = await stand.newSession(user);
    await deleteUser(stand.ports, { orgId: user.orgId, user: user.userId });
    expect(await outcomeOf(validate(stand.ports, gone))).toBe('SESSION_REVOKED');
  });

  test('a closed organization: told by what the caller names it', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    await closeOrganization(stand.ports, { orgId: user.orgId });
    expect(await outcomeOf(validate(stand.ports, session))).toBe('API_KEY_INVALID');
    expect(await outcomeOf(validate(stand.ports, { ...session, apiKey: '', orgId: user.orgId }))).toBe(
      'ORGANIZATION_NOT_FOUND',
    );
    expect(await outcomeOf(validate(stand.ports, { ...session, apiKey: '' }))).toBe('SESSION_REVOKED');
  });

  test('of several reasons the first that applies: invalid, expired, revoked', async () => {
    const session = await stand.newSession(await stand.newUser());
    await logout(stand.ports, session);
    const later = { ...stand.ports, clock: { now: () => stand.now + stand.ports.rules.sessionTtlSeconds * 1000 } };
    expect(await outcomeOf(validate(later, { ...session, email: stand.newEmail() }))).toBe('SESSION_INVALID');
    expect(await outcomeOf(validate(later, session))).toBe('SESSION_EXPIRED');
    expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_REVOKED');
  });
});

describe('the order of checks', () => {
  test('parameters, all at once', async () => {
    const input = { sessionToken: '', email: 'x', orgId: 'x', apiKey: 'af_wrong' };
    expect(await outcomeOf(validate(stand.ports, input))).toBe('INVALID_ARGUMENT sessionToken email org_id');
  });

  test('then the key, then the session', async () => {
    const session = { ...(await stand.newSession(await stand.newUser())), sessionToken: 'x' };
    expect(await outcomeOf(validate(stand.ports, { ...session, apiKey: 'af_wrong' }))).toBe('API_KEY_INVALID');
    expect(await outcomeOf(validate(stand.ports, { ...session, apiKey: '', orgId: NOBODY }))).toBe(
      'ORGANIZATION_NOT_FOUND',
    );
    expect(await outcomeOf(validate(stand.ports, session))).toBe('SESSION_INVALID');
  });
});

async function claimsOf(user: SignedUp): Promise<SessionClaims> {
  const { token } = await stand.logIn(user);
  const claims = await stand.ports.sessionTokens.verify(token, stand.now);
  if (claims === null) {
    throw new Error('a token of ours has claims');
  }
  return claims;
}

function signed(claims: SessionClaims): string {
  const { sessionTokens } = stand.ports;
  return sessionTokens.sign(
    sessionTokens.currentKeyId(stand.now),
    { ...claims, ...NO_STANDING, actor: claims.actor },
    null,
  );
}
