import { expect, onTestFinished, test, vi } from 'vitest';
import type { TimeSources } from '../../src/app/clock.ts';
import type { AuditEventType } from '../../src/domain/audit/audit-event.ts';
import { HARD_LOCK_AT } from '../../src/domain/auth/tries.ts';
import type { TestServer } from '../support/running-server.ts';
import { Backend, send, serverOfTest } from './backend.ts';
import { flood, newOrganization } from './flood.ts';

const EMAIL = 'ada@example.com';
const WRONG = 'Correct-Horse-8';

/** By how much the machine's clock was set, in milliseconds. */
const time = vi.hoisted(() => ({ jumped: 0 }));

vi.mock('../../src/app/clock.ts', async (importOriginal) => {
  const { createClock } = await importOriginal<{ createClock: (sources: TimeSources) => unknown }>();
  const SYSTEM_TIME: TimeSources = { wall: () => Date.now() + time.jumped, monotonic: () => performance.now() };
  return { SYSTEM_TIME, createClock: () => createClock(SYSTEM_TIME) };
});

async function alarms({ httpAddress }: TestServer, alarm: string): Promise<number> {
  const { text } = await send(httpAddress, '/metrics', { method: 'GET' });
  const [, count] = new RegExp(`^authflow_security_alarms_total\\{alarm="${alarm}"\\} (\\d+)$`, 'm').exec(text) ?? [];
  return Number(count);
}

async function eventsOf({ ports }: TestServer, type: AuditEventType) {
  const filter = { orgId: null, userId: null, type, from: null, to: null };
  return (await ports.storage.listAuditEvents({ ...filter, after: null, limit: 100 })).events;
}

test('W12: a lock that only an administrator opens is an alarm and an event, once', async () => {
  const server = await serverOfTest();
  const { orgId, apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  const userId = (await backend.signUp(EMAIL)).field('user_id');
  const { storage, rules, ids, clock } = server.ports;
  const epoch = (await storage.readStoreIdentity())?.epoch ?? '';
  // All but the last of the failures, past the waits between them, for which there is no time.
  const lock = { ...rules.lock, lockMaxMs: 0 };
  for (let failures = 1; failures < HARD_LOCK_AT.token_key; failures += 1) {
    const at = clock.now();
    const nonce = { nonceId: ids.uuidV4(), keepUntil: at, epoch };
    const said = { callerClass: 'token_key', device: null, hidesUsers: false, part: 0, lock, at } as const;
    await storage.beginLogin({ tenant: { orgId, keyId: null }, email: EMAIL, nonce, ...said });
    const endId = ids.uuidV4();
    await storage.endTry({
      orgId,
      email: EMAIL,
      countedAs: 'token_key',
      userId,
      lock,
      endId,
      sessionId: null,
      end: 'failed',
      at,
    });
  }
  expect(await alarms(server, 'hard_lock')).toBe(0);
  expect((await backend.login(EMAIL, WRONG)).outcome).toBe('CREDENTIALS_INVALID');
  expect((await backend.login(EMAIL, WRONG)).outcome).toBe('ACCOUNT_LOCKED');
  await expect.poll(() => alarms(server, 'hard_lock')).toBe(1);
  expect(await eventsOf(server, 'user.hard_locked')).toMatchObject([
    { orgId, userId, actor: 'token_key', address: '127.0.0.1', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  ]);
});

test('W12: a clock that was set is an alarm, an event and a line', async () => {
  onTestFinished(() => {
    time.jumped = 0;
  });
  const server = await serverOfTest();
  time.jumped += 600_000;
  await expect.poll(() => alarms(server, 'clock_jump')).toBe(1);
  await expect.poll(async () => (await eventsOf(server, 'clock.jumped')).length).toBe(1);
  const [event] = await eventsOf(server, 'clock.jumped');
  expect(event).toMatchObject({ orgId: null, actor: 'system' });
  expect(Number(event?.details.by_ms)).toBeGreaterThan(590_000);
  expect(server.logLines.filter((line) => line.includes('"clock_jumped"'))).toHaveLength(1);
});

test('W12: a flood that is refused is one alarm, and an event as it begins and as it ends', async () => {
  const server = await serverOfTest({ settings: { bcryptCost: 7 } });
  const { orgId } = await newOrganization(server);
  const strangers = flood(server, { org_id: orgId });
  await expect.poll(() => alarms(server, 'shedding')).toBe(1);
  await strangers.end();
  const { testStore } = server;
  await server.stop();
  const connection = await testStore.connect();
  const rows = await connection.query<{ type: string; org_id: string | null }>(
    `SELECT type, org_id FROM audit_events WHERE type LIKE 'shedding.%' ORDER BY type`,
  );
  await connection.close();
  expect(rows.map(({ type }) => type)).toEqual(['shedding.began', 'shedding.ended']);
});
