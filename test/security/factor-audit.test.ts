import { expect, test, vi } from 'vitest';
import type { AuditEvent, AuditEventType } from '../../src/domain/audit/audit-event.ts';
import { MOST_WRONG_CODES } from '../../src/domain/second-factors/challenge.ts';
import type { TestServer } from '../support/running-server.ts';
import { Backend, PASSWORD, send, serverOfTest } from './backend.ts';
import { challengeOf, codesOf, enrolledUser, mailTokenOf, proveAddress } from './factor-user.ts';

const EMAIL = 'ada@example.com';

/** The events of a kind, once there are so many: those of refused calls are written within a second. */
async function eventsOf({ ports }: TestServer, type: AuditEventType, count = 1): Promise<readonly AuditEvent[]> {
  const filter = { orgId: null, userId: null, type, from: null, to: null, after: null, limit: 1_000 };
  const found = async () => (await ports.storage.listAuditEvents(filter)).events;
  await vi.waitUntil(async () => (await found()).length >= count, { timeout: 120_000 });
  return found();
}

test('W12: what is done with a second factor is on record, in the name of who did it', async () => {
  const server = await serverOfTest();
  const { orgId, apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  const user = await enrolledUser(backend, EMAIL);
  const { userId, session, app } = user;
  await proveAddress(server, orgId, userId);
  const own = { orgId, userId, actor: 'token_key', reason: null };
  expect(await eventsOf(server, 'user.second_factor_enabled')).toMatchObject([own]);

  const challenge = await challengeOf(backend, EMAIL);
  expect(await eventsOf(server, 'login.challenged')).toMatchObject([{ ...own, details: { kind: 'second_factor' } }]);
  await backend.call('2fa/verify-2fa', { challenge, code: app.wrong() });
  const failed = await eventsOf(server, 'user.second_factor_failed');
  expect(failed).toMatchObject([{ userId, reason: 'CODE_INVALID' }]);
  const [first = '', second = ''] = user.recoveryCodes;
  await backend.call('2fa/verify-recovery', { challenge, recovery_code: first });
  expect(await eventsOf(server, 'user.recovery_code_used')).toMatchObject([{ ...own, details: { left: 9 } }]);

  const proof = { sessionToken: session, email: EMAIL, currentPassword: PASSWORD };
  const replaced = await backend.call('2fa/recovery-codes', { ...proof, code: second });
  expect(await eventsOf(server, 'user.recovery_codes_replaced')).toMatchObject([own]);
  const [fresh = ''] = codesOf(replaced);
  await backend.call('2fa/disable', { ...proof, code: fresh });
  expect(await eventsOf(server, 'user.second_factor_disabled')).toMatchObject([own]);

  await send(server.httpAddress, `/organizations/${orgId}/users/${userId}/reset-second-factor`, {
    body: {},
    headers: { authorization: `Bearer ${server.adminToken}` },
  });
  expect(await eventsOf(server, 'user.second_factor_reset')).toMatchObject([
    { userId, actor: 'administrator', details: { had_factor: false } },
  ]);

  const token = await mailTokenOf(server, { orgId, userId }, 'not_me');
  await fetch(`${server.httpAddress}/account/not-me`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token }),
  });
  expect(await eventsOf(server, 'user.not_me_reported')).toMatchObject([{ userId, actor: 'no_key' }]);
  const secrets = [...user.recoveryCodes, ...codesOf(replaced), user.secret, challenge, token, EMAIL];
  const log = JSON.stringify(await server.ports.storage.readAuditFeed({ after: 0, missing: [], limit: 10_000 }));
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
});

test('W12: the wrong code that closes an account to codes is on record, once', async () => {
  const server = await serverOfTest();
  const { apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  const { userId, app } = await enrolledUser(backend, EMAIL);
  let challenge = '';
  for (let tried = 0; tried < MOST_WRONG_CODES + 3; tried += 1) {
    challenge = tried % 5 === 0 ? await challengeOf(backend, EMAIL) : challenge;
    await backend.call('2fa/verify-2fa', { challenge, code: app.wrong() });
  }
  expect(await eventsOf(server, 'user.second_factor_locked')).toMatchObject([{ userId, reason: null }]);
});
