import { describe, expect, test } from 'vitest';
import { MAX_CLOCK_SKEW_MS } from '../../src/domain/clock-skew.ts';
import type { Ports } from '../../src/domain/ports.ts';
import {
  changePassword,
  closeOrganization,
  disableUser,
  logout,
  me,
  renewSession,
  reopenOrganization,
  validate,
} from '../support/asked.ts';
import { STRICT } from '../support/rules.ts';
import { CALL, NOBODY, outcomeOf, PASSWORD, rulesStand, sessionInput } from './rules.ts';

const stand = rulesStand();
const SECOND = 1_000;
const DAY = 86_400 * SECOND;

/** The same ports, later. */
function later(ms: number): Ports {
  const { now } = stand.ports.clock;
  return { ...stand.ports, clock: { now: () => now() + ms } };
}

describe('a session that is renewed', () => {
  test('lasts a lifetime from then on by a new token of its own; the older one is good until its own end', async () => {
    const user = await stand.newUser();
    const { token, expiresAt } = await stand.logIn(user);
    const old = sessionInput(user, token);
    const before = await validate(stand.ports, old);
    const afterTwoDays = later(2 * DAY);
    const renewed = await renewSession(afterTwoDays, old);
    expect(renewed).toEqual({
      token: expect.any(String),
      expiresAt: expect.any(Number),
      email: user.email,
      fullname: 'Ada Lovelace',
      orgId: user.orgId,
      userId: user.userId,
    });
    expect(Math.abs(renewed.expiresAt - expiresAt - 2 * DAY)).toBeLessThan(MAX_CLOCK_SKEW_MS);
    const fresh = { ...old, sessionToken: renewed.token };
    const { sessionId } = before;
    expect(await validate(afterTwoDays, fresh)).toMatchObject({ sessionId, expiresAt: renewed.expiresAt });
    expect(await validate(afterTwoDays, old)).toMatchObject({ sessionId, expiresAt });
    expect(await me(afterTwoDays, old)).toMatchObject({ sessionId, expiresAt });
    const after = later(8 * DAY);
    expect(await outcomeOf(validate(after, old))).toBe('SESSION_EXPIRED');
    expect(await outcomeOf(validate(after, fresh))).toBe('OK');
    expect(await outcomeOf(renewSession(after, old))).toBe('SESSION_EXPIRED');
    expect(await outcomeOf(renewSession(after, fresh))).toBe('OK');
  });

  test('keeps its end where it was opened a moment ago, and its new token says so', async () => {
    const user = await stand.newUser();
    const { token, expiresAt } = await stand.logIn(user);
    const renewed = await renewSession(later(60 * SECOND), sessionInput(user, token));
    expect(renewed.expiresAt).toBe(expiresAt);
    expect(renewed.token).not.toBe(token);
    expect(await validate(stand.ports, sessionInput(user, renewed.token))).toMatchObject({ expiresAt });
  });

  test('lives no longer than 30 days after its login, whatever renews it', async () => {
    const user = await stand.newUser();
    const first = await stand.logIn(user);
    const start = first.expiresAt - 7 * DAY;
    let { token, expiresAt } = first;
    for (let day = 1; expiresAt > start + day * DAY; day += 1) {
      ({ token, expiresAt } = await renewSession(later(day * DAY), sessionInput(user, token)));
    }
    expect(expiresAt).toBe(start + 30 * DAY);
  });

  test('is ended by a token that has expired meanwhile', async () => {
    const user = await stand.newUser();
    const old = await stand.newSession(user);
    const fresh = { ...old, sessionToken: (await renewSession(later(2 * DAY), old)).token };
    const afterItsEnd = later(8 * DAY);
    expect(await outcomeOf(validate(afterItsEnd, fresh))).toBe('OK');
    expect(await outcomeOf(logout(afterItsEnd, { ...old, email: stand.newEmail() }))).toBe('SESSION_INVALID');
    expect(await outcomeOf(validate(afterItsEnd, fresh))).toBe('OK');
    expect(await outcomeOf(logout(afterItsEnd, old))).toBe('OK');
    expect(await outcomeOf(validate(afterItsEnd, fresh))).toBe('SESSION_REVOKED');
    expect(await outcomeOf(renewSession(afterItsEnd, fresh))).toBe('SESSION_REVOKED');
  });

  test('says what the user has now, and the version of the password that opened it', async () => {
    const user = await stand.newUser();
    const old = await stand.newSession(user);
    await changePassword(stand.ports, { ...old, newPassword: 'Another-Horse-8', currentPassword: PASSWORD }, CALL);
    await stand.query(
      `UPDATE users SET roles = 'admin billing', email_verified_at = 1 WHERE user_id = '${user.userId}'`,
    );
    const { token } = await renewSession(stand.ports, old);
    expect(payloadOf(old.sessionToken)).toMatchObject({ roles: [], email_verified: false, credential_version: 1 });
    expect(payloadOf(token)).toMatchObject({
      roles: ['admin', 'billing'],
      email_verified: true,
      credential_version: 1,
      sid: payloadOf(old.sessionToken).sid,
    });
    expect(payloadOf((await stand.logIn(user, 'Another-Horse-8')).token)).toMatchObject({
      roles: ['admin', 'billing'],
      email_verified: true,
      credential_version: 2,
    });
  });

  test('is refused in the order of the contract, and needs its organization named', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    const outcome = (changes: Partial<typeof session>, ports = stand.ports) =>
      outcomeOf(renewSession(ports, { ...session, ...changes }));
    expect(await outcome({ sessionToken: '', email: '', apiKey: '' })).toBe(
      'INVALID_ARGUMENT api_key sessionToken email',
    );
    expect(await outcome({ apiKey: '', orgId: user.orgId })).toBe('OK');
    expect(await outcome({ apiKey: '', orgId: NOBODY })).toBe('ORGANIZATION_NOT_FOUND');
    expect(await outcome({ apiKey: 'af_wrong', sessionToken: 'x' })).toBe('API_KEY_INVALID');
    expect(await outcome({ sessionToken: 'x' })).toBe('SESSION_INVALID');
    expect(await outcome({ apiKey: (await stand.newTenant()).apiKey })).toBe('SESSION_INVALID');
    const strict = { ...stand.ports, rules: STRICT };
    expect(await outcome({ apiKey: '', orgId: user.orgId }, strict)).toBe('INVALID_ARGUMENT api_key');
    expect(await outcome({}, strict)).toBe('OK');
    await disableUser(stand.ports, { orgId: user.orgId, user: user.userId });
    expect(await outcome({})).toBe('SESSION_REVOKED');
  });

  test('that was ended while it was written is told as a fresh call would be', async () => {
    const user = await stand.newUser();
    const session = await stand.newSession(user);
    const { storage } = stand.ports;
    const ports = (happens: () => Promise<unknown>): Ports => ({
      ...stand.ports,
      storage: {
        ...storage,
        async renewSession(renewal) {
          await happens();
          return storage.renewSession(renewal);
        },
      },
    });
    const close = () => closeOrganization(stand.ports, { orgId: user.orgId });
    expect(await outcomeOf(renewSession(ports(close), session))).toBe('API_KEY_INVALID');
    await reopenOrganization(stand.ports, { orgId: user.orgId });
    const again = await stand.newSession(user);
    expect(
      await outcomeOf(
        renewSession(
          ports(() => logout(stand.ports, again)),
          again,
        ),
      ),
    ).toBe('SESSION_REVOKED');
  });
});

function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
