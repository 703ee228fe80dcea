import { expect, test, vi } from 'vitest';
import { HARD_LOCK_AT } from '../../src/domain/auth/tries.ts';
import { disableUser } from '../support/asked.ts';
import { freshPage } from '../support/fresh-page.ts';
import type { TestServer } from '../support/running-server.ts';
import { Backend, send, serverOfTest } from './backend.ts';

const STRICT = { profile: 'strict', apiKeyClaim: 'id', isApiKeyClaimChosen: true, passwordPolicy: 'nist' } as const;
const PASSWORD = 'a fine day for engines';
const WRONG = 'a foul day for engines';

/** What tells of the machine and of time, not of whom a call names: the buckets are of callers, and fill up by themselves. */
const OF_THE_MACHINE =
  /^(?:#|$|process_|nodejs_|authflow_(?:call_duration|event_loop|process|rate_limit_buckets|store_))/;

/** Every number that `/metrics` shows anybody, by its series. */
async function numbersOf({ httpAddress }: TestServer): Promise<ReadonlyMap<string, number>> {
  const page = await freshPage(async () => (await send(httpAddress, '/metrics', { method: 'GET' })).text);
  const lines = page.split('\n').filter((line) => !OF_THE_MACHINE.test(line));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

/** Failures until one more locks for good, past the product's own waits, for which there is no time. */
async function failUntilTheLast({ ports }: TestServer, orgId: string, email: string, failed = 0): Promise<void> {
  const { storage, rules, ids, clock } = ports;
  const epoch = (await storage.readStoreIdentity())?.epoch ?? '';
  const lock = { ...rules.lock, lockMaxMs: 0 };
  const userId = (await storage.findUserByEmail(orgId, email))?.userId ?? null;
  for (let failures = failed + 1; failures < HARD_LOCK_AT.private_key; failures += 1) {
    const at = clock.now();
    const nonce = { nonceId: ids.uuidV4(), keepUntil: at, epoch };
    const said = { callerClass: 'private_key', device: null, hidesUsers: true, part: 1, lock, at } as const;
    const begun = await storage.beginLogin({ tenant: { orgId, keyId: null }, email, nonce, ...said });
    expect(begun).toMatchObject({ outcome: 'begun' });
    const ended = { countedAs: 'private_key', endId: ids.uuidV4(), sessionId: null, end: 'failed' } as const;
    await storage.endTry({ orgId, email, userId, lock, at, ...ended });
  }
}

async function scene() {
  const server = await serverOfTest({ settings: STRICT });
  const { orgId, apiKey } = await server.createOrganization();
  const backend = new Backend(server.httpAddress, apiKey);
  const [known, disabled, nobody] = ['known@example.com', 'disabled@example.com', 'nobody@example.com'] as const;
  const knownId = (await backend.signUp(known, PASSWORD)).field('user_id');
  const disabledId = (await backend.signUp(disabled, PASSWORD)).field('user_id');
  await disableUser(server.ports, { orgId, user: disabledId });
  return { server, orgId, backend, known, disabled, nobody, userIds: [knownId, disabledId] };
}

test('A2: /metrics and answers tell no more of a known user than of nobody, from the first failure to the lock for good', async () => {
  const { server, orgId, backend, known, disabled, nobody } = await scene();

  /** What one login is answered, and what it changes in the metrics. */
  async function shown(email: string, password: string) {
    const foobar = await backend.nonce(email);
    const before = await numbersOf(server);
    const { status, text } = await backend.call('login', { foobar, email, password });
    const changes = [...(await numbersOf(server))].filter(([series, value]) => value !== (before.get(series) ?? 0));
    return { status, text, changes: changes.map(([series, value]) => [series, value - (before.get(series) ?? 0)]) };
  }

  async function story(email: string, password: string) {
    const first = await shown(email, password);
    await failUntilTheLast(server, orgId, email, 1);
    return { first, last: await shown(email, password), locked: await shown(email, password) };
  }

  const ofKnown = await story(known, WRONG);
  expect(ofKnown).toMatchObject({ first: { status: 401 }, last: { status: 401 }, locked: { status: 429 } });
  const alarm = 'authflow_security_alarms_total{alarm="hard_lock"}';
  expect(ofKnown.last.changes).toEqual(
    expect.arrayContaining([
      ['authflow_hard_locks_total', 1],
      [alarm, 1],
    ]),
  );
  expect(await story(nobody, WRONG)).toEqual(ofKnown);
  expect(await story(disabled, PASSWORD)).toEqual(ofKnown);
});

test('A2: the audit log, which administrators read, says of a lock for good whose it is, or that there is no such user', async () => {
  const { server, orgId, backend, known, disabled, nobody, userIds } = await scene();
  for (const email of [known, disabled, nobody]) {
    await failUntilTheLast(server, orgId, email);
    expect((await backend.login(email, WRONG)).outcome).toBe('CREDENTIALS_INVALID');
  }
  const locks = async () => {
    const filter = { orgId, userId: null, type: 'user.hard_locked', from: null, to: null, after: null } as const;
    const { events } = await server.ports.storage.listAuditEvents({ ...filter, limit: 10 });
    return events.map(({ userId, reason }) => [userId, reason]);
  };
  await vi.waitUntil(async () => (await locks()).length >= 3, { timeout: 120_000 });
  expect(await locks()).toEqual([
    [userIds[0], null],
    [userIds[1], null],
    [null, 'USER_NOT_FOUND'],
  ]);
});
